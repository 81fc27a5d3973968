"""``curec tune`` end to end: what it measures, what it writes, that a run takes it, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.benchmark.rows import find_rows
from recbole_curec.cli import main as cli
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.plugin.validating import validated
from recbole_curec.tune import trials
from tests.atomic_dataset import AtomicDataset

SPACE = "learning_rate: {log_uniform: [0.0001, 0.1]}\nn_layers: {choice: [1, 2]}\n"


class Untouchable:
    """Stands in for the loader of the test split."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"the test split was asked for {name}")


@pytest.fixture
def arguments(toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]], tmp_path: Path) -> list[str]:
    common = {key: value for key, value in settings_for(epochs=2).items() if key != "fusion"}
    (tmp_path / "common.yaml").write_text(json.dumps({**common, "state": "WARNING"}))
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "ids-only.yaml").write_text("model: CURec\nrecommend: {fusion: none}\nlearning_rate: 0.02\n")
    return [
        str(tmp_path / "ids-only.yaml"), "--model=SASRec", f"--dataset={toy.name}", f"--data_path={toy.root}",
        f"--config_files={tmp_path / 'common.yaml'}", f"--space={tmp_path / 'space.yaml'}",
        f"--tune_dir={tmp_path / 'out'}", "--trials=3", "--seed=3",
    ]  # fmt: skip


def test_rows_are_tuned_on_validation_alone_and_a_run_takes_what_was_found(
    arguments: list[str], toy: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def without_test(config: Any) -> Any:
        training, valid, _ = split_data(config)
        return training, valid, Untouchable()

    with monkeypatch.context() as patch:
        patch.setattr(trials, "split_data", without_test)
        assert cli.console(["tune", *arguments]) == 0, capsys.readouterr().err
    printed = capsys.readouterr().out
    place = tmp_path / "out" / toy.name
    page = (place / "table.md").read_text()
    assert page in printed
    assert "# toy: 2 rows tuned, 3 trials each" in page
    assert "Every row had the same budget of 3 trials: its settings as they are and 2 drawn by" in page
    assert not list((tmp_path / "saved").rglob("*.pth"))  # no checkpoint of a trial
    record = json.loads((place / "table.json").read_text())
    assert record["budget"]["same_for_all_rows"]
    assert [(row["row"], row["model"]) for row in record["rows"]] == [
        ("ids-only", "CURec (SASRec)"), ("SASRec", "SASRec"),
    ]  # fmt: skip
    for row in record["rows"]:
        assert row["counts"] == {"finished": 3, "pruned": 0, "failed": 0}
        assert row["best"]["score"] == max(trial["score"] for trial in row["trials"])
        assert [set(trial["settings"]) for trial in row["trials"]] == [set(), *[{"learning_rate", "n_layers"}] * 2]
    assert len((place / "trials.csv").read_text().splitlines()) == 1 + 6
    _check_a_run_takes_it(record, arguments, toy, place, tmp_path)
    monkeypatch.setattr(trials, "validated", None)  # the same command trains nothing
    assert cli.console(["tune", *arguments]) == 0
    again = json.loads((place / "table.json").read_text())
    assert [row["trials"] for row in again["rows"]] == [row["trials"] for row in record["rows"]]


def _check_a_run_takes_it(
    record: dict[str, Any], arguments: list[str], toy: AtomicDataset, place: Path, folder: Path
) -> None:
    common, tuned, given = folder / "common.yaml", place / "tuned.yaml", {"data_path": str(toy.root), "seed": 3}
    for row, model, file in zip(record["rows"], (None, "SASRec"), ([folder / "ids-only.yaml"], []), strict=True):
        config = load_config(model, toy.name, [common, *file, tuned], given)
        best = row["best"]
        expected = best["settings"] or {name: row["settings"][name] for name in ("learning_rate", "n_layers")}
        assert {name: config[name] for name in expected} == expected
        training, valid, _ = split_data(config)
        found = validated(config, training, valid, lambda _epoch, _score: None)
        assert (found.score, dict(found.metrics)) == (best["score"], best["valid"])
    rows = find_rows([str(place / "rows")])
    assert sorted(row.name for row in rows) == ["SASRec", "ids-only"]
    for row in rows:
        config = row.config(toy.name, [str(common)], given, 3)
        best = next(one["best"] for one in record["rows"] if one["row"] == row.name)
        assert {name: config[name] for name in best["settings"]} == best["settings"]
    assert "data_path" not in (place / "rows" / "ids-only.yaml").read_text()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (["--trials=0"], "trials=0 cannot be used"),
        (["--seed=-1"], "seed=-1 cannot be used"),
        (["--space=nowhere.yaml"], "'nowhere.yaml' cannot be read"),
        (["--learning_rate=0.1"], "learning_rate is given and in the space"),
        (["--epochs=0"], "eval_step=1 cannot be used with epochs=0"),
        (["--eval_step=0"], "eval_step=0 cannot be used"),
        (["--model=SASRec,SASRec"], "Two rows are named 'SASRec'"),
        (["--model=SASRec,BPR"], "cannot be compared"),
        (["--model=SASRek"], "There is no model named 'SASRek' (nearest: 'SASRec')"),
        (["--metricks=1"], "Setting 'metricks' is known neither to RecBole nor to CURec"),
        (["--tune_dir=common.yaml/x"], "tune_dir: "),
        (["--tune_dir=5"], "tune_dir=5 cannot be used"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_before_anything_is_trained(
    change: list[str], text: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(trials, "validated", None)
    replaced = [one for one in arguments if one.partition("=")[0] not in {given.partition("=")[0] for given in change}]
    assert cli.console(["tune", *replaced, *change]) == 2
    error = capsys.readouterr().err
    assert text in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_command_without_rows_or_with_a_sum_says_so(tmp_path: Path, capsys: Any) -> None:
    assert cli.console(["tune", "--dataset=toy"]) == 2
    assert "has no rows" in capsys.readouterr().err
    for name, text in (("a", "model: SASRec"), ("b", "model: SASRec"), ("c", "ensemble: [a, b]")):
        (tmp_path / f"{name}.yaml").write_text(text)
    assert cli.console(["tune", str(tmp_path), "--dataset=toy"]) == 2
    assert "Row 'c' is a sum, which trains nothing" in capsys.readouterr().err
