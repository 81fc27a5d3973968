"""A small benchmark end to end: tables, tests, slices, and what is run again."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from recbole_curec.benchmark import runs
from recbole_curec.cli import main as cli
from recbole_curec.evaluation.ranking_metrics import user_metrics
from recbole_curec.plugin.loading import load_run
from tests.atomic_dataset import AtomicDataset
from tests.conftest import TODAY
from tests.pipeline_runs import FAST, SharedRun

ROWS = {
    "1-ids-only": "model: CURec\nfusion: none\n",
    "2-item-text": "model: CURec\nreason_source: none\n",
    "3-full": "model: CURec\n",
    "4-plain": "model: SASRec\n",
    "5-sum": "ensemble: [ids only, 4-plain]\n",
}
TRAINED = [name for name in ROWS if name != "5-sum"]


@pytest.fixture(autouse=True, scope="module")
def _normal_approximation() -> Iterator[None]:
    """The exact signed-rank test of twelve users takes a second, and a table has dozens of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stats, "wilcoxon", partial(stats.wilcoxon, method="asymptotic"))
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
    assert [row["title"] for row in record["rows"]] == ["ids only", "item text", "full", "plain", "sum"]

    tables: dict[str, list[pd.DataFrame]] = {}
    for row in record["rows"]:
        for number, run in enumerate(row["runs"]):
            (folder,) = (place / "runs").glob(f"{row['row']}-seed{run['seed']}-*")
            ranks = pd.read_parquet(folder / "ranks.parquet")
            table = user_metrics(ranks, 10)
            assert len(ranks) == len(table) == 12
            # The means over users are what RecBole reported for the best checkpoint.
            for found, figures in (
                (table, run["test"]), (user_metrics(ranks, 10, "rank_without_history"), run["test_without_history"]),
            ):  # fmt: skip
                assert {metric: round(float(value), 4) for metric, value in found.mean().items()} == {
                    metric: figures[metric] for metric in ("recall@10", "ndcg@10")
                }
            tables.setdefault(row["title"], []).append(table)
            assert row["metrics"]["mrr@10"]["values"][number] == run["test"]["mrr@10"]
            assert (
                row["without_history"]["metrics"]["mrr@10"]["values"][number] == run["test_without_history"]["mrr@10"]
            )
            assert {"packages", "hardware", "settings", "wall_seconds", "data", "commit"} <= run.keys()
            assert run["seed"] == record["seeds"][number]
            assert run["epochs"] == (0 if row["title"] == "sum" else 3)
        spread = row["metrics"]["ndcg@10"]
        assert spread["std"] == pytest.approx(np.std(spread["values"], ddof=1))
        assert f"| {row['title']} | " in printed
        held = {name: row["slices"][name]["targets"] for name in ("head", "tail", "cold")}
        assert sum(held.values()) == 12

    assert (
        len(record["comparisons"]) == len(record["without_history"]["comparisons"]) == (4 + 3) * 2
    )  # rows against each reference, references once, two metrics
    for one in record["comparisons"]:
        ours, theirs = (sum(tables[one[side]])[one["metric"]] / 2 for side in ("row", "reference"))
        assert one["difference"] == pytest.approx((ours - theirs).mean())
        if (ours != theirs).any():
            assert one["t_test"] == pytest.approx(stats.ttest_rel(ours, theirs).pvalue)
            assert one["wilcoxon"] == pytest.approx(stats.wilcoxon(ours, theirs).pvalue)
        assert one["t_test_holm"] >= one["t_test"]
    stages = {row["title"]: row["runs"][0]["stages"] for row in record["rows"]}
    assert (stages["ids only"], stages["plain"], stages["sum"]) == ({}, {}, {})
    check_overlap(record["overlap"], place / "runs")
    check_files(place, record)
    assert list(stages["full"]) == ["collect", "align", "reward", "reinforce", "correct", "encode"]
    assert list(stages["item text"]) == ["collect", "encode"]  # item text alone needs no language model
    assert stages["full"]["collect"] == stages["item text"]["collect"]
    assert f"| full | {stages['full']['correct']} | {stages['full']['encode']} |" in printed
    assert f"| item text | no reasons | {stages['item text']['encode']} |" in printed
    assert "without reasons" in stages["item text"]["encode"]
    for text in (
        "## Against ids only",
        "## Against item text",
        "## By item",
        "versions: python",
        "hardware:",
        "±",
        "Recall@10* ",
        "## Overlap of hits at 10",
        "| 5. sum |  |  |  |  |",
        "sum of 1-ids-only, 4-plain",
    ):
        assert text in printed  # fmt: skip


def check_overlap(overlap: list[dict[str, Any]], runs_folder: Path) -> None:
    """Recompute what is said of two rows, and of two seeds of one, from the stored ranks."""
    hits = {
        (row, seed): {
            (one.user, one.item)
            for folder in runs_folder.glob(f"{row}-seed{seed}-*")
            for one in pd.read_parquet(folder / "ranks.parquet").itertuples()
            if one.rank <= 10
        }
        for row in ("1-ids-only", "3-full")
        for seed in (2020, 2021)
    }
    found = {tuple(one["rows"]): (one["jaccard"], one["union"]) for one in overlap}
    assert len(found) == 5 + 10
    for rows, pairs in {
        ("ids only", "full"): [(hits["1-ids-only", seed], hits["3-full", seed]) for seed in (2020, 2021)],
        ("full", "full"): [(hits["3-full", 2020], hits["3-full", 2021])],
    }.items():
        jaccard = np.mean([len(one & other) / len(one | other) for one, other in pairs])
        assert found[rows] == pytest.approx((jaccard, np.mean([len(one | other) / 12 for one, other in pairs])))


def check_files(place: Path, record: dict[str, Any]) -> None:
    """The CSV holds the figures of the JSON; the LaTeX has a line, and every figure a label, for every row."""
    for name in ("metric", "slices", "overlap"):
        texts = {part.text for part in ElementTree.parse(place / f"{name}.svg").iter() if part.tag.endswith("text")}
        assert texts >= {row["title"] for row in record["rows"]}
    table = pd.read_csv(place / "table.csv")
    whole = table[(table["split"] == "test") & (table["slice"] == "all")].set_index(
        ["row", "protocol", "metric", "seed"]
    )
    for row in record["rows"]:
        for protocol, part in (("recbole", row), ("history left out", row["without_history"])):
            for metric, spread in part["metrics"].items():
                for seed, value in zip(record["seeds"], spread["values"], strict=True):
                    assert whole["value"][row["row"], protocol, metric, seed] == value
    assert len(whole) == 5 * 2 * 3 * 2
    lines = (place / "table.tex").read_text().splitlines()
    assert sum(line.startswith(("ids only &", "item text &", "full &", "plain &", "sum &")) for line in lines) == 5


def test_a_sum_ranks_by_standardised_scores(
    arguments: list[str], data: AtomicDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("2-item-text", "3-full"):
        (tmp_path / "rows" / f"{name}.yaml").unlink()
    (tmp_path / "rows" / "6-twice.yaml").write_text("ensemble: [1-ids-only, 1-ids-only]\n")
    given = [one for one in arguments if not one.startswith(("--seeds", "--references"))] + ["--seeds=3"]
    _call(given, capsys)
    runs_folder = tmp_path / "results" / data.name / "runs"

    def stored(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
        (folder,) = runs_folder.glob(f"{name}-*")
        ranks = pd.read_parquet(folder / "ranks.parquet").set_index(["user", "item"]).sort_index()
        return json.loads((folder / "run.json").read_text()), ranks

    def scores(name: str) -> pd.DataFrame:
        """Standardised scores of a run by hand: users in rows, items in columns."""
        run = load_run(stored(name)[0]["checkpoint"], {"data_path": str(data.root)})
        batch = next(iter(run.splits[2]))[0]
        with torch.no_grad():
            found = run.model.full_sort_predict(batch)[:, 1:].numpy().astype(np.float64)
        found = (found - found.mean(axis=1, keepdims=True)) / found.std(axis=1, keepdims=True)
        users, items = (run.training.field2id_token[field] for field in ("user_id", "item_id"))
        return pd.DataFrame(found, index=users[batch["user_id"].numpy()], columns=items[1:])

    for made, members in {
        "5-sum-seed2021": ("1-ids-only-seed2021", "4-plain-seed2021"),
        "6-twice-seed2021": ("1-ids-only-seed2021", "1-ids-only-seed2022"),
        "6-twice-seed2022": ("1-ids-only-seed2022", "1-ids-only-seed2020"),
    }.items():
        total = scores(members[0]) + scores(members[1])
        facts, ranks = stored(made)
        for (user, item), rank in ranks["rank"].items():
            assert rank == 1 + int((total.loc[user] > total.loc[user, item]).sum())
        assert [f"{one['row']}-seed{one['seed']}" for one in facts["settings"]["ensemble"]] == list(members)
        assert facts["valid"].keys() == facts["test"].keys()

    # A sum that is stored needs no checkpoint; one that is to be made says which is gone, before anything else.
    for checkpoint in (tmp_path / "saved").glob("*.pth"):
        checkpoint.unlink()
    _call(given, capsys)
    (tmp_path / "rows" / "7-new.yaml").write_text("ensemble: [4-plain, 4-plain]\n")
    assert cli.console(["benchmark", *given]) == 2
    assert "Row '7-new': the checkpoint '" in capsys.readouterr().err


def test_rows_tested_on_other_items_end_before_they_are_trained(
    atomic: AtomicDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Seconds apart: in RecBole's float32 times they are all at once, in the order of the file, which is the wrong one.
    atomic.interactions([(f"u{u}", f"i{(3 * k + u) % 10}", TODAY + k) for u in range(9) for k in reversed(range(10))])
    for name in ("1-ids-only", "4-plain"):
        (tmp_path / f"{name}.yaml").write_text(ROWS[name])
    given = [
        str(tmp_path / "1-ids-only.yaml"), str(tmp_path / "4-plain.yaml"), f"--dataset={atomic.name}", "--seeds=1",
        f"--data_path={atomic.root}", f"--benchmark_dir={tmp_path / 'results'}",
        f"--checkpoint_dir={tmp_path / 'saved'}",
        "--epochs=1", "--show_progress=False", "--hidden_size=16", "--load_col={inter: [user_id, item_id, timestamp]}",
        "--topk=[5]", "--valid_metric=NDCG@5",
    ]  # fmt: skip
    assert cli.console(["benchmark", *given]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "'ids only' and 'plain' cannot be compared: they are tested on different items for 9 of 9 users" in error
    assert "set model: CURec with backbone: SASRec and fusion: none in the row 'plain'" in error
    assert [path.name[:5] for path in (tmp_path / "saved").glob("*.pth")] == ["CURec"]


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
    assert made[:5] == [*((name, 2020) for name in TRAINED), ("1-ids-only", 2021)]
    made[:] = [("", 0)] * 6  # from here on nothing is cut
    first = _call(arguments, capsys)
    assert made[6:] == [(name, 2021) for name in TRAINED[1:]]
    caplog.clear()
    with caplog.at_level(logging.INFO, "recbole_curec.benchmark"):
        again = _call(arguments, capsys)
    assert again == first
    assert len(made) == 9
    assert sum("reused" in message for message in caplog.messages if "seed" in message) == 8 + 2

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
        (["--benchmark_dir=5"], "benchmark_dir=5 cannot be used"),
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
