"""A small benchmark end to end: tables, tests, slices, and what is run again."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from recbole_curec.benchmark import runs
from recbole_curec.benchmark.ranks import user_metrics
from recbole_curec.cli import main as cli
from recbole_curec.evaluation import statistics
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import FAST, SharedRun

ROWS = {
    "1-ids-only": "model: CURec\nfusion: none\n",
    "2-item-text": "model: CURec\nreason_source: none\n",
    "3-full": "model: CURec\n",
    "4-plain": "model: SASRec\n",
}


@pytest.fixture(autouse=True, scope="module")
def _tested_once() -> Iterator[None]:
    """The exact test of twelve users takes a second: differences that a benchmark meets again are not tested again."""
    known: dict[bytes, tuple[float, float]] = {}
    test = statistics.paired_tests

    def once(difference: NDArray[np.float64]) -> tuple[float, float]:
        key = difference.tobytes()
        if key not in known:
            known[key] = test(difference)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "paired_tests", once)
        yield


@pytest.fixture
def data(shared_run: SharedRun, tmp_path: Path) -> AtomicDataset:
    """The data of the session's run, whose stages are there already."""
    shared_run.copy_to(tmp_path / "saved")
    return shared_run.dataset


@pytest.fixture
def arguments(data: AtomicDataset, tmp_path: Path) -> list[str]:
    folder = tmp_path / "rows"
    folder.mkdir()
    for name, text in ROWS.items():
        (folder / f"{name}.yaml").write_text(text)
    common = tmp_path / "common.yaml"
    common.write_text(json.dumps({**FAST, "epochs": 3, "state": "INFO", "MAX_ITEM_LIST_LENGTH": 5}))
    return [
        str(folder), f"--dataset={data.name}", f"--data_path={data.root}", f"--config_files={common}", "--seeds=2",
        f"--checkpoint_dir={tmp_path / 'saved'}", f"--benchmark_dir={tmp_path / 'results'}",
        "--references=1-ids-only,item text",
    ]  # fmt: skip


def _call(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.console(["benchmark", *arguments]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_table_tests_and_slices_follow_from_the_stored_ranks(
    arguments: list[str], data: AtomicDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = _call(arguments, capsys)
    place = tmp_path / "results" / data.name
    assert (place / "table.md").read_text() in printed
    record = json.loads((place / "table.json").read_text())
    assert record["seeds"] == [2020, 2021]
    assert [row["title"] for row in record["rows"]] == ["ids only", "item text", "full", "plain"]

    tables: dict[str, list[pd.DataFrame]] = {}
    for row in record["rows"]:
        for number, run in enumerate(row["runs"]):
            (folder,) = (place / "runs").glob(f"{row['row']}-seed{run['seed']}-*")
            ranks = pd.read_parquet(folder / "ranks.parquet")
            table = user_metrics(ranks, 10)
            assert len(ranks) == len(table) == 12
            # The means over users are what RecBole reported for the best checkpoint.
            assert {metric: round(float(value), 4) for metric, value in table.mean().items()} == {
                metric: run["test"][metric] for metric in ("recall@10", "ndcg@10")
            }
            tables.setdefault(row["title"], []).append(table)
            assert row["metrics"]["mrr@10"]["values"][number] == run["test"]["mrr@10"]
            assert {"packages", "hardware", "settings", "wall_seconds", "seed"} <= run.keys()
            assert run["settings"]["seed"] == run["seed"] == record["seeds"][number]
        spread = row["metrics"]["ndcg@10"]
        assert spread["std"] == pytest.approx(np.std(spread["values"], ddof=1))
        assert f"| {row['title']} | " in printed
        held = {name: row["slices"][name]["targets"] for name in ("head", "tail", "cold")}
        assert sum(held.values()) == 12

    assert len(record["comparisons"]) == (3 + 2) * 2  # rows against each reference, references once, two metrics
    for one in record["comparisons"]:
        ours, theirs = (sum(tables[one[side]])[one["metric"]] / 2 for side in ("row", "reference"))
        assert one["difference"] == pytest.approx((ours - theirs).mean())
        if (ours != theirs).any():
            assert one["t_test"] == pytest.approx(stats.ttest_rel(ours, theirs).pvalue)
            assert one["wilcoxon"] == pytest.approx(stats.wilcoxon(ours, theirs).pvalue)
        assert one["t_test_holm"] >= one["t_test"]
    stages = {row["title"]: row["runs"][0]["stages"] for row in record["rows"]}
    assert (stages["ids only"], stages["plain"]) == ({}, {})
    assert list(stages["full"]) == ["collect", "align", "reward", "reinforce", "correct", "encode"]
    assert list(stages["item text"]) == ["collect", "encode"]  # item text alone needs no language model
    assert stages["full"]["collect"] == stages["item text"]["collect"]
    assert f"| full | {stages['full']['correct']} | {stages['full']['encode']} |" in printed
    assert f"| item text | no reasons | {stages['item text']['encode']} |" in printed
    assert "without reasons" in stages["item text"]["encode"]
    for text in ("## Against ids only", "## Against item text", "## By item", "versions: python", "hardware:", "±"):
        assert text in printed


def test_finished_runs_are_skipped_and_changed_ones_made_again(
    arguments: list[str], data: AtomicDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    made: list[tuple[str, int]] = []
    make = runs._make

    def spy(row: Any, seed: int, *more: Any) -> Any:
        made.append((row.name, seed))
        if len(made) == 6:
            raise KeyboardInterrupt
        return make(row, seed, *more)

    monkeypatch.setattr(runs, "_make", spy)
    assert cli.console(["benchmark", *arguments]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert made[:5] == [*((name, 2020) for name in ROWS), ("1-ids-only", 2021)]
    made[:] = [("", 0)] * 6  # from here on nothing is cut
    first = _call(arguments, capsys)
    assert made[6:] == [(name, 2021) for name in list(ROWS)[1:]]
    caplog.clear()
    with caplog.at_level(logging.INFO, "recbole_curec.benchmark.runs"):
        again = _call(arguments, capsys)
    assert again == first
    assert len(made) == 9
    assert sum("reused" in message for message in caplog.messages if "seed" in message) == 8

    # Where results lie and how many threads made them changes nothing; a setting of one row runs that row alone.
    _call([*arguments, "--num_threads=2", f"--log_dir={tmp_path / 'other'}"], capsys)
    assert len(made) == 9
    (tmp_path / "rows" / "4-plain.yaml").write_text("model: SASRec\nlearning_rate: 0.01\n")
    _call(arguments, capsys)
    assert made[9:] == [("4-plain", 2020), ("4-plain", 2021)]
    # A damaged result is made again, and so is everything once the data change.
    (ranks,) = (tmp_path / "results" / data.name / "runs").glob("3-full-seed2021-*/ranks.parquet")
    ranks.write_bytes(ranks.read_bytes()[:-5])
    _call(arguments, capsys)
    assert made[11:] == [("3-full", 2021)]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (["--seeds=0"], "seeds=0"),
        (["--seeds=2020"], "'[2020]' for the one seed 2020"),
        (["--seeds=[1,1]"], "each once"),
        (["--model=CURec"], "every row's file names its model"),
        (["--references=none-such"], "none-such"),
        (["--benchmark_dir=rows/1-ids-only.yaml/x"], "is a file"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str], given: list[str], text: str
) -> None:
    kept = [one for one in arguments if one.split("=")[0] not in {other.split("=")[0] for other in given}]
    assert cli.console(["benchmark", *kept, *given]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert text in error
    assert not Path("results").exists()
