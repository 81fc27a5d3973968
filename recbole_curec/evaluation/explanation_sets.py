"""Sets of explanations: one text per user and item, from a file or a table, with the evidence where it is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from recbole_curec.data.evidence import Evidence
from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.errors import DataError, in_one_line, shown
from recbole_curec.terminal import printable

Pair = tuple[str, str]
Source = str | Path | pd.DataFrame
SUFFIXES = (".parquet", ".jsonl", ".json")
# Usual names of the columns, of which the first one found is taken; XRec's are uid, iid and explanation.
_USER = ("user", "user_id", "uid")
_ITEM = ("item", "item_id", "iid")
_TEXTS = ("text", "reason", "explanation")


@dataclass(frozen=True)
class ExplanationSet:
    """What one system explains.

    Attributes:
        name: Name of the set in reports.
        texts: Text by original user and item id, in one line.
        evidence: The facts that a text may claim, where they are stored beside it.
    """

    name: str
    texts: Mapping[Pair, str]
    evidence: Mapping[Pair, Evidence]


def read_explanations(source: Source, name: str) -> ExplanationSet:
    """A set of explanations with the columns ``user``, ``item`` and ``text``; ``evidence`` may be there.

    Args:
        source: A Parquet, JSONL or JSON file, as ``curec explain --output`` and the stage ``correct`` write them, or
            a table.
        name: Name of the set in reports and messages.

    Raises:
        DataError: The file cannot be read, a column is missing, an id or a text cannot be used, or a pair is explained
            twice in different words.
    """
    rows = _of_table(source) if isinstance(source, pd.DataFrame) else _of_file(Path(source))
    texts: dict[Pair, str] = {}
    evidence: dict[Pair, Evidence] = {}
    for number, row in rows:
        where = f"{name}, row {number}"
        pair = (_id(row, _USER, where), _id(row, _ITEM, where))
        text = _text(row, where)
        if texts.setdefault(pair, text) != text:
            raise DataError(
                f"{where}: user {shown(pair[0])} and item {shown(pair[1])} are explained twice, in different words: "
                "keep one explanation per user and item."
            )
        found = _evidence(row, where)
        if found is not None:
            evidence[pair] = found
    if not texts:
        raise DataError(f"{name} holds no explanation: give a file with rows.")
    return ExplanationSet(name, texts, evidence)


def in_a_line(text: str) -> str:
    """A text of others as people and models are shown it: one line, control characters spelled out."""
    return in_one_line(printable(text))


def _of_table(table: pd.DataFrame) -> Iterable[tuple[int, dict[str, Any]]]:
    return enumerate(({str(key): value for key, value in row.items()} for row in table.to_dict("records")), start=1)


def _of_file(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    if path.suffix not in SUFFIXES:
        raise DataError(f"'{path}' must end in {', '.join(SUFFIXES)}: give a file of explanations, or rename it.")
    if not path.is_file():
        raise DataError(f"'{path}' is no file: give a file of explanations, such as `curec explain --output` writes.")
    if path.suffix == ".jsonl":
        return json_lines(path)
    if path.suffix == ".parquet":
        try:
            return _of_table(pd.read_parquet(path))
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"'{path}' is no Parquet file ({in_one_line(error)}): copy it again.") from error
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"'{path}' is no JSON ({in_one_line(error)}): copy it again.") from error
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise DataError(f"'{path}' is no list of objects: give a file that `curec explain --output` wrote.")
    return enumerate(content, start=1)


def _column(row: Mapping[str, Any], names: tuple[str, ...], where: str) -> str:
    found = next((name for name in names if name in row), None)
    if found is None:
        raise DataError(
            f"{where}: none of the columns {', '.join(names)} is there: give the columns user, item and text."
        )
    return found


def _id(row: Mapping[str, Any], names: tuple[str, ...], where: str) -> str:
    column = _column(row, names, where)
    value = row[column]
    if isinstance(value, bool) or not isinstance(value, str | int | np.integer) or value == "":
        raise DataError(f"{where}: {column}={shown(value)} is no id: give original ids as text.")
    return str(value)


def _text(row: Mapping[str, Any], where: str) -> str:
    column = _column(row, _TEXTS, where)
    value = row[column]
    text = in_a_line(value) if isinstance(value, str) else ""
    if not text:
        raise DataError(f"{where}: {column}={shown(value)} is no explanation: give a text, or leave the row out.")
    return text


def _evidence(row: Mapping[str, Any], where: str) -> Evidence | None:
    value = row.get("evidence")
    if not isinstance(value, str | dict):
        return None
    try:
        return Evidence.from_record(json.loads(value) if isinstance(value, str) else value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{where}: the column 'evidence' is not as this package writes it ({in_one_line(error)}): rename it."
        ) from error
