"""``curec prepare``: from a raw file to a data set that a model reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recbole_curec.cli import main as cli
from recbole_curec.data.prepare.source import SOURCES
from tests.data.prepare.raw_files import review, write_lines


def prepared(*more: str) -> int:
    given = ["--source=amazon", "--reviews=raw.json.gz", "--dataset=toy", "--out=data"]
    return cli.console(["prepare", *given, *more])


@pytest.fixture(autouse=True)
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw file in the working folder: 12 users with 6 of 8 items each, and a duplicate."""
    monkeypatch.chdir(tmp_path)
    rows = [
        review(f"u{user}", f"i{(user + step) % 8}", 1 + (user + step) % 5, 1_000 * user + step)
        for user in range(12)
        for step in range(6)
    ]
    return write_lines(tmp_path / "raw.json.gz", [*rows, rows[0]], packed=True)


def test_counts_and_the_next_command_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared("--k_core=5") == 0
    said = capsys.readouterr().out
    assert "read: 73 reviews of 8 items by 12 users" in said
    assert "dropped as further reviews of an item by its user: 1\n" in said
    assert "5-core: 0 reviews, 0 users and 0 items dropped in 0 rounds" in said
    assert "written: 72 reviews of 8 items by 12 users" in said
    assert "python run_curec.py --model=RecCoT --dataset=toy --data_path=data" in said
    assert sorted(path.name for path in Path("data/toy").iterdir()) == ["prepare.json", "toy.inter", "toy.item"]


def test_a_model_runs_on_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared() == 0
    given = {"model": "BPR", "dataset": "toy", "data_path": "data", "epochs": 1, "show_progress": False}
    given |= {"topk": "[3]", "valid_metric": "MRR@3"}
    assert cli.main([f"--{key}={value}" for key, value in given.items()]) == 0
    assert re.search(r"^BPR +\d\.\d+", capsys.readouterr().out, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--k_cor=5"], "--k_cor is no option of curec prepare (nearest: 'k_core'): use --source"),
        (["--k_core=five"], "k_core='five' cannot be used: give a whole number."),
        (["--k_core=True"], "k_core=True cannot be used: give a whole number."),
        (["--overwrite=maybe"], "overwrite='maybe' cannot be used: give True or False."),
        (["--min_rating=good"], "min_rating='good' cannot be used: give a number."),
        (["--since=soon"], "since='soon' cannot be used: give a date, such as 2014-07-01"),
        (
            ["--since=2014"],
            "since='2014' may be a date or a number of seconds: write 2014-01-01 for the date",
        ),
        (["--before=20140701"], "write 2014-07-01 for the date, or 20140701.0 for the number"),
        (["--unrated=keep", "--min_rating=2"], "unrated=keep keeps reviews without a rating, which min_rating=2"),
        (["--since=2014-07-01", "--before=2014-07-01"], "leave no time: the first must be earlier"),
        (
            ["--since=2014-07-01"],
            "leaves none of the 73 reviews of raw.json.gz: their times are 1970-01-01 to 1970-01-01.",
        ),
        (
            ["--crowd_labels"],
            "crowd_labels says nothing with --source=amazon: leave it out (it belongs to goodreads, steam)",
        ),
        (["--crowd_labels=some"], "crowd_labels='some' cannot be used: give True or False."),
        (["--tags=tags.csv"], "tags: 'tags.csv' is no file"),
        (["--items=nowhere.json"], "items: 'nowhere.json' is no file"),
        (["--items="], "--items= says nothing: give a value, or leave it out"),
        (["stray"], "'stray' is not of the form --key=value"),
    ],
)
def test_wrong_options(more: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared(*more) == 2
    assert message in capsys.readouterr().err
    assert not Path("data").exists()


def test_missing_options_are_named_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.console(["prepare", "--source=amazon"]) == 2
    assert "curec prepare needs --reviews, --dataset, --out: see curec prepare --help." in capsys.readouterr().err


def test_another_data_set_is_replaced_on_demand_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared() == prepared() == 0
    assert prepared("--duplicates=first") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert prepared("--duplicates=first", "--overwrite") == 0


def test_names_that_look_like_numbers_stay_names(raw: Path) -> None:
    raw.rename("007")
    assert cli.console(["prepare", "--source=amazon", "--reviews=007", "--dataset=1e5", "--out=2024"]) == 0
    assert Path("2024/1e5/1e5.inter").is_file()


def test_a_table_with_dates(capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["1,7,5,2014-07-01", "1,8,4,2014-06-30", "2,7,5,2014-07-02 10:00:00", "2,8,1,2014-07-02"]
    Path("rows.csv").write_text("\n".join(["who,what,stars,when", *rows, ""]), encoding="utf-8")
    Path("things.csv").write_text("what,name,kind\n7,Seven,odd;prime\n8,Eight,even\n", encoding="utf-8")
    given = ["--source=table", "--reviews=rows.csv", "--items=things.csv", "--dataset=toy", "--out=data"]
    maps = [
        "--columns=user=who,item=what,rating=stars,time=when",
        "--item_columns=item=what, title=name, category=kind",
    ]
    filters = ["--since=2014-07-01", "--before=1404345600", "--min_rating=2"]
    assert cli.console(["prepare", *given, *maps, *filters]) == 0
    said = capsys.readouterr().out
    assert "dropped outside of the time window since 2014-07-01 before 2014-07-03: 1\n" in said
    assert "dropped below a rating of 2: 1\n" in said
    assert said.endswith("next: python run_curec.py --model=CURec --dataset=toy --data_path=data\n")
    assert Path("data/toy/toy.inter").read_text(encoding="utf-8").splitlines()[1:] == [
        "1\t7\t5\t1404172800", "2\t7\t5\t1404295200"
    ]  # fmt: skip
    assert Path("data/toy/toy.item").read_text(encoding="utf-8").splitlines()[1:] == ['7\tSeven\t["odd;prime"]']


def test_every_source_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.console(["prepare", "--help"]) == 0
    said = capsys.readouterr().out
    for name, source in SOURCES.entries().items():
        assert f"\n  {name} " in said
        assert all(f"--{option}" in said for option in source.reads)
