"""What the pages of explanations hold as data: texts that are only text, reviews, and the metrics of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recbole_curec.explanations.console import HISTORY_LEFT_OUT, metric_title
from recbole_curec.explanations.explained import ComparedModel
from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.terminal import printable

# Characters of an id, a title or a reason that are shown, and of one quotation.
_LONGEST, _LONGEST_QUOTE = 600, 160
# Items of a history that are shown: the latest.
HISTORY_SHOWN = 50
DIGITS = 3


def shown(text: str, longest: int = _LONGEST) -> str:
    """Untrusted text in one line of limited length, with control and direction characters escaped."""
    line = " ".join(printable(text).split())
    return line if len(line) <= longest else f"{line[:longest]}…"


class Texts:
    """Numbers texts, so that each is written once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text in :attr:`texts`, where it stands as it is shown."""
        found = shown(text)
        if found not in self._numbers:
            self._numbers[found] = len(self.texts)
            self.texts.append(found)
        return self._numbers[found]


class Reviews:
    """Numbers reviews, so that each is written once.

    Args:
        texts: Where their users and items are named.
        titles: Title by original item id; an item without one is called by its id.
    """

    def __init__(self, texts: Texts, titles: Mapping[str, str]) -> None:
        self.rows: list[list[Any]] = []
        self._texts, self._titles = texts, titles
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, review: QuotedReview) -> int:
        """The number of a review in :attr:`rows`; a user has one of an item."""
        pair = (review.user, review.item)
        if pair not in self._numbers:
            self._numbers[pair] = len(self.rows)
            self.rows.append(self._row(review))
        return self._numbers[pair]

    def _row(self, review: QuotedReview) -> list[Any]:
        quoted = [[shown(quote, _LONGEST_QUOTE) for quote in quotes] for quotes in (review.praise, review.blame)]
        return [
            self._texts.number(review.user),
            self._texts.number(self._titles.get(review.item) or review.item),
            review.rating,
            review.date,
            *quoted,
            # How it begins is shown only where nothing is quoted.
            "" if any(quoted) else shown(review.beginning, _LONGEST_QUOTE),
        ]


def models_data(models: Sequence[ComparedModel]) -> list[dict[str, Any]]:
    """The models of a run with their test metrics."""
    return [
        {
            "name": shown(model.name),
            "explained": model.explained,
            "test": _metrics(model.test) | _metrics(model.test_without_history, f", {HISTORY_LEFT_OUT}"),
        }
        for model in models
    ]


def _metrics(measured: Mapping[str, float], how: str = "") -> dict[str, float]:
    return {metric_title(metric) + how: round(value, 4) for metric, value in measured.items()}
