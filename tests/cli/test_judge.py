"""``curec judge``: a server judges, and what cannot be used is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recbole_curec.cli import main as cli
from tests.evaluation.explained import write_sets
from tests.evaluation.judging.judges import FairJudge

pytest.importorskip("openai")
Judge = Callable[..., tuple[int, str, str]]


@pytest.fixture
def judge(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Judge:
    """The command in a folder with two sets of eight explanations: exit code, stdout, stderr."""
    write_sets(tmp_path, 8)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.console(["judge", "--reasons=personal.parquet,plain.jsonl", "--output=judged", *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def test_the_result_is_printed_and_written(judge: Judge) -> None:
    with FairJudge() as server:
        code, out, _ = judge("--judge.model=4o", f"--openai.base_url={server.url}", "--judge.planted=4")
    assert code == 0
    assert "8 pairs, personal against plain, judged by 4o in both orders; 0 of 8 set aside" in out
    assert "personal is preferred: 100.0% of 8 decided (95 % interval 67.6% to 100.0%), 0 ties" in out
    assert "planted worse sides found in both orders: 100.0% of 4 (generic praise 2 of 2, wrong item 2 of 2)" in out
    assert "warning: judge.writers names no model" in out
    assert sorted(path.name for path in Path("judged").iterdir()) == [
        "completions.jsonl",
        "judge.json",
        "verdicts.parquet",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--judge.model=qwen3", "--judge.writers=smollm2,Qwen2"], "are of the family Qwen"),
        (["--judge.modle=x"], "--judge.modle is no option of curec judge (nearest: 'judge.model')"),
        (["--judge.model=x", "--people=judged/judge.json"], "output: 'judged/judge.json' is read by this command"),
        (["--judge.model=x", "--data_path=x"], "--data_path says nothing without --checkpoint"),
        (["--judge.model=x", "--judge.planted=1"], "judge.planted=1 cannot be used"),
        (["--judge.model=x", "--openai.key_variable=sk-12345"], "never to the key itself"),
    ],
)
def test_what_cannot_be_used(judge: Judge, arguments: list[str], message: str) -> None:
    code, out, err = judge("--openai.base_url=http://127.0.0.1:9/v1", *arguments)
    assert (code, out) == (2, "")
    assert message in err and "sk-12345" not in err
    assert not Path("judged").exists()
