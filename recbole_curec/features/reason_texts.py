"""Choice of the text of a stored reason that is encoded: final text, draft, or the teacher's sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import ReasonSource


@dataclass(frozen=True)
class ReasonTexts:
    """Texts to encode, with their records.

    Attributes:
        records: Records that have a text, in the order of the reason store.
        texts: One text per record, never empty.
        broken: Number of drafts with a format error; their readable part is used.
        empty: Number of drafts without any text; these are not in ``records``.
    """

    records: list[ReasonRecord]
    texts: list[str]
    broken: int = 0
    empty: int = 0

    def describe(self, source: ReasonSource) -> str:
        """Part of the stage's summary; empty for the default."""
        if source == "drafts":
            return f"from drafts, {self.broken:,} of them broken in format and {self.empty:,} empty"
        return {"teacher": "from the teacher's sentences", "none": "without reasons"}.get(source, "")


def reason_texts(source: ReasonSource, records: Sequence[ReasonRecord], teacher: EvidenceTeacher) -> ReasonTexts:
    """The texts selected by ``encode.reason_source``.

    Args:
        source: Value of the setting.
        records: All records of the reason store.
        teacher: Writes sentences from the stored evidence for the value ``teacher``.
    """
    if source == "none":
        return ReasonTexts([], [])
    if source == "teacher":
        return ReasonTexts(list(records), [teacher.write(record.evidence).text for record in records])
    if source == "corrected":
        return ReasonTexts(list(records), [record.text for record in records])
    parsed = [parse_reason(record.draft) for record in records]
    readable = [(record, draft.text) for record, draft in zip(records, parsed, strict=True) if draft.text]
    return ReasonTexts(
        [record for record, _ in readable],
        [text for _, text in readable],
        broken=sum(not draft.valid for draft in parsed),
        empty=len(records) - len(readable),
    )
