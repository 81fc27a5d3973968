"""``curec evaluate``: tables, files, and one sentence for what cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recbole_curec.cli import main as cli
from tests.api.test_evaluating import THEIRS, WANTED
from tests.pipeline_runs import SharedRun

pytest.importorskip("sacrebleu", reason="pip install 'sacrebleu>=2.6'")
pytest.importorskip("rouge_score", reason="pip install 'rouge-score>=0.1.2'")


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_tables_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs, wanted = write(tmp_path / "007.jsonl", THEIRS), write(tmp_path / "wanted.jsonl", WANTED)
    out = tmp_path / "out.json"
    arguments = [f"--reasons={theirs}", f"--references={wanted}", "--samples=100", f"--output={out}"]
    assert cli.console(["evaluate", *arguments]) == 0
    page = capsys.readouterr().out
    assert page.splitlines()[0] == "3 pairs of 2 users"
    assert "Similarity to the references" in page
    assert page.rstrip().endswith(f"written to {out}")
    record = json.loads(out.read_text())
    assert record["pairs"] == 3
    assert record["sets"][0]["set"] == "007"
    assert record["sets"][0]["metrics"]["bleu_1"]["value"] == pytest.approx(100 * 8 / 12)
    assert record["packages"]["sacrebleu"].startswith("2.")


def test_features_that_are_numbers_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = write(tmp_path / "theirs.jsonl", THEIRS)
    wanted = write(tmp_path / "wanted.jsonl", [{**row, "features": 3} for row in WANTED])
    out = tmp_path / "out.json"
    assert cli.console(["evaluate", f"--reasons={theirs}", f"--references={wanted}", f"--output={out}"]) == 2
    assert "wanted.jsonl, row 1: column 'features' holds 3, which is no features" in capsys.readouterr().err
    assert not out.exists()


def test_a_run_is_evaluated_from_its_checkpoint(shared_run: SharedRun, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = shared_run.result.checkpoint
    given = ["--reasons=teacher,constant", "--references=valid", f"--checkpoint={checkpoint}", "--sentences=0"]
    assert cli.console(["evaluate", *given, "--samples=0", "--pairs=5"]) == 0
    page = capsys.readouterr().out
    assert "Truth by the facts" in page
    assert "note: valid reviews: 12 of 12 pairs have a sentence" in page


def test_one_set_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.console(["evaluate", f"--reasons={write(tmp_path / 'a.jsonl', THEIRS)}", "--pairs=2"]) == 0
    page = capsys.readouterr().out
    assert page.splitlines()[0] in ("2 pairs of 1 user", "2 pairs of 2 users")
    assert "note: 2 of 4 pairs were drawn" in page and "left out" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "No reasons are given: set --reasons=<file>,<file>."),
        (["--reasons="], "--reasons= says nothing: give a value, or leave it out."),
        (["--reasons=a.jsonl", "--samples=many"], "samples='many' cannot be used: give a whole number"),
        (["--reasons=a.jsonl", "--samples=1"], "samples=1 are too few for a 95 % interval: give at least 100, or 0"),
        (["--reasons=a.jsonl", "--against=b"], "against='b' is none of the sets"),
        (["--reasons=a.jsonl", "--reason=b"], "--reason is no option of curec evaluate (nearest: 'reasons')"),
        (["--reasons=a.jsonl"], "There is no file 'a.jsonl'"),
        *(
            (["--reasons=a.jsonl", f"--{name}=1"], f"--{name} says nothing without --references: give that too")
            for name in ("encoder", "bertscore", "sentences", "reference_column", "features_column")
        ),
        (["--reasons=a.jsonl", "--data_path=x"], "--data_path says nothing without --checkpoint: give that too"),
        (
            ["--reasons=a.jsonl", "--references=b.jsonl", "--sentences=1"],
            "--sentences says nothing with --references=b.jsonl: it is for references of",
        ),
        (
            ["--reasons=a.jsonl", "--references=test", "--features_column=x"],
            "--features_column says nothing with --references=test: it is for references of a file",
        ),
        *(
            ([*given, "--output=./a.json"], "output: 'a.json' is read by this command and would be overwritten")
            for given in (["--reasons=a.json"], ["--reasons=b.jsonl", "--references=a.json"])
        ),
        (["--reasons=a.jsonl", "--output=x.txt"], "output: 'x.txt' must end in .json or .parquet"),
    ],
)
def test_what_cannot_be_evaluated(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.console(["evaluate", *arguments]) == 2
    assert f"error: {said}" in capsys.readouterr().err
