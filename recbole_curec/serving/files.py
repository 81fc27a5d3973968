"""Writing of recommendation lists to Parquet or CSV files, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recbole_curec.atomic_write import check_output_file, write_whole

_SUFFIXES = (".parquet", ".csv")
_SCHEMA = pa.schema([("user", pa.string()), ("rank", pa.int32()), ("item", pa.string()), ("score", pa.float32())])


def check_output(path: Path) -> None:
    """Check that lists can be written to a file, before they are computed.

    Raises:
        ConfigurationError: Its name does not end in .parquet or .csv, or its folder cannot be written.
    """
    check_output_file(path, _SUFFIXES)


def write_lists(tables: Iterable[pd.DataFrame], path: Path) -> int:
    """Write lists atomically as Parquet or CSV, depending on the file's suffix.

    Args:
        tables: Tables with the columns ``user``, ``rank``, ``item`` and ``score``; one is held in memory at a time.
        path: The file.

    Returns:
        Number of table rows written.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    check_output(path)
    count = 0

    def write(temporary: Path) -> None:
        nonlocal count
        count = _parquet(tables, temporary) if path.suffix == ".parquet" else _csv(tables, temporary)

    write_whole({path: write})
    return count


def _parquet(tables: Iterable[pd.DataFrame], path: Path) -> int:
    count = 0
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        for table in tables:
            writer.write_table(pa.Table.from_pandas(table, schema=_SCHEMA, preserve_index=False))
            count += len(table)
    return count


def _csv(tables: Iterable[pd.DataFrame], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(_SCHEMA.names) + "\n")
        for table in tables:
            table.to_csv(file, index=False, header=False, columns=list(_SCHEMA.names), lineterminator="\n")
            count += len(table)
    return count
