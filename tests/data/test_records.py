"""Which lines are one record, and which quotation marks are text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.data.records import Layout, LineNumbers, RecordStream
from recbole_curec.errors import DataError


def records(text: str, n_fields: int = 3, separator: str = "\t", numbers: tuple[int, ...] = ()) -> list[list[str]]:
    """The records of a text, by way of the stream and the csv library."""
    stream = RecordStream(iter([text] if text else []), Layout(separator, n_fields, numbers), Path("a.item"))
    read = csv.reader(io.StringIO(stream.read().decode(), newline=""), delimiter=stream.separator)
    return [[field.replace("\r", "") for field in row] for row in read]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1\t"Great\tx\n2\tb\tx\n3\t2"\tx\n', [["1", '"Great', "x"], ["2", "b", "x"], ["3", '2"', "x"]]),
        ('1\t"Great" Escape\tx\n', [["1", '"Great" Escape', "x"]]),
        ('1\t"The ""Best"" Film"\tx\n', [["1", 'The "Best" Film', "x"]]),
        ('1\t"The\nBest"\tx\n2\tb\tx\n', [["1", "The\nBest", "x"], ["2", "b", "x"]]),
        ('1\tx\t"The\n\nBest"\n2\tb\tx\n', [["1", "x", "The\n\nBest"], ["2", "b", "x"]]),
        ('1\t"a\tb"\tx\n', [["1", "a\tb", "x"]]),
        ('1\t"a\tb 12"\n', [["1", '"a', 'b 12"']]),
        ('"1"\t"a"\t""\n', [["1", "a", ""]]),
        ('1\t"a\nb"\t"c\nd"\n', [["1", "a\nb", "c\nd"]]),
        ('1\ta\t"\n', [["1", "a", '"']]),
        ('1\ta\t"""\n2\tb\tx\n', [["1", "a", '"""'], ["2", "b", "x"]]),
        ('1\t5"\t3" x\n', [["1", '5"', '3" x']]),
        ("\n1\ta\tb\n\n\r\n2\tc\td\r\n", [["1", "a", "b"], ["2", "c", "d"]]),
    ],
)  # fmt: skip
def test_marks_that_delimit_and_marks_that_are_text(text: str, expected: list[list[str]]) -> None:
    assert records(text) == expected


def test_commas_stand_in_texts_too() -> None:
    assert records('1,"Tale, The",x\n', separator=",") == [["1", "Tale, The", "x"]]
    assert records('1,"Tale,\nThe",x\n', separator=",") == [["1", "Tale,\nThe", "x"]]
    assert records('1,"a,b,c\nd,e,f\ng",x\n', separator=",") == [["1", "a,b,c\nd,e,f\ng", "x"]]
    with pytest.raises(DataError, match=r"a\.item, line 2: the quotation mark before 'Tale' closes in line 3"):
        records('1,x,"Tale\nb,c,d"\n', separator=",")


def test_a_number_column_tells_rows_from_text() -> None:
    text = '1,5,"Best ever\n2,4,a 12"\n'
    assert records(text, separator=",", numbers=(1,)) == [["1", "5", '"Best ever'], ["2", "4", 'a 12"']]
    text = '1,5,"Best ever\nor, well, nearly"\n'
    assert records(text, separator=",", numbers=(1,)) == [["1", "5", "Best ever\nor, well, nearly"]]


def test_columns_without_the_numbers_they_should_hold_tell_nothing() -> None:
    text = '"y{0}Heat{0}Crime\nx"{0}Heat{0}Crime\n'
    assert records(text.format("\t"), numbers=(1,)) == [['"y', "Heat", "Crime"], ['x"', "Heat", "Crime"]]
    with pytest.raises(DataError, match="could be a row of its own too"):
        records(text.format(","), separator=",", numbers=(1,))


def test_a_damaged_row_with_an_open_mark_does_not_take_others_in() -> None:
    with pytest.raises(DataError, match="line 2: 2 fields, where the header names 3 columns"):
        records('1\t"Best\n2\ta\tx\n3\tb 12"\tx\n')


def test_many_open_marks_take_no_time() -> None:
    assert len(records('u,"i\n' * 20_000, 2, ",")) == 20_000


def test_several_characters_between_fields() -> None:
    assert records('1::"a::b"::x\n2::c\td::"e\n', separator="::") == [["1", "a::b", "x"], ["2", "c\td", '"e']]


def test_fields_of_a_block_that_begins_within_a_record() -> None:
    blocks = iter(['1\t"a\n', "b\n", 'c"\tx\n2\td\tx\n'])
    stream = RecordStream(blocks, Layout("\t", 3), Path("a.item"))
    assert stream.read().decode() == '"1"\t"a\nb\nc"\t"x"\n2\td\tx\n'
    assert [stream.lines.of(record) for record in (1, 2)] == [2, 5]


def test_reading_in_pieces_gives_the_same_bytes() -> None:
    text = "".join(f'{row}\t"a\n{row}"\tä\n' for row in range(50))
    whole = RecordStream(iter([text]), Layout("\t", 3), Path("a")).read()
    stream = RecordStream(iter([text]), Layout("\t", 3), Path("a"))
    pieces = list(iter(lambda: stream.read(7), b""))
    assert b"".join(pieces) == whole
    assert {len(piece) for piece in pieces[:-1]} == {7}


def test_line_numbers() -> None:
    lines = LineNumbers()
    lines.mark(1, 2)
    lines.mark(2, 5)
    lines.mark(3, 6)
    lines.mark(4, 9)
    assert [lines.of(record) for record in (1, 2, 3, 4, 5)] == [2, 5, 6, 9, 10]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6) | st.text('a"\n\t,', max_size=6)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 9).map(str)), min_size=1, max_size=6), st.sampled_from("\t,;"))
def test_what_the_csv_library_writes_is_read_as_it_was(rows: list[tuple[str, ...]], separator: str) -> None:
    """A text of several lines that holds separators may look like rows itself; every other one is read back."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    if not any(separator in cell and "\n" in cell for row in rows for cell in row):
        assert records(file.getvalue(), 3, separator, (2,)) == [list(row) for row in rows]
