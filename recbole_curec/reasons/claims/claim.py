"""Claims of a reason, and faults: claims that no fact of the evidence holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from recbole_curec.data.evidence import Level

# What a claim says: the user took an item; the user favours an attribute; the target has an attribute; others take an
# item with the target; how widely the target is taken.
ClaimKind = Literal["took", "favours", "is", "company", "popularity"]
FaultKind = Literal[
    "title", "attribute", "preference", "history", "company", "strength", "popularity", "quote", "negation", "rating",
    "number", "time", "place", "opinion", "user", "content", "grammar",
]  # fmt: skip
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass(frozen=True)
class Claim:
    """One statement of a reason about the user, the target or other users.

    Attributes:
        kind: What it says.
        about: The item name, the attribute label, or the word of popularity.
        words: The words that say it.
        level: How strong it says the fact is; None if it does not say.
        is_label: Whether it is about an attribute label instead of an item.
        reach: How widely it says that the target is taken, as in
            :data:`~recbole_curec.reasons.claims.lexicon.POPULARITY`; 0 if its words or its level say it.
        fits: Whether the target is only said to go well with an item ("it would sit well beside it"), for which it is
            enough that the user has the item.
    """

    kind: ClaimKind
    about: str
    words: str
    level: Level | None = None
    is_label: bool = False
    reach: int = 0
    fits: bool = False


@dataclass(frozen=True)
class Fault:
    """A claim that no fact holds.

    Attributes:
        kind: What is wrong.
        words: The words that claim it.
        about: The item name or attribute label of the claim; empty if it has none.
    """

    kind: FaultKind
    words: str
    about: str = ""


# What is missing, by kind; {about} is the name or label.
_MISSING: dict[FaultKind, str] = {
    "title": "is not in the facts",
    "attribute": "no fact says that the target is {about}",
    "preference": "no fact says that the user favours {about}",
    "history": "{about} is not in the history",
    "company": "no fact says that others take {about} with the target",
    "strength": "the fact about {about} is weaker",
    "popularity": "the fact about popularity says otherwise",
    "quote": "is no quotation of the facts, or not of those who are said to have written it",
    "negation": "no fact says what is not so",
    "rating": "no fact holds a rating",
    "number": "no fact holds this number",
    "time": "no fact says when",
    "place": "no fact says where",
    "opinion": "no fact holds the opinion of others",
    "user": "no fact says this of the user",
    "content": "no fact says this of the target",
    "grammar": "is no English",
}


def explain_fault(fault: Fault) -> str:
    """The words of a fault in quotes, and which fact is missing; one line for a prompt or a report."""
    missing = _MISSING[fault.kind].format(about=f'"{fault.about}"')
    joined = " " if fault.kind in ("title", "quote", "grammar") else ": "
    return f'"{fault.words}"{joined}{missing}'
