"""Reading of RecBole's atomic files as text: tab-separated tables whose header names columns as ``name:type``."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from recbole_curec.errors import DataError

# Types of columns that hold text.
TEXT_TYPES = ("token", "token_seq")


def read_atomic_file(path: Path, separator: str, encoding: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """All rows as text, with columns named without their types, and the type of every column.

    Raises:
        DataError: A line cannot be read.
    """
    try:
        table = pd.read_csv(
            path, sep=separator, dtype=str, encoding=encoding, quoting=csv.QUOTE_NONE, keep_default_na=False, engine="c"
        )
    except pd.errors.ParserError as error:
        raise DataError(f"{path} cannot be read: {' '.join(str(error).split())}: correct that line.") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise DataError(f"{path}, line 2: there are more fields than the header names columns: correct that line.")
    types = dict(column.rsplit(":", 1) for column in table.columns)
    table.columns = pd.Index([column.rsplit(":", 1)[0] for column in table.columns])
    return table, types
