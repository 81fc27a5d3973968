from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from recbole_curec.reasons.store import ReasonRecord, read_batch, read_records, write_records
from tests.examples import EVIDENCE, GOOD

RECORD = ReasonRecord(
    user="u", item="2", position=3, evidence=EVIDENCE, draft=GOOD, text="Fine.",
    rewards={"total": 1.5, "model": 0.1},
    draft_reward=-0.25, rounds=1, failure="a fault", failure_kind="title", outcome="replaced",
)  # fmt: skip


def test_records_survive_the_round_trip(tmp_path: Path) -> None:
    plain = ReasonRecord(**{**RECORD.__dict__, "failure": None, "failure_kind": None, "outcome": "kept"})
    write_records([RECORD, plain], tmp_path / "reasons.parquet")
    assert read_records(tmp_path / "reasons.parquet") == [RECORD, plain]
    assert (RECORD.teacher, plain.teacher) == (True, False)
    assert RECORD.written_for == EVIDENCE.user
    assert not list(tmp_path.glob("*.tmp"))


def test_a_whole_batch_of_an_interrupted_run_is_read_and_none_is_none(tmp_path: Path) -> None:
    path = tmp_path / "step-0.parquet"
    assert read_batch(path, 2) is None
    write_records([RECORD, RECORD], path)
    assert read_batch(path, 2) == [RECORD, RECORD]


@pytest.mark.parametrize("damage", ["empty", "cut off", "other columns", "too few"])
def test_a_damaged_batch_is_moved_aside(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "step-0.parquet"
    write_records([RECORD, RECORD], path)
    whole = path.read_bytes()
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut off":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "other columns":
        pd.DataFrame({"user": ["u", "v"]}).to_parquet(path)
    content = path.read_bytes()
    assert read_batch(path, 3 if damage == "too few" else 2) is None
    (message,) = caplog.messages
    assert message.startswith(f"{path} is damaged (")
    assert message.endswith("): it is moved aside and made again.")
    assert not path.exists()
    assert [kept.read_bytes() for kept in tmp_path.iterdir()] == [content]
    if damage == "too few":
        assert "it holds 2 reasons instead of 3" in message
