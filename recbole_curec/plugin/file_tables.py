"""Tables of RecBole's datasets, read from atomic files by our reader in place of RecBole's, for every model.

RecBole reads with pandas: it takes ids such as ``NA`` for missing values, opens quotation marks that are text, shifts
all columns where the first row has one field too many, and puts the mean in place of a missing time. None of this is
said. Here ids are text, every record is a row, and what cannot be read is an error with its line.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recbole.utils import FeatureSource, FeatureType

from recbole_curec.data.atomic_file import AtomicTable, read_atomic_file, read_header
from recbole_curec.data.matching_ids import check_matching
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.file_layout import file_layout

logger = logging.getLogger(__name__)

# Settings that name columns of ids; an id is never missing, any other token may be.
_ID_SETTINGS = (
    "USER_ID_FIELD", "ITEM_ID_FIELD", "HEAD_ENTITY_ID_FIELD", "TAIL_ENTITY_ID_FIELD", "RELATION_ID_FIELD",
    "ENTITY_ID_FIELD",
)  # fmt: skip


def load_feat(dataset: Any, filepath: str, source: Any) -> pd.DataFrame | None:
    """Replaces ``Dataset._load_feat``: the columns of one file that ``load_col`` and ``unload_col`` leave.

    Args:
        dataset: RecBole's dataset; the types, sources and lengths of the columns are noted in it.
        filepath: The file.
        source: What the file holds: a ``FeatureSource``, or the suffix of an additional file.

    Returns:
        One row per record, ids and tokens as text; None if no column is to be loaded.

    Raises:
        DataError: The file cannot be read, or a value does not fit its column.
    """
    config = dataset.config
    wanted, unwanted = dataset._get_load_and_unload_col(source)
    if wanted == set():
        return None
    path, layout = Path(filepath), file_layout(config)
    columns = [
        name
        for name in read_header(path, **layout)
        if (wanted is None or name in wanted) and name not in (unwanted or ())
    ]
    if not columns:
        logger.warning("No column of %s is loaded: see load_col and unload_col.", path)
        return None
    table = read_atomic_file(path, **layout, columns={*columns, *_interaction_columns(config)})
    for name in columns:
        _note(dataset, name, FeatureType(table.types[name]), source)
    frame = pd.DataFrame({name: _column(dataset, table, name) for name in columns})
    if source == FeatureSource.INTERACTION:
        _warn_of_duplicates(table, config)
    elif source in (FeatureSource.ITEM, FeatureSource.USER):
        field = dataset.iid_field if source == FeatureSource.ITEM else dataset.uid_field
        if field in frame:
            # RecBole would keep the first row of an id, and pad what has none.
            check_matching(dataset.inter_feat[field], table.unique_ids(field), path, field)
    return frame


def _note(dataset: Any, name: str, kind: FeatureType, source: Any) -> None:
    if isinstance(source, str) and source == "link":
        return  # a link file only says which entity an item is
    dataset.field2source[name] = source
    dataset.field2type[name] = kind
    if not kind.value.endswith("seq"):
        dataset.field2seqlen[name] = 1
    if "float" in kind.value:
        dataset.field2bucketnum[name] = 2


def _column(dataset: Any, table: AtomicTable, name: str) -> Any:
    kind = table.types[name]
    if kind.endswith("seq"):
        return pd.Series(_sequences(dataset, table, name), dtype=object)
    if kind == "token":
        return _tokens(table, name, is_id=name in id_columns(dataset.config))
    return _numbers(table, name, complete=name == dataset.time_field)


def id_columns(config: Any) -> set[str]:
    """Names of the columns that hold ids."""
    named = {config[setting] for setting in _ID_SETTINGS if config[setting]}
    return named.union(*(config[f"alias_of_{kind}_id"] or () for kind in ("user", "item", "entity", "relation")))


def _tokens(table: AtomicTable, name: str, is_id: bool) -> NDArray[np.object_]:
    if not is_id:
        texts = table.texts(name)
        texts[texts == ""] = np.nan  # RecBole's padding
        return texts
    padded = table.padded_ids(name)
    if padded:
        logger.warning("%s: blanks around %d values of %s were removed.", table.path, padded, name)
    return table.ids(name)


def _numbers(table: AtomicTable, name: str, complete: bool) -> NDArray[np.float64]:
    numbers = table.numbers(name, complete)
    missing = np.flatnonzero(np.isnan(numbers))
    if len(missing) == len(numbers):
        raise DataError(f"{table.path}: the column {name} has no number in any row: remove it, or fill it.")
    if len(missing):
        logger.warning(
            "%s: %d of %d rows have no %s (first: line %d); RecBole takes the mean of the others for them.",
            table.path, len(missing), len(numbers), name, table.line(int(missing[0])),
        )  # fmt: skip
    return numbers


def _sequences(dataset: Any, table: AtomicTable, name: str) -> list[NDArray[Any]]:
    """The values of every row, shape ``(N,)`` of arrays; ``seq_len`` cuts them."""
    separator, longest = dataset.config["seq_separator"], (dataset.config["seq_len"] or {}).get(name)
    if not isinstance(separator, str) or not separator:
        raise ConfigurationError(f"seq_separator: {separator!r} cannot separate values: give a character, such as ' '.")
    parts = [[part for part in text.split(separator) if part] for text in table.texts(name)]
    if table.types[name] == "float_seq":
        values = [_vector(table, name, row, texts) for row, texts in enumerate(parts)]
    else:
        values = [np.array(texts) for texts in parts]
    dataset.field2seqlen[name] = max(map(len, values), default=0)
    if longest is not None:
        dataset.field2seqlen[name] = min(longest, dataset.field2seqlen[name])
        values = [row[:longest] for row in values]
    return values


def _vector(table: AtomicTable, name: str, row: int, texts: list[str]) -> NDArray[np.float64]:
    try:
        vector = np.array([float(text) for text in texts])
        if np.isfinite(vector).all():
            return vector
    except ValueError:
        pass  # said below, with the line
    raise DataError(
        f"{table.path}, line {table.line(row)}: {name} {' '.join(texts)[:80]!r} holds a value that is no finite "
        "number: correct it, or set seq_separator."
    )


def _interaction_columns(config: Any) -> list[str]:
    return [config[key] for key in ("USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD") if config[key]]


def _warn_of_duplicates(table: AtomicTable, config: Any) -> None:
    """Say how many interactions occur more than once: with a copy of it in training, a test interaction is easy."""
    names = [name for name in _interaction_columns(config) if name in table.types]
    if config["rm_dup_inter"] is not None or not names:
        return
    copies = table.copies(names)
    if copies.any():
        logger.warning(
            "%s: %d of %d interactions are exact copies of earlier ones in %s (first: line %d); a copy in training "
            "makes a test interaction easy: set rm_dup_inter: first to keep one of each.",
            table.path, copies.sum(), len(table), ", ".join(names), table.line(int(copies.argmax())),
        )  # fmt: skip
