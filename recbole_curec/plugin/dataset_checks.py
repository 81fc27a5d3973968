"""Checks of the dataset's atomic files before RecBole loads, or tries to download, anything."""

from __future__ import annotations

import codecs
import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.backbones.lookup import uses_features
from recbole_curec.data.catalog import check_item_text
from recbole_curec.errors import DataError
from recbole_curec.settings.travel import settings_of

_TYPES = ("token", "token_seq", "float", "float_seq")
_CHUNK = 1 << 24


def check_dataset_files(config: Any) -> None:
    """Check the files of ``config["dataset"]``.

    Raises:
        DataError: The interaction file or a needed column is missing, a header is not one of an atomic file, text is
            not in the expected encoding, or an item id occurs twice in the item file.
    """
    folder, name = Path(config["data_path"]), config["dataset"]
    encoding = config["encoding"] or "utf-8"
    separator = config["field_separator"]
    for path in _interaction_files(config, folder, name):
        columns = _check_file(path, encoding, separator)
        _check_interaction_columns(config, path, columns)
    for suffix, key in (("item", "ITEM_ID_FIELD"), ("user", "USER_ID_FIELD")):
        path = folder / f"{name}.{suffix}"
        if path.is_file():
            columns = _check_file(path, encoding, separator)
            if config[key] not in columns:
                raise DataError(f"{path} has no '{config[key]}' column (it has {_listed(columns)}): set {key}.")
            if suffix == "item":
                status = path.stat()
                column = f"{config[key]}:{columns[config[key]]}"
                _check_unique(path, column, encoding, separator, status.st_mtime_ns, status.st_size)
    if uses_features(config):
        collect = settings_of(config).collect
        check_item_text(folder / f"{name}.item", config["ITEM_ID_FIELD"], collect, separator, encoding)


def _interaction_files(config: Any, folder: Path, name: str) -> list[Path]:
    suffixes = config["benchmark_filename"]
    paths = [folder / (f"{name}.{suffix}.inter" if suffix else f"{name}.inter") for suffix in suffixes or [None]]
    for path in paths:
        if not path.is_file():
            raise DataError(
                f"Interaction file {path} does not exist: put the dataset's atomic files there, or set data_path to "
                f"the folder that holds '{name}/'."
            )
    return paths


def _check_interaction_columns(config: Any, path: Path, columns: dict[str, str]) -> None:
    for key in ("USER_ID_FIELD", "ITEM_ID_FIELD"):
        if config[key] not in columns:
            raise DataError(f"{path} has no '{config[key]}' column (it has {_listed(columns)}): set {key}.")
        _check_loaded(config, config[key])
    sequential = getattr(config["MODEL_TYPE"], "name", "") == "SEQUENTIAL"
    if not sequential and config["eval_args"]["order"] != "TO":
        return
    time_field = config["TIME_FIELD"]
    if time_field not in columns:
        fix = "use model: CURecGeneral" if sequential else "set eval_args.order: RO"
        raise DataError(
            f"{path} has no '{time_field}' column (it has {_listed(columns)}), which time order needs: set TIME_FIELD "
            f"or {fix}."
        )
    if columns[time_field] != "float":
        raise DataError(
            f"{path}: time field '{time_field}' is of type '{columns[time_field]}': write '{time_field}:float'."
        )
    _check_loaded(config, time_field)


def _check_loaded(config: Any, field: str) -> None:
    wanted = config["load_col"]
    listed = None if wanted is None else wanted.get("inter", [])
    unloaded = (config["unload_col"] or {}).get("inter", [])
    if (listed is not None and listed != "*" and field not in listed) or field in unloaded:
        raise DataError(f"Column '{field}' is needed but not loaded: add it to load_col.inter (now {listed}).")


def _check_file(path: Path, encoding: str, separator: str) -> dict[str, str]:
    """Check encoding and header; return the columns and their types."""
    status = path.stat()
    header, rows = _scan(path, encoding, status.st_mtime_ns, status.st_size)
    columns = {}
    for field in header.split(separator):
        name, _, kind = field.partition(":")
        if kind not in _TYPES:
            raise DataError(
                f"{path}: header field {field!r} is not 'name:type' with a type of {', '.join(_TYPES)}: correct it, "
                f"or set field_separator (now {separator!r})."
            )
        columns[name] = kind
    if rows == 0:
        raise DataError(f"{path} has a header but no rows: put the interactions or entries below it.")
    return columns


@lru_cache(maxsize=64)  # the same files are checked when the config is loaded and again by the dataset
def _scan(path: Path, encoding: str, _modified: int, _size: int) -> tuple[str, int]:
    """First line of a file and number of lines after it; the whole file is decoded to check the encoding."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise DataError(f"encoding: '{encoding}' is not an encoding Python knows: use for example utf-8.") from error
    header, lines = "", 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = lines + bytes(error.object[: error.start]).count(b"\n") + 1
                raise DataError(
                    f"{path}, line {line}: the text is not {encoding.upper()}: save the file as UTF-8 or set encoding "
                    "(for example latin-1)."
                ) from error
            if lines == 0:
                header += text.split("\n", 1)[0]
            lines += text.count("\n")
            if not chunk:
                break
            last = text[-1:] or "\n"
    if not header:
        raise DataError(f"{path} is empty: its first line must name the columns, for example 'user_id:token'.")
    if header.startswith("\ufeff"):
        raise DataError(f"{path} starts with a byte-order mark: save it without one or set encoding: utf-8-sig.")
    return header.rstrip("\r"), lines - 1 + (last != "\n")


@lru_cache(maxsize=64)
def _check_unique(path: Path, column: str, encoding: str, separator: str, _modified: int, _size: int) -> None:
    try:
        # Quotation marks are ordinary characters, as when the catalog is read: a title may start with one.
        ids = pd.read_csv(
            path, sep=separator, usecols=[column], dtype=str, encoding=encoding, engine="python", quoting=csv.QUOTE_NONE
        )[column]
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(f"{path} cannot be read: {' '.join(str(error).split())}.") from error
    repeated = ids[ids.duplicated()]
    if len(repeated):
        raise DataError(
            f"{path}, line {int(repeated.index[0]) + 2}: item id {repeated.iloc[0]!r} occurs twice ({len(repeated)} "
            "repeated rows in all): keep one row per item."
        )


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(columns)
