"""``curec annotate``: sheets are written and read back; one sentence for what cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.api.annotating import make_annotation
from recbole_curec.cli import main as cli
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.annotation.key import Key
from tests.evaluation.explained import write_sets

Annotate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def annotate(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Annotate:
    """The command in a folder with two sets of eight explanations: exit code, stdout, stderr."""
    write_sets(tmp_path, 8)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.console(["annotate", *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


MAKE = ("make", "--reasons=personal.parquet,plain.jsonl", "--output=2024", "--pairs=6", "--annotators=2", "--seed=1")


def test_sheets_are_made_filled_and_read(annotate: Annotate) -> None:
    code, out, _ = annotate(*MAKE, "--scales=none", "--checks=2")
    assert code == 0
    assert "6 of 8 pairs, personal against plain; attention checks: 1 empty talk, 1 wrong item" in out
    assert "keep to yourself: 2024/key.json" in out
    key = Key.read(Path("2024/key.json"))
    assert sorted(path.name for path in Path("2024/sheets").iterdir()) == sorted(
        f"{name}.{kind}" for name in key.sheets for kind in ("csv", "html")
    )
    answers = []
    for name, sheet in key.sheets.items():
        lines = Path(f"2024/sheets/{name}.csv").read_text(encoding="utf-8-sig").splitlines()
        filled = [lines[0], *(line + sheet.questions[line.split(",")[1]].first_on for line in lines[1:])]
        answers.append(f"{name}-back.csv")
        Path(answers[-1]).write_text("\n".join(filled))
    code, out, _ = annotate("read", "--key=2024/key.json", f"--answers={','.join(answers)}", "--output=people.json")
    assert code == 0
    assert "personal is preferred, by majority per pair: 100.0% of 6 decided" in out
    assert "2 of 2 right, passed" in out
    result = json.loads(Path("people.json").read_text())
    assert result["everyone"]["by_answer"] == {
        "wins": 12, "losses": 0, "ties": 0, "rate": 1.0, "interval": result["everyone"]["by_answer"]["interval"]
    }  # fmt: skip
    assert len(result["pairs"]) == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "curec annotate '' cannot be done: write curec annotate make or curec annotate read."),
        (("make",), "curec annotate make needs --reasons, --output: see curec annotate make --help."),
        ((*MAKE, "--pair=3"), "--pair is no option of curec annotate make (nearest: 'pairs')"),
        ((*MAKE, "--scales=honest"), "scales: 'honest' is no scale: give some of faithful, informative"),
        ((*MAKE, "--scales="), "--scales= says nothing: give a value, or leave it out"),
        ((*MAKE, "--scales=,"), "--scales=, names no scale: give some of faithful, informative"),
        ((*MAKE, "--data_path=x"), "--data_path says nothing without --checkpoint: give that too"),
        ((*MAKE[:-2], "--annotators=0"), "annotators=0 cannot be used"),
        ((*MAKE, "--checks=-1"), "checks=-1 cannot be used"),
        (
            ("make", "--reasons=plain.jsonl", "--output=x"),
            "reasons: 1 given, and two sets of explanations are compared",
        ),
        (("make", "--reasons=plain.jsonl,plain.jsonl", "--output=x"), "'plain.jsonl' is given twice"),
        (("make", "--reasons=plain.jsonl,no.jsonl", "--output=x"), "There is no file 'no.jsonl'"),
        ((*MAKE, "--checkpoint=no.pth"), "no.pth"),
        (("read", "--key=no.json", "--answers=a.csv"), "key: 'no.json' is no file"),
        (("read", "--key=plain.jsonl", "--answers=a.csv"), "is no key of `curec annotate make`"),
        *(
            (
                ("read", "--key=k.json", "--answers=a.csv,b.json", f"--output={name}"),
                f"output: '{name}' is read by this",
            )
            for name in ("k.json", "b.json")
        ),
        (("read", "--key=no.json", "--answers=a.csv", "--output=a.txt"), "must end in .json"),
    ],
)
def test_what_cannot_be_done(annotate: Annotate, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = annotate(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["personal.parquet", "plain.jsonl"]


def test_an_empty_folder_of_sheets_is_filled(annotate: Annotate) -> None:
    Path("2024/sheets").mkdir(parents=True)
    assert annotate(*MAKE)[0] == 0
    Path("2024/key.json").unlink()
    code, _, err = annotate(*MAKE)
    assert code == 2 and "output: '2024/sheets' exists and is not empty: give a folder without sheets" in err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pairs": 1.5}, "pairs=1.5 cannot be used: give a whole number of at least 1"),
        ({"pairs": None}, "pairs=None cannot be used"),
        ({"reasons": {"a": 7, "b": 8}}, "reasons=7 cannot be used: it must be a path"),
    ],
)
def test_what_cannot_be_given_in_python(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_annotation(**{"reasons": write_sets(tmp_path, 3), "output": tmp_path / "out", **given})
    assert not (tmp_path / "out").exists()


def test_a_key_is_never_overwritten(annotate: Annotate) -> None:
    assert annotate(*MAKE)[0] == 0
    before = Path("2024/key.json").read_bytes()
    code, _, err = annotate(*MAKE, "--seed=1")
    assert code == 2 and "holds the key of a study" in err
    assert Path("2024/key.json").read_bytes() == before
