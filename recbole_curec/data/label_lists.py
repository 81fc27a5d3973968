"""Reading of columns whose cells are lists of labels, in the ways in which data sets write them.

A cell may be a list as Python, JSON or numpy writes it (``['Drama', 'Sci-Fi']``, also nested), or labels separated by
marks (``Drama|Sci-Fi``). Whether a mark separates labels is decided for the column as a whole, because a comma may
as well belong to a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recbole_curec.data.markup import without_markup

_QUOTED = r"""[uUbB]?(?P<mark>['"])(?P<text>.*?)(?P=mark)(?=\s*(?:[,;:\])}]|$)|\s+['"])"""
_TOKEN = re.compile(
    rf"""\s*+(?:(?P<open>[\[{{]|\((?=\s*+['"(\[]))|(?P<close>[\])}}])|(?P<next>[,;])|{_QUOTED}|(?P<bare>[^\s:\[\]{{}}()'",;][^:\[\]{{}},;]*+))"""
    r"(?:\s*+(?P<key>:))?",
    re.DOTALL,
)
_START = re.compile(r"""\s*+[\[({'"]|\s*+[uUbB]['"]""")
_CLOSES = {"[": "]", "(": ")", "{": "}"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_NO_VALUE = frozenset({"none", "null", "nan", "..."})
# Whole cells, and texts in quotes, that stand for no label; NA may be one (North America).
_ABSENT = frozenset({"none", "null", "nan", "n/a", "<na>"})
# Keys under which mappings hold labels: [{"id": 16, "name": "Animation"}], {"genres": ["Drama", "War"]}.
_LABEL_KEYS = frozenset(
    {"name", "title", "label", "labels", "value", "genre", "genres", "category", "categories", "tag", "tags"}
)
_SPARE_KEY = "description"  # holds the label where no other key does: [{"id": "1", "description": "Action"}]
# How numpy and pandas write what holds a list: array(['Drama'], dtype=object), and its texts: np.str_('Drama').
_CALL = re.compile(r"\s*+(?:[a-z]+\.)?(?:array|Index|frozenset|set|list|tuple|deque)\(\s*+(?=[\[({])")
_SCALAR = re.compile(r"""\b(?:np|numpy)\.str_\(('[^'\\]*+'|"[^"\\]*+")\)""")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
# What may separate labels in a column; a comma between digits belongs to a number.
_MARKS = tuple(
    re.compile(mark)
    for mark in (r"[|\uff5c]", r"[;\uff1b]", r"[-=]?>", r"\s[\u2022\u00b7]\s", r"(?<!\d),|,(?!\d)|[\uff0c\u3001]")
)
_COMMA = _MARKS[-1]
# Columns of this kind of name hold labels, so that a comma in them separates two.
_HINTS = (
    "categor", "genre", "tag", "keyword", "topic", "subject", "theme", "class", "department", "label", "style", "type",
    "kind", "mood", "interest",
)  # fmt: skip
# A label has so many characters on average; longer parts are sentences.
_LABEL_LENGTH = 60
_JOINED = re.compile(r"\s+&\s+")
_LOOSE = frozenset({"-", "\u2013", "/", "+", "&", "\u2022", "\u00b7"})
# A mark at the end of a label separates it from nothing.
_AROUND = " \t\r\n,;|\uff0c\u3001\uff1b\uff5c"


@dataclass(frozen=True)
class WrittenList:
    """A cell in the form of a list.

    Attributes:
        values: Its values, without duplicates; those of inner lists follow each other.
        certain: Whether nothing else looks like this: brackets or commas, and every value in quotes.
        quoted: Whether every value is in quotes.
    """

    values: tuple[str, ...]
    certain: bool
    quoted: bool


def read_list(cell: str) -> WrittenList | None:
    """Read one cell that is a list as Python, JSON or numpy writes it; None if it is something else.

    Lists that were cut off end with what there is. Nothing is evaluated, and the time grows with the length alone.
    """
    cell = _unwrapped(cell)
    if not _START.match(cell):
        return None
    cell = cell.strip()
    values: list[str] = []
    spare: list[str] = []
    weighted: list[str] = []
    expected: list[str] = []
    above: list[str | None] = []  # the key of every list that is open
    bare = marks = place = 0
    keyed, name, key = False, "", None  # type: bool, str, str | None
    while place < len(cell):
        token = _TOKEN.match(cell, place)
        if token is None or (place and not expected and token["close"]):
            if not values or bare or not (expected or marks):
                return None
            values.append(cell[place:].strip(" ,;'\"[]"))  # cut off within a value
            break
        if place and not expected and (token["open"] or token["bare"]):
            return None  # text goes on after the list
        place = token.end()
        if token["open"]:
            expected.append(_CLOSES[token["open"]])
            above.append(key if token["open"] != "{" else None)
            key = above[-1]
        elif token["close"]:
            if expected.pop() != token["close"]:
                return None
            above.pop()
            key = None
        elif token["next"]:
            marks += 1
            key = above[-1] if above else None
        else:
            value = _unescaped(token["text"]) if token["bare"] is None else token["bare"].strip()
            if token["key"]:
                keyed, name, key = True, value, value.lower()
            elif key is None or key in _LABEL_KEYS:
                absent = value.lower() in (_ABSENT if token["bare"] is None else _NO_VALUE)
                values += [] if absent else [value]
                bare += token["bare"] is not None and not absent
            elif key == _SPARE_KEY:
                spare.append(value)
            elif expected == ["}"] and _NUMBER.fullmatch(value):
                weighted.append(name)  # {"Strategy": 120, "War": 40}
    if not values and keyed:
        values = spare or weighted
    if not values and (keyed or expected):
        return None
    bracketed = cell[0] in _CLOSES
    found = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
    return WrittenList(found, not bare and (bracketed or bool(marks and len(values) > 1)), not bare)


def _unwrapped(cell: str) -> str:
    """A cell without the calls around a list and its texts, as numpy and pandas write them."""
    if "str_(" in cell:
        cell = _SCALAR.sub(r"\1", cell)
    call = _CALL.match(cell)
    if call is None or not cell.rstrip().endswith(")"):
        return cell
    inner, named, kind = cell.rstrip()[call.end() : -1].rpartition("dtype=")
    return inner.rstrip(" ,\n") if named and not set(kind) & set("[](){}") else f"{inner}{named}{kind}"


def read_column(name: str, cells: Sequence[str], separator: str | None) -> tuple[list[tuple[str, ...]], list[str]]:
    """Labels of every cell of a column, and every cell as prose.

    Args:
        name: Name of the column.
        cells: Its cells.
        separator: What separates the values of a ``token_seq`` column; None for one of single values.

    Returns:
        The labels, not cleaned yet but for HTML, and the cells, in which only written lists have changed.
    """
    distinct = list(dict.fromkeys(cells))
    read = {cell: read_list(cell) for cell in distinct}
    filled = sum(1 for cell in cells if cell.strip())
    lists = sum(1 for cell in cells if read[cell] is not None)
    mostly = 2 * lists > filled
    quoting = any(found is not None and found.certain for found in read.values())
    written = {
        cell: found.values
        for cell, found in read.items()
        if found is not None and (found.certain or mostly or (quoting and found.quoted))
    }
    rest = [without_markup(cell).strip() for cell in cells if cell not in written]
    split = _whole if mostly else _splitter(name, rest, separator)
    labels = {
        cell: tuple(written[cell]) if cell in written else split(without_markup(cell).strip()) for cell in distinct
    }
    prose = {cell: ", ".join(written[cell]) if cell in written else cell for cell in distinct}
    labels.update({cell: () for cell in distinct if cell.strip().lower() in _ABSENT})
    return [labels[cell] for cell in cells], [prose[cell] for cell in cells]


def _splitter(name: str, cells: Sequence[str], separator: str | None) -> Callable[[str], tuple[str, ...]]:
    """How the cells of a column that are no written lists are split into labels."""
    if separator is not None and separator.strip():
        return lambda cell: _parts(cell.split(separator))
    hinted = any(hint in name.lower() for hint in _HINTS)
    marks: list[re.Pattern[str]] = []
    counts: Counter[tuple[str, ...]] = Counter((cell,) for cell in cells if cell)
    for mark in _MARKS:
        if not any(mark.search(part) for parts in counts for part in parts):
            continue
        after: Counter[tuple[str, ...]] = Counter()
        for parts, count in counts.items():
            after[_parts([piece for part in parts for piece in mark.split(part)])] += count
        if _separates(counts, after, strictly=mark is _COMMA and not hinted, by_item=hinted):
            marks.append(mark)
            counts = after
    if marks:
        return lambda cell: _split_by(marks, cell)
    return _whole if separator is None else _split_by_space


def _separates(
    before: Counter[tuple[str, ...]], after: Counter[tuple[str, ...]], *, strictly: bool, by_item: bool
) -> bool:
    """Whether a mark separates labels: its parts occur elsewhere too, alone or with others.

    Args:
        before: Number of items by labels without the mark.
        after: The same with it.
        strictly: Whether every part must occur in two kinds of cells on average: "Surname, First name" does not.
        by_item: Whether the same cell of another item counts as elsewhere.
    """
    lone = {parts[0] for parts in before if len(parts) == 1}
    found = Counter(part for parts, count in after.items() for part in parts for _ in range(count if by_item else 1))
    several = [parts for parts in after if len(parts) > 1 and parts not in before]
    occurrences = [part for parts in several for part in parts]
    if not several or sum(map(len, occurrences)) > _LABEL_LENGTH * len(occurrences):
        return False
    if strictly:
        return 2 * len(set(occurrences)) <= len(occurrences)
    repeated = sum(any(found[part] > 1 or part in lone for part in parts) for parts in several)
    return 2 * repeated >= len(several)


def _split_by(marks: Sequence[re.Pattern[str]], cell: str) -> tuple[str, ...]:
    parts = [cell]
    for mark in marks:
        parts = [piece for part in parts for piece in mark.split(part)]
    return _parts(parts)


def _split_by_space(cell: str) -> tuple[str, ...]:
    """Words are labels; an ampersand joins its neighbours to one."""
    words = _JOINED.sub("\0&\0", cell).split()
    return tuple(word for word in _parts([word.replace("\0", " ") for word in words]) if word not in _LOOSE)


def _whole(cell: str) -> tuple[str, ...]:
    return _parts([cell])


def _parts(pieces: Sequence[str]) -> tuple[str, ...]:
    stripped = (piece.strip(_AROUND) for piece in pieces)
    return tuple(dict.fromkeys(piece for piece in stripped if piece))


def _unescaped(text: str) -> str:
    plain = _ESCAPE.sub(_character, text)
    # JSON writes characters beyond the first plane as two halves.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if plain != text else plain


def _character(escape: re.Match[str]) -> str:
    code = escape[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return " " if code in "ntr" else code
