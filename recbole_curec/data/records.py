"""Records of a delimited text file: which lines belong together, and which quotation marks delimit a field.

Files come from spreadsheet and pandas exports, which quote as RFC 4180 says, and from plain joins of fields, in which a
quotation mark is a character like any other (``"Great Escape``, ``a screen of 12"``). A field is quoted if it begins
with a mark and closes with one at its end, and if the record then has as many fields as the header; otherwise its marks
are text. The stream made here has only marks that RFC 4180 means, so that any CSV reader can go on.
"""

from __future__ import annotations

import bisect
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from recbole_curec.data.lines import MOST_CHARACTERS
from recbole_curec.errors import DataError

_QUOTE = '"'
_TAB = "\t"
# A quoted field is looked for over so many lines at most.
_MOST_LINES = 10_000
# So many lines that are records of their own make a mark before them text, if its line is one too.
_ENOUGH = 100
# Separators that stand in running text as well: a line with the right number of them may still be part of a text.
_COMMON = frozenset(",;|: ")
_LONE_RETURN = re.compile(r"\r(?!\n)")
# Results of the search for the mark that closes a field.
_OPEN, _TEXT = -1, -2


@dataclass(frozen=True)
class Layout:
    """How a file separates fields, and what a record looks like.

    Attributes:
        separator: What stands between two fields, one or more characters.
        n_fields: Number of fields of the header.
        numbers: Places of the columns of type ``float``.
    """

    separator: str
    n_fields: int
    numbers: tuple[int, ...] = ()

    @cached_property
    def quoted_line(self) -> re.Pattern[str]:
        """A line on its own whose fields are quoted as RFC 4180 says or have no mark at all; it stays as it is."""
        mark = re.escape(self.separator)
        field = rf'(?:"(?:[^"]|"")*+"|[^"{mark}]*+)'
        return re.compile(rf"{field}(?:{mark}{field}){{{self.n_fields - 1}}}+")

    def split(self, line: str) -> list[str]:
        """Fields of one line; marks around a whole field are removed, all others are text."""
        fields, opened = quoted_fields(line, self.separator)
        if opened is None and len(fields) == self.n_fields:
            return fields
        return [_unquoted(field) for field in line.split(self.separator)]

    def has_all_fields(self, line: str) -> bool:
        """Whether a line alone has the right number of fields."""
        return len(self.split(line)) == self.n_fields

    def has_numbers(self, line: str) -> bool:
        """Whether a line with the right number of fields has numbers where the header says so."""
        fields = self.split(line)
        return all(_is_number(fields[place]) for place in self.numbers)


class LineNumbers:
    """Line of the file in which each record begins; records count from 1, and so do lines, the header included."""

    def __init__(self) -> None:
        self._records, self._lines = [1], [2]

    def mark(self, record: int, line: int) -> None:
        """Note the line of a record, which matters where it is not the line after the previous record's."""
        if line - record != self._lines[-1] - self._records[-1]:
            self._records.append(record)
            self._lines.append(line)

    def of(self, record: int) -> int:
        """Line of a record."""
        place = bisect.bisect_right(self._records, record) - 1
        return self._lines[place] + record - self._records[place]


class RecordStream(io.RawIOBase):
    """The records below the header as UTF-8, with quotation marks as RFC 4180 means them; a file to read from.

    Args:
        blocks: The file's text below the header, in blocks of whole lines.
        layout: How fields are separated.
        path: The file, for messages.

    Attributes:
        lines: Line of every record read so far.
        separator: The one ASCII character that stands between the fields of the stream.
    """

    def __init__(self, blocks: Iterator[str], layout: Layout, path: Path) -> None:
        super().__init__()
        simple = len(layout.separator) == 1 and layout.separator.isascii()
        self.separator = layout.separator if simple else _TAB
        self.lines = LineNumbers()
        self._layout, self._path = layout, path
        self._blocks = blocks
        self._ahead: list[str] = []  # lines taken from the blocks that are no part of a record yet
        self._place = 0
        self._record, self._line = 1, 2
        self._parts = self._resolved()
        self._rest = b""

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next ``size`` bytes, fewer only at the end; all of them if negative."""
        while size < 0 or len(self._rest) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._rest += part.encode()
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return taken

    def _resolved(self) -> Iterator[str]:
        for block in self._blocks:
            if self._is_plain(block):
                self.lines.mark(self._record, self._line)
                self._pass(block.count("\n"), block.count("\n"))
                yield block
                continue
            self._ahead, self._place = _lines(block), 0
            while self._place < len(self._ahead):
                yield "".join(self._records())

    def _is_plain(self, block: str) -> bool:
        """Whether a block needs no resolving: no mark at a field's start, no empty line, no separator to replace."""
        return (
            self.separator == self._layout.separator
            and self.separator + _QUOTE not in block
            and "\n" + _QUOTE not in block
            and block[0] not in '"\n\r'
            and "\n\n" not in block
            and "\n\r" not in block
            and ("\r" not in block or not _LONE_RETURN.search(block))
        )

    def _records(self) -> Iterator[str]:
        """The records that begin in the lines at hand, each as a line of the stream; more are taken in if need be."""
        separator, simple = self.separator, self.separator == self._layout.separator
        at_hand = len(self._ahead)
        while self._place < at_hand:
            line = self._ahead[self._place]
            if not line:
                self._pass(0, 1)
                continue
            self.lines.mark(self._record, self._line)
            marked = line[0] == _QUOTE or self._layout.separator + _QUOTE in line
            if simple and "\r" not in line and (not marked or self._layout.quoted_line.fullmatch(line)):
                self._pass(1, 1)
                yield f"{line}\n"
                continue
            fields, count = self._fields() if marked else (line.split(self._layout.separator), 1)
            if len(fields) != self._layout.n_fields:
                raise wrong_count(self._path, self._line, len(fields), self._layout.n_fields)
            self._pass(1, count)
            yield separator.join(_QUOTE + field.replace(_QUOTE, _QUOTE * 2) + _QUOTE for field in fields) + "\n"

    def _pass(self, records: int, lines: int) -> None:
        self._record += records
        self._line += lines
        self._place += lines

    def _fields(self) -> tuple[list[str], int]:
        """Fields of the record that begins in the next line, and the number of its lines."""
        line, layout = self._ahead[self._place], self._layout
        fields, opened = quoted_fields(line, layout.separator)
        if opened is None:
            return layout.split(line), 1
        return self._over_lines(fields, opened) or ([_unquoted(field) for field in line.split(layout.separator)], 1)

    def _over_lines(self, fields: list[str], opened: str) -> tuple[list[str], int] | None:
        """The record whose last field is still open at the line's end; None if its mark is text."""
        first, layout = self._ahead[self._place], self._layout
        fits, common = layout.has_all_fields(first), layout.separator in _COMMON
        # Numbers tell rows from text where the separator does not, unless this line itself has none where they belong.
        numeric = common and bool(layout.numbers) and (not fits or layout.has_numbers(first))
        tells = numeric or not common
        parts, size = [opened], len(first)
        for count in range(2, _MOST_LINES):
            line = self._next(count - 1)
            if line is None or size > MOST_CHARACTERS:
                return None
            size += len(line) + 1
            end = _closing(line, 0, layout.separator)
            # Behind a field that is the record's first, all the others follow: that line has their number in any case.
            alone = (fits or bool(fields) or end < 0) and layout.has_all_fields(line)
            alone = alone and (not numeric or layout.has_numbers(line))
            if alone and (tells or (fits and count > _ENOUGH)):
                return None
            if end == _TEXT:
                return None
            if end == _OPEN:
                parts.append(line)
                continue
            fields = [*fields, "\n".join([*parts, line[:end]]).replace(_QUOTE * 2, _QUOTE)]
            behind = line[end + 1 + len(layout.separator) :]
            more, still = quoted_fields(behind, layout.separator) if end + 1 < len(line) else ([], None)
            fields += more
            if still is not None and len(fields) < layout.n_fields:
                parts = [still]
                continue
            if still is not None or len(fields) != layout.n_fields:
                return None
            if fits and alone:
                self._raise_ambiguous(opened, self._line + count - 1)
            return fields, count
        return None

    def _next(self, ahead: int) -> str | None:
        """A line further on; None behind the file's end."""
        while self._place + ahead >= len(self._ahead):
            block = next(self._blocks, None)
            if block is None:
                return None
            self._ahead += _lines(block)
        return self._ahead[self._place + ahead]

    def _raise_ambiguous(self, opened: str, last: int) -> None:
        raise DataError(
            f"{self._path}, line {self._line}: the quotation mark before {opened[:40]!r} closes in line {last}, and "
            "each of these lines could be a row of its own too: write the text on one line, or remove the mark."
        )


def wrong_count(path: Path, line: int, found: int, expected: int) -> DataError:
    """The error of a record with more or fewer fields than the header."""
    return DataError(
        f"{path}, line {line}: {found} fields, where the header names {expected} columns: correct that line (a "
        "separator at its end makes one field too many, and one inside a text must be quoted)."
    )


def quoted_fields(line: str, separator: str) -> tuple[list[str], str | None]:
    """Fields of a line by RFC 4180, and the text of a last field that is still open at the line's end, else None.

    A field that begins with a mark which text follows on its closing (``"Great" Escape``) is not quoted.
    """
    fields: list[str] = []
    start = 0
    while True:
        end = _closing(line, start + 1, separator) if line.startswith(_QUOTE, start) else _TEXT
        if end == _OPEN:
            return fields, line[start + 1 :]
        if end != _TEXT:
            fields.append(line[start + 1 : end].replace(_QUOTE * 2, _QUOTE))
            end += 1
        else:
            end = line.find(separator, start)
            fields.append(line[start:] if end < 0 else line[start:end])
        if end in (-1, len(line)):
            return fields, None
        start = end + len(separator)


def _closing(line: str, start: int, separator: str) -> int:
    """Place of the mark that closes a field; ``_OPEN`` if there is none, ``_TEXT`` if other text follows it."""
    while True:
        place = line.find(_QUOTE, start)
        if place < 0:
            return _OPEN
        if line.startswith(_QUOTE, place + 1):
            start = place + 2
        elif place + 1 == len(line) or line.startswith(separator, place + 1):
            return place
        else:
            return _TEXT


def _unquoted(field: str) -> str:
    inner = field[1:-1]
    whole = len(field) > 1 and field[0] == field[-1] == _QUOTE and _QUOTE not in inner.replace(_QUOTE * 2, "")
    return inner.replace(_QUOTE * 2, _QUOTE) if whole else field


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def _lines(block: str) -> list[str]:
    return [line.removesuffix("\r") for line in block.split("\n")[:-1]]
