"""Checks of the settings that filter and label interactions, and loading of the columns they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.checks.columns import headers
from recbole_curec.plugin.filters import KEEPS_ALL, value_filter
from recbole_curec.plugin.intervals import parse_counts, parse_threshold

_COUNTS = ("user_inter_num_interval", "item_inter_num_interval", "entity_kg_num_interval", "relation_kg_num_interval")
# The setting that names each side file's column of ids.
_ID_KEYS = {"user": "USER_ID_FIELD", "item": "ITEM_ID_FIELD"}


def check_filters(config: Any) -> None:
    """Check every setting that filters or labels interactions, and load the columns that they read.

    A column that a filter reads is loaded unless the user says in ``load_col`` or ``unload_col`` what is loaded.

    Raises:
        ConfigurationError: RecBole would ignore a setting, apply it wrongly, or keep nothing.
        DataError: A column does not exist or has the wrong type.
    """
    for key in _COUNTS:
        if config[key] is not None:
            parse_counts(key, config[key])
    columns = headers(config)
    _check_values(config, columns)
    _check_threshold(config, columns)
    _check_files_split_before(config)


def _check_values(config: Any, columns: Mapping[str, Mapping[str, str]]) -> None:
    wanted = config["val_interval"]
    if wanted is None:
        return
    if not isinstance(wanted, Mapping):
        raise ConfigurationError(
            f"val_interval: {wanted!r} cannot be used: write what to keep by column, for example "
            "{'rating': '[3,inf)'}."
        )
    for field, values in wanted.items():
        found = [suffix for suffix, types in columns.items() if field in types]
        if not found:
            known = ", ".join(name for types in columns.values() for name in types)
            raise DataError(f"val_interval names '{field}', a column of no file: name one of {known}.")
        value_filter(field, columns[found[0]][field], values)
        _load(config, found[0], field, "val_interval")
        if "inter" not in found and not config["filter_inter_by_user_or_item"]:
            raise ConfigurationError(
                f"val_interval of '{field}' drops rows of the {found[0]} file, but no interaction with "
                "filter_inter_by_user_or_item: False: set that to True."
            )


def _check_threshold(config: Any, columns: Mapping[str, Mapping[str, str]]) -> None:
    if config["threshold"] is None:
        return
    field, _ = parse_threshold(config["threshold"])
    types, label = columns["inter"], config["LABEL_FIELD"]
    if field not in types:
        raise DataError(
            f"threshold names '{field}', which is no column of the interaction file: name one of {', '.join(types)}."
        )
    if types[field] != "float":
        raise DataError(f"threshold names '{field}', a column of type {types[field]}: name one of type float.")
    if field == config["TIME_FIELD"]:
        raise ConfigurationError(
            f"threshold names '{field}', the time field, which RecBole removes after comparing it: name another column."
        )
    if not isinstance(label, str) or not label:
        raise ConfigurationError(f"LABEL_FIELD: {label!r} is no name, which threshold needs: set 'label'.")
    if label != field and label in types:
        raise ConfigurationError(
            f"LABEL_FIELD: '{label}' is a column of the interaction file, which threshold would overwrite: set "
            "LABEL_FIELD to a new name."
        )
    _load(config, "inter", field, "threshold")


def _check_files_split_before(config: Any) -> None:
    if not config["benchmark_filename"]:
        return
    given = [key for key in _COUNTS[:2] if config[key] not in (None, KEEPS_ALL)]
    given += [key for key in ("val_interval", "rm_dup_inter") if config[key]]
    if given:
        raise ConfigurationError(
            f"{given[0]}: {config[given[0]]} cannot be used with benchmark_filename, whose files RecBole does not "
            "filter: remove one of the two."
        )


def _load(config: Any, suffix: str, field: str, setting: str) -> None:
    """Load a column of a file.

    Raises:
        ConfigurationError: The user has chosen the columns, without this one.
    """
    wanted, unwanted = config["load_col"], (config["unload_col"] or {}).get(suffix, ())
    if wanted is None or wanted.get(suffix) == "*" or field in (wanted.get(suffix) or ()):
        if field not in unwanted:
            return
    elif "load_col" not in config.external_config_dict and not unwanted:
        ids = [config[_ID_KEYS[suffix]]] if suffix in _ID_KEYS else []
        listed = list(dict.fromkeys([*(wanted.get(suffix) or ids), field]))
        config["load_col"] = {**wanted, suffix: listed}
        return
    raise ConfigurationError(
        f"{setting} reads column '{field}', which is not loaded: add it to load_col.{suffix} "
        f"(now {(wanted or {}).get(suffix, [])})."
    )
