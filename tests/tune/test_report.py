"""The page and the files beside it: counts, failures, and rows that share a backbone."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.tune.report import write_report
from recbole_curec.tune.rows import TunedRow
from recbole_curec.tune.tuning import Budget, tune
from tests.tune.searches import Trainings, rows, trainings

__all__ = ["rows", "trainings"]


def test_the_page_counts_tells_failures_and_names_rows_that_tuned_cannot_hold(
    rows: Callable[..., list[TunedRow]], trainings: Trainings, tmp_path: Path
) -> None:
    def fail(number: int, _watch: Any) -> None:
        if number == 2:
            raise RuntimeError("a | b\nc")

    trainings.before = fail
    for name, rate in (("first", 0.05), ("second", 0.06)):
        text = f"model: GRU4Rec\nlearning_rate: {rate}\ndropout_prob: 0.1\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    found = rows(str(tmp_path / "first.yaml"), str(tmp_path / "second.yaml"))
    tuning = tune(found, Budget(trials=3, engine="recbole"), tmp_path / "out")
    written = write_report(tuning, tmp_path / "out")
    place = tmp_path / "out" / "toy"
    assert [path.relative_to(place).as_posix() for path in written] == [
        "table.md", "table.json", "table.csv", "trials.csv", "tuned.yaml", "rows/first.yaml", "rows/second.yaml",
    ]  # fmt: skip
    page = (place / "table.md").read_text()
    # As they are, the first row is the best there can be: a rate of 0.05 and a dropout of 0.1 give 0.9.
    assert "| first | GRU4Rec | 3 | 2 | 0 | 1 | 0 | 0.0 | 0.9000 | 0.9000 | 1 |" in page
    assert "| first | 2 | RuntimeError: a \\| b c |" in page
    assert "| first | learning_rate | 0.05 | as it is | uniform [0.001, 0.1] |" in page
    assert "second: only in `rows`, since another row has the same model and backbone." in page
    assert f"--config_files={tmp_path / 'first.yaml'} {place / 'tuned.yaml'}" in page
    assert read_yaml(place / "tuned.yaml") == {"tuned": {"GRU4Rec": {}}}
    assert "# Not here: second, whose model and backbone another row has" in (place / "tuned.yaml").read_text()
    best = tuning.rows[1].best
    own = {"learning_rate": 0.06, "dropout_prob": 0.1}
    expected = {"model": "GRU4Rec", **own, **best.settings}
    stored = read_yaml(place / "rows" / "second.yaml")
    assert {key: stored[key] for key in expected} == expected
    assert not {"data_path", "checkpoint_dir", "show_progress"} & stored.keys()
    with (place / "trials.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["row"], line["trial"], line["state"]) for line in lines[:3]] == [
        ("first", "1", "finished"), ("first", "2", "failed"), ("first", "3", "finished"),
    ]  # fmt: skip
