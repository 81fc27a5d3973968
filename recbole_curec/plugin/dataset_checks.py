"""Checks of the dataset's atomic files before RecBole loads, or tries to download, anything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recbole.utils import ModelType

from recbole_curec.backbones.lookup import uses_features
from recbole_curec.data.atomic_file import AtomicTable, read_atomic_file, read_header
from recbole_curec.data.catalog import check_item_text
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.pipeline.hashes import file_state
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.settings.travel import settings_of

_LONGEST_NAME = 100


@dataclass(frozen=True)
class _File:
    """A file to check: its layout, its columns of ids, the one whose ids occur once, and its column of times."""

    path: Path
    separator: str
    encoding: str
    ids: tuple[str, ...] = ()
    unique: str | None = None
    time: str | None = None


def check_dataset_name(name: str) -> None:
    """Check that a dataset's name is the name of one folder and nothing else; files are written under it.

    Raises:
        ConfigurationError: It is empty, leads to another folder, or cannot be part of a file's name.
    """
    if name.strip() in ("", ".", "..") or not name.isprintable() or set(name) & set("/\\") or len(name) > _LONGEST_NAME:
        shown = name if len(name) <= _LONGEST_NAME else f"{name[:20]}..."
        raise ConfigurationError(
            f"dataset={shown!r} is no name of a dataset: give the name of a folder, such as ml-100k, and as data_path "
            "the folder that holds it."
        )


def check_dataset_files(config: Any) -> None:
    """Check the files of ``config["dataset"]``.

    Raises:
        DataError: The interaction file or a needed column is missing, a line cannot be read, an id is empty, a time is
            no finite number, or an id occurs twice in the item or user file.
    """
    folder, name = Path(config["data_path"]), config["dataset"]
    layout = file_layout(config)
    user, item, time = (config[key] for key in ("USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD"))
    for path in _interaction_files(config, folder, name):
        columns = _check_file(_File(path, **layout, ids=(user, item), time=time))
        _check_interaction_columns(config, path, columns)
    for suffix, key in (("item", "ITEM_ID_FIELD"), ("user", "USER_ID_FIELD")):
        path = folder / f"{name}.{suffix}"
        if path.is_file():
            columns = _check_file(_File(path, **layout, unique=config[key]))
            if config[key] not in columns:
                raise DataError(f"{path} has no '{config[key]}' column (it has {_listed(columns)}): set {key}.")
    if config["MODEL_TYPE"] == ModelType.KNOWLEDGE:
        _check_knowledge(config, folder / name, layout)
    collect = settings_of(config).collect
    if uses_features(config) and collect.reads_columns:
        check_item_text(folder / f"{name}.item", item, collect, **layout)


def _check_knowledge(config: Any, base: Path, layout: dict[str, str]) -> None:
    """Check the graph of a knowledge-aware model, and the links between items and entities, which are one to one."""
    keys = {
        "kg": ("HEAD_ENTITY_ID_FIELD", "RELATION_ID_FIELD", "TAIL_ENTITY_ID_FIELD"),
        "link": ("ITEM_ID_FIELD", "ENTITY_ID_FIELD"),
    }
    for suffix, settings in keys.items():
        path = base.with_name(f"{base.name}.{suffix}")
        if not path.is_file():
            raise DataError(
                f"{path} does not exist: {config['model']} needs the files .kg (the graph) and .link (the entity of "
                "every item): put them there, or use a model without a knowledge graph."
            )
        ids = tuple(config[key] for key in settings)
        columns = _check_file(_File(path, **layout, ids=ids))
        for key in settings:
            if config[key] not in columns:
                raise DataError(f"{path} has no '{config[key]}' column (it has {_listed(columns)}): set {key}.")
        if suffix == "link":
            _check_links(read_atomic_file(path, **layout, columns=ids), ids)


def _check_links(table: AtomicTable, ids: tuple[str, ...]) -> None:
    pairs = table.frame(*ids)[list(ids)].drop_duplicates()
    for name, other in (ids, ids[::-1]):
        second = pairs[name].duplicated()
        if second.any():
            row = int(pairs.index.to_numpy()[second.to_numpy().argmax()])
            raise DataError(
                f"{table.path}, line {table.line(row)}: {name} {pairs[name][row]!r} has a second {other}, "
                f"{pairs[other][row]!r}: RecBole links one entity to one item: keep one of the lines."
            )


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
    sequential = config["MODEL_TYPE"] == ModelType.SEQUENTIAL
    if config["benchmark_filename"] or (not sequential and config["eval_args"]["order"] != "TO"):
        return  # files split before are in no order
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


def _check_file(file: _File) -> dict[str, str]:
    return _checked(file, file_state(file.path))


@lru_cache(maxsize=64)  # the same files are checked when the config is loaded and again by the dataset
def _checked(file: _File, _state: tuple[int, ...]) -> dict[str, str]:
    """Read a whole file and check its ids and times; return the columns and their types."""
    types = read_header(file.path, file.separator, file.encoding)
    named = [name for name in (*file.ids, file.unique, file.time) if name in types]
    table = read_atomic_file(file.path, file.separator, file.encoding, named)
    for name in named:
        if name == file.time:
            if types[name] == "float":
                table.numbers(name, complete=True)
            continue
        if types[name] != "token":
            raise DataError(
                f"{file.path}: ids are text, and '{name}' is of type '{types[name]}': write '{name}:token'."
            )
        if name == file.unique:
            table.unique_ids(name)
        else:
            table.ids(name)
    return types


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(columns)
