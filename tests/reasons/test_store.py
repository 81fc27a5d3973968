from __future__ import annotations

from pathlib import Path

from recbole_curec.reasons.store import ReasonRecord, read_records, write_records
from tests.examples import EVIDENCE, GOOD


def test_records_survive_the_round_trip(tmp_path: Path) -> None:
    record = ReasonRecord(
        user="u", item="2", position=3, evidence=EVIDENCE, draft=GOOD, text="Fine.",
        rewards={"total": 1.5, "model": 0.1},
        draft_reward=-0.25, rounds=1, failure="a fault", failure_kind="title", outcome="replaced",
    )  # fmt: skip
    plain = ReasonRecord(**{**record.__dict__, "failure": None, "failure_kind": None, "outcome": "kept"})
    write_records([record, plain], tmp_path / "reasons.parquet")
    assert read_records(tmp_path / "reasons.parquet") == [record, plain]
    assert (record.teacher, plain.teacher) == (True, False)
    assert not list(tmp_path.glob("*.tmp"))
