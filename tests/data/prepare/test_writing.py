from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recbole_curec.data.prepare.writing import number_field, text_field, write_rows


def test_rows_are_written_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "toy.inter"
    there: list[int] = []

    def rows() -> Iterator[tuple[str, ...]]:
        for number in range(5):
            there.append(path.stat().st_size)
            yield str(number), "x" * 20_000  # more than a buffer holds

    write_rows(path, ["a:token", "b:token"], rows())
    assert there[0] == 0
    assert 0 < there[2] < there[4]
    assert [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()] == ["a:token", *"01234"]


def test_fields() -> None:
    assert [number_field(value) for value in (4.0, 3.5, 1588687728.923)] == ["4", "3.5", "1588687728.923"]
    assert text_field(["War", "War", " ", 'Men"s']) == '["War", "Men\'s"]'
    assert text_field([]) == ""
