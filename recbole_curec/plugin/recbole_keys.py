"""The settings that RecBole 1.2.1 knows and their types, read from its YAML defaults and its source code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from recbole_curec.plugin.setting_kinds import KINDS, wrong_kind
from recbole_curec.plugin.yaml_files import read_yaml

# config["key"], final_config_dict["key"], config.get("key") and hasattr(config, "key").
_READS = re.compile(
    r"""config(?:_dict)?\s*\[\s*["'](\w+)["']\s*\]
      | config(?:_dict)?\.get\(\s*["'](\w+)["']
      | hasattr\(\s*(?:self\.)?config,\s*["'](\w+)["']""",
    re.VERBOSE,
)
_ALWAYS = {"model", "dataset", "config_files", "nproc", "world_size", "ip", "port", "offset", "local_rank"}
# Text by default, but '[5,10]' is read as a list, and gpu_id as a number or, with a comma, as a tuple.
_FREE_TEXT = {
    "gpu_id",
    "user_inter_num_interval",
    "item_inter_num_interval",
    "entity_kg_num_interval",
    "relation_kg_num_interval",
}


def _root() -> Path:
    import recbole

    return Path(recbole.__file__ or "").parent


@lru_cache(maxsize=1)
def known_keys() -> frozenset[str]:
    """Every key that RecBole's YAML files define, its argument lists name, or its source code reads from a config."""
    from recbole.utils import argument_list

    keys = set(_ALWAYS)
    for names in vars(argument_list).values():
        if isinstance(names, list):
            keys.update(names)
    for path in (_root() / "properties").rglob("*.yaml"):
        if not path.stem.endswith("url"):  # those map dataset names to addresses
            keys.update(read_yaml(path))
    for path in _root().rglob("*.py"):
        for match in _READS.finditer(path.read_text(encoding="utf-8")):
            keys.add(next(group for group in match.groups() if group))
    return frozenset(keys)


@lru_cache(maxsize=1)
def general_defaults() -> dict[str, Any]:
    """RecBole's defaults that hold for every model and dataset."""
    properties = _root() / "properties"
    return read_yaml(properties / "overall.yaml") | read_yaml(properties / "dataset" / "sample.yaml")


def model_defaults(model: str) -> dict[str, Any]:
    """RecBole's own defaults of one model."""
    return _properties("model", model)


def dataset_defaults(dataset: str) -> dict[str, Any]:
    """RecBole's own defaults of one dataset; it ships some for ml-100k only."""
    return _properties("dataset", dataset)


@lru_cache(maxsize=256)
def _properties(folder: str, name: str) -> dict[str, Any]:
    path = _root() / "properties" / folder / f"{name}.yaml"
    return read_yaml(path) if path.is_file() else {}


def wrong_type(key: str, value: Any, model: str) -> str | None:
    """Description of the expected type if ``value`` has the wrong type for RecBole, else None.

    The type is that of the table in ``setting_kinds``, or of RecBole's default. A model's integer default also allows
    fractions (``temperature: 1``).
    """
    if key in _FREE_TEXT:
        return None
    own, everywhere = model_defaults(model), general_defaults()
    default = _number(own.get(key, everywhere.get(key)))
    if key in KINDS or isinstance(default, list | Mapping):
        return wrong_kind(key, value, default)
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "true or false"
    if isinstance(default, int | float):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a whole number" if isinstance(default, int) else "a number"
        if isinstance(default, int) and key not in own and not isinstance(value, int):
            return "a whole number"
        return None
    if isinstance(default, str) and key not in own and value is not None:
        return None if isinstance(value, str) else "text"
    return None


def _number(value: Any) -> Any:
    """Convert numbers such as ``1e-05``, which YAML 1.1 reads as text and RecBole's own loader as a number."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
