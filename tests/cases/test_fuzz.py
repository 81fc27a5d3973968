"""Files made of anything: each is read with every row it has, or refused in one sentence."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recbole.data import create_dataset

from recbole_curec.data.catalog import read_catalog
from recbole_curec.errors import CURecError
from recbole_curec.plugin.config import load_config
from recbole_curec.settings.travel import settings_of

EXAMPLES = 1000
SEPARATORS = ("\t", ",", ";", "|", "::", " ", "\t\t", "§", "a", ":", '"', "")
ENCODINGS = (*["utf-8"] * 20, "latin-1", "utf-16", "utf-8-sig", "cp1252", "ascii", "zlib", "no-such")
IDS = st.sampled_from(
    [
        *["1", "2", "3", "3.0", "003", "NA", "nan", "null", "u1", "i1", "i2", "ä", "日本", "'", 'x"', '"y', "None"] * 6,
        " 1",
        "[PAD]",
        "",
    ]
)
TEXTS = st.sampled_from(
    [
        "Heat",
        '"Great Escape',
        'Dundee 2"',
        '"Heat"',
        'a "b" c',
        '""',
        "\u2028",
        "a\tb",
        "a,b",
        "a\nb",
        "é",
        "",
        "NA",
        "\\",
        "'x'",
    ]
) | st.text(max_size=5)
TIMES = st.sampled_from(
    ["1", "2", "3", "1e9", "2.5", "1700000000", " 7"] * 12 + ["", "nan", "inf", "-", "x", "2020-01-01"]
)
KINDS = st.sampled_from(["token"] * 6 + ["token_seq", "float", "float_seq", "text", ""])
Table = list[list[str]]
rarely = st.integers(0, 40).map(lambda number: number == 17)  # the library prefers the ends of a range


@st.composite
def tables(draw: Any, names: tuple[str, ...], cells: dict[str, Any]) -> Table:
    """A header and rows, now and then with a column too few or too many, in the header or in a row."""
    usual = {"timestamp": "float", "title": "token_seq", "review": "token_seq"}
    header = [f"{name}:{draw(KINDS) if draw(rarely) else usual.get(name, 'token')}" for name in names]
    unique = (lambda row: row[0].strip(' "')) if names[0] == "item_id" and not draw(rarely) else None
    rows = draw(
        st.lists(
            st.tuples(*(cells[name] for name in names)).map(list),
            min_size=int(not draw(rarely)),
            max_size=8,
            unique_by=unique,
        )
    )
    if rows and draw(rarely):
        row = draw(st.sampled_from(rows))
        row.append("x") if draw(st.booleans()) else row.pop()
    if draw(rarely):
        header.append(draw(st.sampled_from(["", "x", "x:token", "user_id:token"])))
    return [header, *rows]


INTERACTIONS = tables(
    ("user_id", "item_id", "timestamp", "review"), {"user_id": IDS, "item_id": IDS, "timestamp": TIMES, "review": TEXTS}
)
ITEMS = tables(("item_id", "title", "genre"), {"item_id": IDS, "title": TEXTS, "genre": TEXTS})


@st.composite
def files(draw: Any) -> tuple[Table, Table]:
    """Interactions, and an item file that mostly has a row for each of their items."""
    inter, item = draw(INTERACTIONS), draw(ITEMS)
    if not draw(rarely):
        known = {row[0].strip() for row in item[1:]}
        missing = {row[1].strip(): row[1] for row in inter[1:] if len(row) > 1 and row[1].strip() not in known}
        item += [[name, "Heat", "Crime"][: len(item[0])] for name in missing.values()]
    return inter, item


def written(table: Table, separator: str, quoted: bool) -> str:
    """The text of a table, with fields quoted by the csv library, or joined as they are."""
    if quoted and len(separator) == 1 and separator != '"':
        file = io.StringIO()
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(table)
        return file.getvalue()
    return "".join(separator.join(row) + "\n" for row in table)


def is_plain(table: Table, separator: str, quoted: bool) -> bool:
    """Whether the text says beyond doubt how many rows there are."""
    marks = ("\n", "\r") if quoted else ("\n", "\r", separator)
    breaks = any(mark and mark in cell for row in table for cell in row for mark in marks)
    return not breaks and len({len(row) for row in table}) == 1


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    files(), st.sampled_from(SEPARATORS[:2] * 20 + SEPARATORS), st.sampled_from(ENCODINGS), st.booleans(),
    st.sampled_from(["BPR", "SASRec", "CURec", "CURecGeneral", "FM"]),
)  # fmt: skip
def test_files_are_read_whole_or_refused(
    both: tuple[Table, Table], separator: str, encoding: str, quoted: bool, model: str
) -> None:
    inter, item = both
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "fuzz"
        place.mkdir()
        for suffix, table in (("inter", inter), ("item", item)):
            known = encoding if encoding not in ("zlib", "no-such") else "utf-8"
            text = written(table, separator, quoted)
            (place / f"fuzz.{suffix}").write_bytes(text.encode(known, "replace"))
        given = {
            "data_path": folder, "field_separator": separator, "encoding": encoding, "epochs": 1,
            "load_col": {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "genre"]},
            "filter_inter_by_user_or_item": False,
        }  # fmt: skip
        try:
            config = load_config(model, "fuzz", [], given)
            read = create_dataset(config)
        except CURecError as error:
            assert len(str(error)) < 1500
            assert "\n" not in str(error)
            return
        if is_plain(inter, separator, quoted):
            assert len(read.inter_feat) == len(inter) - 1
            if encoding == "utf-8" and not any('"' in row[0] for row in inter):
                assert {*read.field2id_token["user_id"]} == {"[PAD]", *(row[0].strip() for row in inter[1:])}
        if is_plain(item, separator, quoted) and model.startswith("CURec"):
            collect = settings_of(config).collect
            layout = {"separator": separator, "encoding": encoding}
            catalog = read_catalog(place / "fuzz.item", "item_id", np.array([], dtype=str), collect, **layout)
            assert catalog.n_items == len(item)
