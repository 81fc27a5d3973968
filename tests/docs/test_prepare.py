"""The source that docs/prepare.md shows works as it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.cli import main as cli
from tests.docs.pages import blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "prepare.md"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Writes the module of the page; gives the path of its class."""
    (code,) = [block.text for block in blocks(PAGE) if block.language == "python"]
    name = code.splitlines()[0].removeprefix("# ")
    module = tmp_path / name
    module.parent.mkdir()
    module.write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return f"{name.removesuffix('.py').replace('/', '.')}:CsvReviews"


def test_the_example_reads_csv(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "reviews.csv").write_text(
        'user,item,stars,time,text\nanna,b1,4.5,20,"Good, really"\nbert,b1,two,10,No\n', encoding="utf-8"
    )
    (tmp_path / "items.csv").write_text('item,name\nb1,"Tale, The"\n', encoding="utf-8")
    given = [f"--source={source}", "--reviews=reviews.csv", "--items=items.csv", "--dataset=books", "--out=data"]
    assert cli.console(["prepare", *given]) == 2
    assert "reviews.csv, line 3: stars is 'two': it must be a finite number" in capsys.readouterr().err
    text = (tmp_path / "reviews.csv").read_text(encoding="utf-8").replace("two", "2")
    (tmp_path / "reviews.csv").write_text(text, encoding="utf-8")
    assert cli.console(["prepare", *given]) == 0
    rows = (tmp_path / "data/books/books.inter").read_text(encoding="utf-8").splitlines()[1:]
    assert rows == ["bert\tb1\t2\t10\t\tNo", "anna\tb1\t4.5\t20\t\tGood, really"]
    assert (tmp_path / "data/books/books.item").read_text(encoding="utf-8").splitlines()[1:] == ["b1\tTale, The"]
