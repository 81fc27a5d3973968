"""Sets of explanations, and references for them: tables of user, item and text, from Parquet or JSON lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.data.evidence import Evidence
from recbole_curec.data.json_files import begins_list, read_json
from recbole_curec.data.prepare.json_lines import json_lines
from recbole_curec.errors import ConfigurationError, DataError, in_one_line, shown
from recbole_curec.evaluation.amounts import amount
from recbole_curec.evaluation.reference_features import features_of
from recbole_curec.suggestions import did_you_mean

Pair = tuple[str, str]
FILES = (".parquet", ".jsonl", ".jsonl.gz", ".json.gz", ".json")
# Usual names of the columns, the first one found is taken; those of XRec are uid, iid and explanation.
_USER = ("user", "user_id", "uid")
_ITEM = ("item", "item_id", "iid")
_TEXT = ("text", "reason", "explanation")
_FEATURES = ("features", "feature")
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # JSON can spell it, and no file can hold it


@dataclass(frozen=True)
class Columns:
    """Names of the columns in the files; None takes the first of the usual names.

    Attributes:
        user: Original user id; usually ``user``, ``user_id`` or ``uid``.
        item: Original item id; usually ``item``, ``item_id`` or ``iid``.
        text: Explanation or reference; usually ``text``, ``reason`` or ``explanation``.
        features: Features of references; usually ``features`` or ``feature``.
    """

    user: str | None = None
    item: str | None = None
    text: str | None = None
    features: str | None = None


@dataclass(frozen=True)
class ExplanationSet:
    """Explanations of one writer.

    Attributes:
        name: What tables call it.
        texts: Explanation of every pair of user and item.
        oracle: Whether the references were looked at, so that it is an upper bound and no competitor.
        evidence: The facts that an explanation may claim, where they are stored beside it.
    """

    name: str
    texts: Mapping[Pair, str]
    oracle: bool = False
    evidence: Mapping[Pair, Evidence] = field(default_factory=dict)


@dataclass(frozen=True)
class References:
    """Reference texts of pairs.

    Attributes:
        texts: One text or more for every pair.
        features: Features of every pair; None where no reference has any.
        note: Where they are from, for reports.
    """

    texts: Mapping[Pair, tuple[str, ...]]
    features: Mapping[Pair, frozenset[str]] | None = None
    note: str = ""


def explanations_of(name: str, table: pd.DataFrame, columns: Columns = Columns()) -> ExplanationSet:
    """A set of explanations from a table, one row per pair.

    Args:
        name: What tables and messages call it.
        table: The table.
        columns: Names of its columns.

    Raises:
        DataError: A column is missing, an id or a text is empty or no Unicode, or a pair is explained twice.
        ConfigurationError: A column that was named is missing.
    """
    rows = _rows(name, table, columns)
    repeated = [pair for pair, count in Counter(pair for pair, _ in rows).items() if count > 1]
    if repeated:
        user, item = repeated[0]
        raise DataError(
            f"{name}: {amount(len(repeated), 'pair')} explained more than once (the first: user {shown(user)}, item "
            f"{shown(item)}): keep one explanation per pair."
        )
    return ExplanationSet(name, dict(rows))


def references_of(name: str, table: pd.DataFrame, columns: Columns = Columns()) -> References:
    """References from a table; a pair with several rows has several references.

    Args:
        name: What messages call the table.
        table: The table.
        columns: Names of its columns.

    Raises:
        DataError: A column is missing, an id or a text is empty or no Unicode, a cell of features holds something else,
            or a features column that was named holds none.
        ConfigurationError: A column that was named is missing.
    """
    texts: dict[Pair, list[str]] = {}
    rows = _rows(name, table, columns)
    for pair, text in rows:
        texts.setdefault(pair, []).append(text)
    field = _column(name, table, columns.features, _FEATURES, needed=False)
    features: dict[Pair, frozenset[str]] = {}
    if field is not None:
        for number, ((pair, _), value) in enumerate(zip(rows, table[field], strict=True), start=1):
            features[pair] = features.get(pair, frozenset()) | features_of(name, number, str(field), value)
    known = features if any(features.values()) else None
    if known is None and columns.features is not None:
        raise DataError(
            f"{name}: column {columns.features!r} holds no features: give one with texts, or lists of texts, or leave "
            "it out."
        )
    unique = {pair: tuple(dict.fromkeys(found)) for pair, found in texts.items()}
    empty = "" if field is None or known is not None else f", whose column '{field}' is empty"
    return References(unique, known, f"references from {name}{empty}")


def read_table(path: Path) -> pd.DataFrame:
    """A table from a Parquet file, a file of JSON lines, or a JSON list of objects; the latter two may be gzipped.

    A file ``.json.gz`` is a list where it begins with a bracket, and JSON lines, as Amazon's data are, otherwise.

    Raises:
        ConfigurationError: The file's name ends otherwise.
        DataError: It does not exist, is damaged, or has no rows.
    """
    if not path.name.endswith(FILES):
        raise ConfigurationError(f"'{path}' is no table: give a file that ends in {', '.join(FILES)}.")
    if not path.is_file():
        raise DataError(f"There is no file '{path}': correct the path.")
    if path.suffix == ".parquet":
        try:
            table = pd.read_parquet(path)
        except (OSError, ValueError, TypeError, NotImplementedError) as error:  # pyarrow's errors are among these
            raise DataError(f"'{path}' is no Parquet file ({in_one_line(error)[:200]}): write it again.") from error
    elif path.suffix == ".json" or (path.name.endswith(".json.gz") and begins_list(path)):
        table = pd.DataFrame(_json_list(path), dtype=object)
    else:
        table = pd.DataFrame([row for _, row in json_lines(path)], dtype=object)
    if table.empty:
        raise DataError(f"'{path}' holds no rows: there is nothing to evaluate.")
    return table


def _json_list(path: Path) -> list[dict[str, Any]]:
    ending = ".jsonl.gz" if path.suffix == ".gz" else ".jsonl"
    lines = f"if each line holds one object, rename it to end in {ending}"
    content = read_json(path, f"{lines}, otherwise write it again", "save it as UTF-8")
    if isinstance(content, dict):
        raise DataError(f"'{path}' is one object and no list of objects: {lines}, otherwise put brackets around it.")
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise DataError(f"'{path}' is no list of objects: give a file that `curec explain --output` wrote.")
    return content


def _rows(name: str, table: pd.DataFrame, columns: Columns) -> list[tuple[Pair, str]]:
    fields = [
        _column(name, table, given, usual)
        for given, usual in ((columns.user, _USER), (columns.item, _ITEM), (columns.text, _TEXT))
    ]
    rows = []
    for number, (user, item, text) in enumerate(
        zip(*(table[column_name] for column_name in fields), strict=True), start=1
    ):
        if not isinstance(text, str) or not text.strip():
            raise DataError(
                f"{name}, row {number}: column '{fields[2]}' holds {shown(text, 80)} and no text: fill or remove that "
                "row."
            )
        pair = _id(name, number, str(fields[0]), user), _id(name, number, str(fields[1]), item)
        for column_name, value in zip(fields, (*pair, text), strict=True):
            _check_unicode(name, number, str(column_name), value)
        rows.append((pair, " ".join(text.split())))
    return rows


def _check_unicode(name: str, number: int, field: str, value: str) -> None:
    if _SURROGATE.search(value):
        raise DataError(
            f"{name}, row {number}: column '{field}' holds {shown(value, 80)}, in which half a character stands (a "
            "lone surrogate): correct or remove that row."
        )


def _column(
    name: str, table: pd.DataFrame, given: str | None, usual: Sequence[str], needed: bool = True
) -> Hashable | None:
    if given is not None:
        if given not in table:
            near = did_you_mean(given, [str(column) for column in table])
            raise ConfigurationError(f"{name} has no column {given!r}{near}: its columns are {_listed(table)}.")
        return given
    found = next((column for column in usual if column in table), None)
    if found is None and needed:
        raise DataError(
            f"{name} has none of the columns {', '.join(usual)}: its columns are {_listed(table)}; say which one it is."
        )
    return found


def _listed(table: pd.DataFrame) -> str:
    return shown(", ".join(map(str, table)))


def _id(name: str, number: int, field: str, value: Any) -> str:
    """An id as text; a number with a fraction, a truth value and nothing at all are no ids."""
    whole = isinstance(value, float) and value.is_integer()  # a column with gaps turns 7 into 7.0
    text = str(int(value)) if whole else str(value) if _is_id(value) else ""
    if not text.strip():
        raise DataError(
            f"{name}, row {number}: column '{field}' holds {shown(value, 80)}, which is no id: give text or whole "
            "numbers."
        )
    return text


def _is_id(value: Any) -> bool:
    return isinstance(value, str) or (not isinstance(value, bool | float) and hasattr(value, "__index__"))
