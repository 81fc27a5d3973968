"""Agreement of a judge with people who compared the same explanations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recbole_curec.errors import ConfigurationError, in_one_line
from recbole_curec.evaluation.annotation.report import FORMAT
from recbole_curec.evaluation.judging.comparisons import Comparison
from recbole_curec.evaluation.judging.verdicts import Outcome
from recbole_curec.reasons.claim_judge import Agreement

# Preferences of people by user and item: hashes of both texts, and which of them the majority prefers.
People = dict[tuple[str, str], tuple[tuple[str, str], int | None]]
_PLACES: dict[Outcome, int] = {"first": 0, "second": 1}


@dataclass(frozen=True)
class AgreementWithPeople:
    """Judge and people on the same pairs.

    Attributes:
        agreement: Where both decided.
        undecided: Pairs that both saw and one of them left undecided.
        other_texts: Pairs that people judged with other texts than these.
    """

    agreement: Agreement
    undecided: int
    other_texts: int

    def record(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "pairs": len(self.agreement.pairs),
            "share": self.agreement.share,
            "kappa": self.agreement.kappa,
            "undecided": self.undecided,
            "other_texts": self.other_texts,
        }

    def __str__(self) -> str:
        """The agreement in words."""
        rest = f"{self.undecided:,} left undecided by one of them, {self.other_texts:,} with other texts"
        if self.agreement.share is None:
            return f"no pair decided by both; {rest}"
        kappa = "not defined" if self.agreement.kappa is None else f"{self.agreement.kappa:z.2f}"
        return f"{self.agreement.share:.1%} of {len(self.agreement.pairs):,} pairs, Cohen's kappa {kappa}; {rest}"


def read_people(path: Path) -> People:
    """The preferences in a file that ``curec annotate read --output`` wrote.

    Raises:
        ConfigurationError: The file does not exist, or is none of these.
    """
    if not path.is_file():
        raise ConfigurationError(f"people: '{path}' is no file: give what `curec annotate read --output` wrote.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise KeyError("format")
        found: People = {}
        for row in content["pairs"]:
            first, second = map(str, row["texts"])
            if row["preferred"] not in (0, 1, None):
                raise KeyError("preferred")
            found[str(row["user"]), str(row["item"])] = ((first, second), row["preferred"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigurationError(
            f"people: '{path}' is no result of people ({in_one_line(error)}): give what `curec annotate read --output` "
            "wrote."
        ) from error
    return found


def agreement_with_people(
    people: People, comparisons: Sequence[Comparison], outcomes: Sequence[Outcome]
) -> AgreementWithPeople:
    """Compare verdicts with what people prefer, by the texts themselves, whatever the sets are named.

    Args:
        people: Preferences of people.
        comparisons: Comparisons of the sets.
        outcomes: The judge's outcome of each.
    """
    pairs, undecided, other = [], 0, 0
    for one, outcome in zip(comparisons, outcomes, strict=True):
        if (one.pair.user, one.pair.item) not in people:
            continue
        texts, preferred = people[one.pair.user, one.pair.item]
        ours = one.pair.text_hashes()
        if set(ours) != set(texts):
            other += 1
        elif preferred is None or outcome not in _PLACES:
            undecided += 1
        else:
            pairs.append((ours[0] == texts[preferred], outcome == "first"))
    return AgreementWithPeople(Agreement(pairs), undecided, other)
