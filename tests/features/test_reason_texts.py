from __future__ import annotations

from dataclasses import replace

from recbole_curec.features.reason_texts import reason_texts
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from tests.examples import CATALOG, EVIDENCE, GOOD

TEACHER = EvidenceTeacher(ClaimChecker(CATALOG), 0)
RECORD = ReasonRecord(
    "u", "2", 3, EVIDENCE, GOOD, "The corrected text.", {"total": 1.5}, 1.0, 1, None, None, "repaired"
)


def test_every_source_gives_its_own_text() -> None:
    draft = GOOD.split("</think> ")[1]
    for source, text in (("corrected", RECORD.text), ("drafts", draft), ("teacher", TEACHER.write(EVIDENCE).text)):
        told = reason_texts(source, [RECORD], TEACHER)  # type: ignore[arg-type]
        assert (told.texts, told.records, told.broken, told.empty) == ([text], [RECORD], 0, 0)
    assert reason_texts("none", [RECORD], TEACHER).texts == []


def test_broken_drafts_are_used_as_far_as_they_can_be_read_and_counted() -> None:
    drafts = [GOOD, "no tags at all", "<think>facts</think> cut off", "<think>facts</think>", ""]
    told = reason_texts("drafts", [replace(RECORD, draft=draft) for draft in drafts], TEACHER)
    assert told.texts == [GOOD.split("</think> ")[1], "no tags at all", "cut off"]
    assert [record.draft for record in told.records] == drafts[:3]
    assert (told.broken, told.empty) == (4, 2)
    assert told.describe("drafts") == "from drafts, 4 of them broken in format and 2 empty"
