"""How several processes share the runs of a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recbole_curec.benchmark import schedule
from recbole_curec.benchmark.rows import Row
from recbole_curec.benchmark.runs import FinishedRun
from recbole_curec.benchmark.schedule import Plan, finished_runs
from recbole_curec.errors import DataError

ROWS = [Row("a", Path("a.yaml")), Row("b", Path("b.yaml"))]


def _run(row: Row, item: str = "1") -> FinishedRun:
    return FinishedRun(
        {"settings": {"model": "CURec"}, "row": row.name}, pd.DataFrame({"user": ["u"], "item": [item], "rank": [1]})
    )


def _plan(tmp_path: Path) -> Plan:
    return Plan(ROWS, [1, 2], {(row.name, seed): None for row in ROWS for seed in (1, 2)}, tmp_path)


def test_what_another_process_makes_is_waited_for_at_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, int, bool]] = []
    known: list[bool] = []

    def run_row(row: Row, seed: int, _config: Any, _folder: Path, *, expected: Any, wait: bool) -> FinishedRun | None:
        asked.append((row.name, seed, wait))
        known.append(expected is not None)
        return None if (row.name, seed, wait) == ("a", 1, False) else _run(row)

    monkeypatch.setattr(schedule, "run_row", run_row)
    runs = finished_runs(_plan(tmp_path))
    assert asked == [("a", 1, False), ("b", 1, False), ("a", 2, False), ("b", 2, False), ("a", 1, True)]
    assert known == [False, False, False, True, True]  # what the others are tested on, as soon as one of them is there
    assert {name: len(by_seed) for name, by_seed in runs.items()} == {"a": 2, "b": 2}


def test_rows_of_stored_runs_are_tested_on_the_same_items(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(schedule, "run_row", lambda row, *_, **__: _run(row, "1" if row.name == "a" else "2"))
    with pytest.raises(DataError, match="'a' and 'b' cannot be compared"):
        finished_runs(_plan(tmp_path))
