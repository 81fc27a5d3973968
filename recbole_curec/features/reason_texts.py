"""Which text of a stored reason becomes a vector: the final one, the model's draft, or the teacher's sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import ReasonSource


@dataclass(frozen=True)
class ReasonTexts:
    """Texts to encode and the interactions they stand for.

    Attributes:
        records: Stored reasons that have a text, in the order of the store.
        texts: One per record, none of them empty.
        broken: Drafts whose format is broken; what can be read of them is used.
        empty: Drafts that leave no text at all; they are no part of ``records``.
    """

    records: list[ReasonRecord]
    texts: list[str]
    broken: int = 0
    empty: int = 0

    def describe(self, source: ReasonSource) -> str:
        """What a summary says about them; nothing for the default."""
        if source == "drafts":
            return f"from drafts, {self.broken:,} of them broken in format and {self.empty:,} empty"
        return {"corrected": "", "teacher": "from the teacher's sentences", "none": "without reasons"}[source]


def reason_texts(source: ReasonSource, records: Sequence[ReasonRecord], teacher: EvidenceTeacher) -> ReasonTexts:
    """The texts that ``reason_source`` asks for.

    Args:
        source: The setting.
        records: The reason store.
        teacher: Writes about the stored evidence for ``teacher``.
    """
    if source == "none":
        return ReasonTexts([], [])
    if source == "teacher":
        return ReasonTexts(list(records), [teacher.write(record.evidence).text for record in records])
    if source == "corrected":
        return ReasonTexts(list(records), [record.text for record in records])
    parsed = [parse_reason(record.draft) for record in records]
    told = [(record, draft.text) for record, draft in zip(records, parsed, strict=True) if draft.text]
    return ReasonTexts(
        [record for record, _ in told],
        [text for _, text in told],
        broken=sum(not draft.valid for draft in parsed),
        empty=len(records) - len(told),
    )
