"""The page of explained lists: one HTML file that needs no network, whose data no browser can take for code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_curec.data.evidence import LEVELS
from recbole_curec.explanations.console import HISTORY_LEFT_OUT, metric_title
from recbole_curec.explanations.explained import ExplainedItem, ExplainedLists, ExplainedUser
from recbole_curec.explanations.facts_text import FACT_FORMS, correction_words, moved_words, statement_words
from recbole_curec.offline_page import offline_page
from recbole_curec.terminal import printable
from recbole_curec.version import __version__

# Characters of an id, a title or a reason that are shown.
_LONGEST, _LONGEST_DRAFT = 600, 300
# Items of a history that are shown: the latest.
_HISTORY = 50
_DIGITS = 3


def page(lists: ExplainedLists) -> str:
    """The page as HTML.

    Users, items and reasons are data in it (JSON), which its script shows as text.

    Args:
        lists: What is shown.
    """
    return offline_page(
        __package__,
        "page",
        title=_shown(f"{lists.model} on {lists.dataset}"),
        n_users=len(lists.users),
        version=__version__,
        data=_data(lists),
    )


def _data(lists: ExplainedLists) -> dict[str, Any]:
    """What the script shows; texts stand once, in a table that everything refers to by number."""
    texts = _Texts()
    others = list(dict.fromkeys(role for user in lists.users for role in user.others))
    items = [item for user in lists.users for item in user.items]
    rewards = list(items[0].record.rewards) if items else []
    names = _Names(lists.sources, others, rewards)
    return {
        "model": _shown(lists.model),
        "sources": list(lists.sources),
        "others": others,
        "rewards": rewards,
        "depth": max((item.depth for item in items), default=0),
        "forms": [list(forms) for forms in FACT_FORMS.values()],
        "levels": list(LEVELS),
        "models": [
            {
                "name": _shown(model.name),
                "explained": model.explained,
                "test": _metrics(model.test) | _metrics(model.test_without_history, f", {HISTORY_LEFT_OUT}"),
            }
            for model in lists.models
        ],
        "users": [_user(user, names, texts) for user in lists.users],
        "texts": texts.texts,
    }


def _metrics(measured: Mapping[str, float], how: str = "") -> dict[str, float]:
    return {metric_title(metric) + how: round(value, 4) for metric, value in measured.items()}


@dataclass(frozen=True)
class _Names:
    """What the numbers of an item are of, in their order."""

    sources: Sequence[str]
    others: Sequence[str]
    rewards: Sequence[str]


class _Texts:
    """Numbers texts, so that each is written once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        shown = _shown(text)
        if shown not in self._numbers:
            self._numbers[shown] = len(self.texts)
            self.texts.append(shown)
        return self._numbers[shown]


def _user(user: ExplainedUser, names: _Names, texts: _Texts) -> dict[str, Any]:
    ranks = {one.item: one.rank for one in user.items}
    return {
        "id": _shown(user.user),
        "history": [texts.number(title) for title in user.history[-_HISTORY:]],
        "taken": len(user.history),
        "items": [_item(one, names, texts) for one in user.items],
        "others": [
            [[texts.number(one.title), ranks.get(one.item)] for one in user.others.get(role, ())]
            for role in names.others
        ],
    }


def _item(one: ExplainedItem, names: _Names, texts: _Texts) -> dict[str, Any]:
    record, kinds = one.record, list(FACT_FORMS)
    facts = record.evidence.facts
    failed = (
        {}
        if record.failure is None
        else {"fault": _shown(record.failure), "draft": _shown(record.draft, _LONGEST_DRAFT)}
    )
    return {
        "id": _shown(one.item),
        "title": texts.number(one.title),
        "rank": one.rank,
        "score": round(one.score, _DIGITS),
        "parts": [round(one.sources[name], _DIGITS) for name in (*names.sources, "base") if name in one.sources],
        "ranks": [one.elsewhere.get(role) for role in names.others],
        "cold": one.is_cold,
        "taken": one.taken,
        "reason": _shown(record.text),
        "facts": [
            [kinds.index(fact.kind), texts.number(fact.name), fact.count, LEVELS.index(fact.level)] for fact in facts
        ],
        "statements": [_shown(statement_words(one)) for one in record.evidence.statements],
        "outcome": record.outcome,
        "checks": texts.number(correction_words(record)),
        "rewards": [round(record.rewards[name], _DIGITS) for name in names.rewards],
        **({} if one.moved is None else {"moved": moved_words(one.moved)}),
        **failed,
    }


def _shown(text: str, longest: int = _LONGEST) -> str:
    """Untrusted text in one line of limited length, with control and direction characters escaped."""
    line = " ".join(printable(text).split())
    return line if len(line) <= longest else f"{line[:longest]}…"
