"""What a person sees: one clear sentence and exit code 2 for bad input, and nothing written."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.cli import main as cli
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import FAST, SharedRun, layered, topic_rows, write_topics

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(atomic: AtomicDataset, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line on the dataset; returns the exit code and what went to stderr."""

    def call(**overrides: Any) -> tuple[int, str]:
        places = {"model": "CURec", "dataset": atomic.name, "data_path": atomic.root}
        given = layered({**places, **FAST}, overrides)
        code = cli.main([f"--{key}={value}" for key, value in given.items()])
        return code, capsys.readouterr().err.strip()

    return call


def _fails(result: tuple[int, str], *parts: str) -> None:
    code, message = result
    assert code == 2
    line = message.splitlines()[-1]
    assert line.startswith("error: ")
    for part in parts:
        assert part in line
    assert "Traceback" not in message
    assert not Path("saved").exists(), "something was written"


def test_no_item_text_at_all(atomic: AtomicDataset, run: Run) -> None:
    atomic.interactions([row[:3] for row in topic_rows()])
    _fails(run(), "no item text", "toy.item")
    atomic.write("item", "item_id:token price:float", [("i1", 3.0)])
    _fails(run(), "no item text", "token_seq")
    atomic.write("item", "item_id:token title:token_seq", [("i1", ""), ("i2", " ")])
    _fails(run(), "no item text", "empty")


def test_missing_timestamps_for_a_sequential_backbone(atomic: AtomicDataset, run: Run) -> None:
    write_topics(atomic)
    atomic.write("inter", "user_id:token item_id:token", [row[:2] for row in topic_rows()])
    _fails(run(), "timestamp", "CURecGeneral")


def test_empty_training_split(atomic: AtomicDataset, run: Run) -> None:
    write_topics(atomic, [("u1", "i1", 1, "x"), ("u2", "i2", 2, "x")])
    _fails(run(), "training split is empty", "eval_args")


def test_duplicate_item_ids(atomic: AtomicDataset, run: Run) -> None:
    write_topics(atomic)
    atomic.write("item", "item_id:token title:token_seq", [("i1", "One"), ("i1", "Two")])
    _fails(run(), "i1", "twice")


def test_text_that_is_not_utf8(atomic: AtomicDataset, run: Run) -> None:
    write_topics(atomic)
    atomic.write("item", "item_id:token title:token_seq", [("i1", "Amélie")], encoding="latin-1")
    _fails(run(), "toy.item", "UTF-8", "line 2")


def test_language_model_path_that_does_not_exist(atomic: AtomicDataset, run: Run) -> None:
    write_topics(atomic)
    _fails(run(llm="/no/such/model"), "llm='/no/such/model'", "does not exist")
    Path("empty").mkdir()
    _fails(run(llm="./empty"), "no config.json")


@pytest.mark.parametrize(
    ("overrides", "parts"),
    [
        ({"rl_step": 3}, ("rl_step", "rl_steps")),
        ({"rl_steps": "many"}, ("reinforce.steps", "many")),
        ({"reinforce.step": 3}, ("reinforce.step", "reinforce.steps")),
        ({"align": "{'steps': 0}"}, ("align.steps", "0")),
        ({"learning_rate": "fast"}, ("learning_rate", "fast")),
        ({"backbone": "SASRek"}, ("SASRek", "SASRec")),
        ({"backbone": "BPR"}, ("BPR", "CURecGeneral")),
        ({"model": "CURek"}, ("CURek", "CURec")),
        ({"sft_mix": "{'reason': 0.0}"}, ("align.mix", "reason")),
        ({"rl_generations": 1}, ("reinforce.generations", "1")),
    ],
)
def test_settings_that_cannot_be_used(
    atomic: AtomicDataset, run: Run, overrides: dict[str, Any], parts: tuple[str, ...]
) -> None:
    write_topics(atomic)
    _fails(run(**overrides), *parts)


def test_a_run_prints_the_table_and_the_reasons(
    shared_run: SharedRun, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = shared_run.dataset
    given = {"model": "CURec", "dataset": data.name, "data_path": data.root, **FAST, "checkpoint_dir": tmp_path / "s"}
    shared_run.copy_to(tmp_path / "s")
    assert cli.main([f"--{key}={value}" for key, value in given.items()]) == 0
    output = capsys.readouterr()
    for text in (
        "Recall@10",
        "NDCG@10",
        "MRR@10",
        "CURec (SASRec)",
        "SASRec, ids only",
        "5 sample reasons",
        "evidence",
        "reward",
    ):
        assert text in output.out
    for number, stage in enumerate(("collect", "align", "reward", "reinforce", "correct", "encode", "recommend"), 1):
        assert f"[{number}/7] {stage}" in output.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "s"]  # nothing beyond the named folders
    checkpoints = re.findall(r"^checkpoint \((.+)\): (.+)$", output.out, flags=re.MULTILINE)
    assert [name for name, _ in checkpoints] == ["CURec (SASRec)", "SASRec, text only", "SASRec, ids only"]
    assert sorted(path for _, path in checkpoints) == sorted(map(str, (tmp_path / "s").glob("CURec-*.pth")))
    (reasons,) = re.findall(r"^reasons: (.+)$", output.out, flags=re.MULTILINE)
    assert (Path(reasons) / "reasons.parquet").is_file()


def test_curec_run_is_run_curec(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--model=CURek"]) == cli.console(["run", "--model=CURek"]) == 2
    first, second = capsys.readouterr().err.strip().splitlines()
    assert first == second
    assert "CURek" in first


def test_every_command_has_its_help_and_others_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--help"], ["-h"]):
        assert cli.console(arguments) == 0
        assert "export" in capsys.readouterr().out
    for name in cli.COMMANDS:
        assert cli.console([name, "--help"]) == 0
        called = "python run_curec.py" if name == "run" else f"curec {name}"
        assert capsys.readouterr().out.startswith(f"usage: {called} ")
    assert cli.console(["exprot"]) == 2
    known = "run, recommend, explain, evaluate, export, benchmark, tune, annotate, judge, prepare"
    assert f"'exprot' is no command: give one of {known}." in capsys.readouterr().err


def test_the_installed_command_is_this_one() -> None:
    content = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.scripts]\ncurec = "recbole_curec.cli.main:console"\n' in content
    assert callable(cli.console)


def test_help_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    assert "--model=CURec --dataset=ml-100k" in capsys.readouterr().out


def test_a_run_leaves_no_thread_behind(run: Run, atomic: AtomicDataset) -> None:
    """RecBole's trainers write events from a thread each, which it never ends."""
    write_topics(atomic)
    run(model="BPR", fusion="none")
    before = threading.active_count()
    assert run(model="BPR")[0] == 0
    assert threading.active_count() <= before
