"""One layer of settings as a user gives it: home folders in place of ``~``, and only texts that a file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import expand_home

# RecBole's settings that are paths; ours say so themselves.
PATHS = frozenset(
    {
        "data_path", "checkpoint_dir", "pre_model_path", "pretrain_path", "mf_pretrain_path", "mlp_pretrain_path",
        "warm_up", "dataset_save_path", "dataloaders_save_path",
    }
)  # fmt: skip
_DEEPEST = 20


def cleaned(layer: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a file, a dict or a command line, with paths written out.

    Raises:
        ConfigurationError: A text holds a NUL or half a character, or a value is nested too deeply.
    """
    found = {}
    for key, value in layer.items():
        _check_texts(str(key), value, 0)
        found[key] = expand_home(key, value) if key in PATHS and isinstance(value, str | PathLike) else value
    return found


def _check_texts(key: str, value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise ConfigurationError(f"{key} is nested too deeply: give a plain list or mapping.")
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for part in value:
            _check_texts(key, part, depth + 1)
    elif isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise ConfigurationError(
            f"{key} cannot be used: its text holds a NUL, or bytes that are no UTF-8: write it without."
        )
