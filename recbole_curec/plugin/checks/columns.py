"""Checks that the columns which settings name are in the dataset's files, and are loaded where they are used.

That these settings are lists and mappings is checked before, by the table of ``plugin/setting_kinds.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from recbole.utils import ModelType

from recbole_curec.data.atomic_file import read_header
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checks.ranges import is_whole
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.plugin.recbole_keys import model_defaults
from recbole_curec.suggestions import did_you_mean

_SUFFIXES = ("inter", "item", "user", "kg", "link", "net")
_OF_FILES = ("load_col", "unload_col", "unused_col")
_ALIASES = tuple(f"alias_of_{name}_id" for name in ("user", "item", "entity", "relation"))
_LISTS = ("numerical_features", "normalize_field", *_ALIASES)
_OF_ITEMS = ("selected_features", "item_attribute")  # of FDSA, GRU4RecF, SASRecF and S3Rec
_KINDS = {"numerical_features": "float", "normalize_field": "float"} | dict.fromkeys(_ALIASES, "token")

Header = Mapping[str, str]


def check_columns(config: Any) -> None:
    """Check every setting that names columns; RecBole ignores unknown ones, or fails while it loads the data.

    To be called after the files have been checked.

    Args:
        config: RecBole's config.

    Raises:
        ConfigurationError: A column is unknown, not loaded, or of the wrong type.
    """
    given = {**model_defaults(_trained(config)), **config.external_config_dict}
    files = headers(config)
    suffix = config["LIST_SUFFIX"] or ""
    made = {column + suffix for header in files.values() for column in header} | {
        config[key] for key in ("LABEL_FIELD", "ITEM_LIST_LENGTH_FIELD")
    }
    for key in _OF_FILES:
        if given.get(key) is not None and (key != "load_col" or key in config.external_config_dict):
            _check_files(key, given[key], files, made if key == "unused_col" else set())
    _check_loaded_or_not(config, files)
    loaded = _loaded(config, files)
    _check_made(config, loaded)
    for key in _LISTS:
        if given.get(key) is not None:
            for name in _names(key, given[key]):
                _check_column(key, name, loaded, files, _KINDS[key])
    for key in _OF_ITEMS:
        if given.get(key) is not None:
            for name in _names(key, given[key]):
                # A model's own default is of ml-100k; where that column exists, the model says what it needs of it.
                if key in config.external_config_dict or not any(name in header for header in files.values()):
                    _check_column(key, name, loaded, files, "")
    _check_weights(given, loaded, files)
    _check_lengths(given, loaded, files)
    _check_buckets(given, loaded, files)


def check_histories(config: Any) -> None:
    """Check that files split before have the histories that a sequential model reads from them; RecBole makes none.

    Raises:
        ConfigurationError: There is no column of histories.
    """
    if config["benchmark_filename"] is None or config["MODEL_TYPE"] != ModelType.SEQUENTIAL:
        return
    needed = f"{config['ITEM_ID_FIELD']}{config['LIST_SUFFIX']}"
    if needed not in headers(config)["inter"]:
        raise ConfigurationError(
            f"benchmark_filename cannot be used with {config['model']} and files without a column "
            f"'{needed}:token_seq', from which RecBole reads the history of every row: add it, or remove "
            "benchmark_filename, and the interactions are split by time."
        )


def _check_made(config: Any, loaded: Header) -> None:
    """Check that no column which RecBole makes replaces one that it has loaded, such as the items themselves."""
    user, item, length = (config[key] for key in ("USER_ID_FIELD", "ITEM_ID_FIELD", "ITEM_LIST_LENGTH_FIELD"))
    if user == item:
        raise ConfigurationError(f"USER_ID_FIELD and ITEM_ID_FIELD are both '{user}': name two columns.")
    made, suffix = {config["NEG_PREFIX"] + item: "NEG_PREFIX"}, config["LIST_SUFFIX"]
    if config["MODEL_TYPE"] == ModelType.SEQUENTIAL and config["benchmark_filename"] is None:
        made |= {column + suffix: "LIST_SUFFIX" for column in loaded} | {length: "ITEM_LIST_LENGTH_FIELD"}
    for name, key in made.items():
        if name in loaded:
            raise ConfigurationError(
                f"{key}: {config[key]!r} makes a column '{name}', which is one of the files' and would be replaced: "
                f"set {key} to another text."
            )


def _trained(config: Any) -> str:
    return str(getattr(config.__dict__.get("curec_backbone"), "__name__", config["model"]))


def headers(config: Any) -> dict[str, dict[str, str]]:
    """Columns and their types of every file of the dataset that RecBole can load, by suffix."""
    folder, name = Path(config["data_path"]), config["dataset"]
    more = _names("additional_feat_suffix", config["additional_feat_suffix"] or [])
    paths = {suffix: [folder / f"{name}.{suffix}"] for suffix in (*_SUFFIXES, *more)}
    if config["benchmark_filename"] is not None:
        paths["inter"] = [folder / f"{name}.{part}.inter" for part in config["benchmark_filename"]]
    found: dict[str, dict[str, str]] = {}
    for suffix, several in paths.items():
        for path in filter(Path.is_file, several):
            columns = read_header(path, **file_layout(config))
            found.setdefault(suffix, {}).update(columns)
    for suffix in more:
        if suffix not in found:
            raise ConfigurationError(
                f"additional_feat_suffix: {folder / f'{name}.{suffix}'} does not exist: put it there, or remove "
                "the suffix."
            )
    return found


def _loaded(config: Any, files: Mapping[str, Header]) -> dict[str, str]:
    """Columns that RecBole loads from any file, with their types."""
    wanted, unwanted = config["load_col"], config["unload_col"] or {}
    found: dict[str, str] = {}
    for suffix, header in files.items():
        names: Iterable[str] = header if wanted is None else wanted.get(suffix, ())
        names = header if names == "*" else names
        found |= {name: header[name] for name in names if name in header and name not in unwanted.get(suffix, ())}
    return found


def _names(key: str, value: Any) -> list[str]:
    """The columns that a setting lists; one name may stand without brackets where RecBole allows it."""
    listed = [value] if key == "item_attribute" and isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise ConfigurationError(f"{key}: {value!r} cannot be used: it must be a list of columns, such as [rating].")
    return listed


def _check_files(key: str, value: Any, files: Mapping[str, Header], made: set[str]) -> None:
    """Check a mapping from files to columns; ``made`` are columns that RecBole adds to those of the files."""
    for suffix, names in value.items():
        if suffix not in files:
            raise ConfigurationError(
                f"{key}.{suffix} names a file that does not exist: the dataset has {', '.join(files)}."
            )
        if names == "*" and key == "load_col":
            continue
        for name in _names(f"{key}.{suffix}", names):
            if name not in files[suffix] and name not in made:
                near = did_you_mean(name, files[suffix])
                raise ConfigurationError(
                    f"{key}.{suffix}: there is no column {name!r}{near} in the .{suffix} file, which has "
                    f"{', '.join(files[suffix])}."
                )


def _check_loaded_or_not(config: Any, files: Mapping[str, Header]) -> None:
    wanted, unwanted = config["load_col"], config["unload_col"] or {}
    for suffix in files:
        if wanted is not None and wanted.get(suffix) not in (None, "*", []) and unwanted.get(suffix):
            raise ConfigurationError(
                f"load_col.{suffix} and unload_col.{suffix} cannot both be set: leave the columns out of load_col, or "
                "set load_col: ~ to load all others."
            )


def _check_column(
    key: str, name: str, loaded: Header, files: Mapping[str, Header], kind: str
) -> None:  # fmt: skip
    if name not in loaded:
        places = [suffix for suffix, header in files.items() if name in header]
        if places:
            raise ConfigurationError(
                f"{key}: column {name!r} is in the .{places[0]} file and is not loaded: add it to load_col.{places[0]}."
            )
        near = did_you_mean(name, loaded)
        raise ConfigurationError(f"{key}: there is no column {name!r}{near}: loaded are {', '.join(loaded)}.")
    if not loaded[name].startswith(kind):
        raise ConfigurationError(f"{key}: column {name!r} is of type {loaded[name]}, and must be of type {kind}.")


def _check_weights(given: Mapping[str, Any], loaded: Header, files: Mapping[str, Header]) -> None:
    for ids, numbers in (given.get("preload_weight") or {}).items():
        _check_column("preload_weight", str(ids), loaded, files, "token")
        _check_column("preload_weight", str(numbers), loaded, files, "float")


def _check_lengths(given: Mapping[str, Any], loaded: Header, files: Mapping[str, Header]) -> None:
    for name, length in (given.get("seq_len") or {}).items():
        _check_column("seq_len", str(name), loaded, files, "")
        if not is_whole(length, 1):
            raise ConfigurationError(
                f"seq_len.{name}: {length!r} cannot be used: it must be a whole number of at least 1."
            )


def _check_buckets(given: Mapping[str, Any], loaded: Header, files: Mapping[str, Header]) -> None:
    for name, how in (given.get("discretization") or {}).items():
        _check_column("discretization", str(name), loaded, files, "float")
        if name not in (given.get("numerical_features") or ()):
            raise ConfigurationError(f"discretization: add column {name!r} to numerical_features too.")
        if how.get("method") not in ("ED", "LD") or (how["method"] == "ED" and not is_whole(how.get("bucket"), 1)):
            raise ConfigurationError(
                f"discretization.{name}: {dict(how)} cannot be used: the method is ED, with a number of buckets, or LD."
            )
