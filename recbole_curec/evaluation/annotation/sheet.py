"""A blinded sheet: questions with two unnamed explanations, the answers they can have, and the digests of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from recbole_curec.evaluation.compared_pairs import ComparedPair
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.reasons.prompts import quote

Side = Literal["A", "B"]
SIDES: tuple[Side, Side] = ("A", "B")
TIE = "tie"
PREFERRED = "preferred"
# The usual scales of explanation studies, and what annotators are asked.
SCALES = {
    "faithful": "What it says is true of this item and of this history.",
    "informative": "It says something about the item that helps to decide.",
    "persuasive": "It makes one want to try the item.",
    "personal": "It speaks to this user, not to everybody.",
}
LOWEST, HIGHEST = 1, 5
SHEET, QUESTION, HISTORY, ITEM = "sheet", "question", "history", "item"
TEXTS: dict[Side, str] = {"A": "explanation A", "B": "explanation B"}
# What an annotator reads, which nobody may edit.
CONTENT = (SHEET, QUESTION, HISTORY, ITEM, *TEXTS.values())
_UNKNOWN, _NOTHING = "not known", "nothing"


@dataclass(frozen=True)
class Question:
    """One comparison.

    Attributes:
        name: Its name on the sheet, by chance.
        history: What the user took before, in words.
        item: The item, in words.
        texts: The explanations on the sides A and B.
    """

    name: str
    history: str
    item: str
    texts: tuple[str, str]

    @classmethod
    def about(cls, name: str, pair: ComparedPair, texts: tuple[str, str]) -> Question:
        """A question about a user and an item; the item is quoted, so that no spreadsheet takes it for a number."""
        known = _UNKNOWN if pair.context is None else quote(list(pair.context.history)) or _NOTHING
        return cls(name, known, quote([pair.title]), texts)

    def content(self, sheet: str) -> dict[str, str]:
        """What an annotator reads, by column."""
        return dict(zip(CONTENT, (sheet, self.name, self.history, self.item, *self.texts), strict=True))


@dataclass(frozen=True)
class Sheet:
    """The questions of one annotator, in the order they are asked.

    Attributes:
        name: Name of the sheet, which no other sheet has.
        questions: The questions.
        scales: The scales on which both sides are rated.
    """

    name: str
    questions: Sequence[Question]
    scales: Sequence[str]

    def digests(self) -> dict[str, str]:
        """Digest of every question's content."""
        return {question.name: content_digest(question.content(self.name)) for question in self.questions}


def answer_columns(scales: Iterable[str]) -> list[str]:
    """Columns that an annotator fills: which side is preferred, and a rating of both sides per scale."""
    return [PREFERRED, *(f"{scale} {side}" for scale in scales for side in SIDES)]


def content_digest(content: Mapping[str, str]) -> str:
    """Digest of a question's content.

    Blanks, line breaks and apostrophes before a cell do not count: spreadsheets change them.
    """
    return fingerprint({column: " ".join(content[column].lstrip("' ").split()) for column in CONTENT})


def sheet_digest(digests: Mapping[str, str]) -> str:
    """Digest of a whole sheet, whatever the order of its questions."""
    return fingerprint(digests)
