"""Kinds of RecBole's settings that hold more than one value, or none by default: lists, mappings and optional texts.

RecBole reads them without a check, so that a number in place of a list ends in an error of Python deep inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Test = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(of: Test) -> Test:
    return lambda value: isinstance(value, list | tuple) and all(map(of, value))


def _mapping(of: Test) -> Test:
    return lambda value: isinstance(value, Mapping) and all(isinstance(key, str) for key in value) and all(
        map(of, value.values())
    )  # fmt: skip


def _anything(_value: Any) -> bool:
    return True


def _either(*tests: Test) -> Test:
    return lambda value: any(test(value) for test in tests)


_NAMES = ("a list of names", _list(_text))
_COLUMNS = (
    "a mapping from a file's suffix to a list of its columns, such as {'inter': ['user_id', 'item_id']}",
    _mapping(_either(_list(_text), _text, lambda value: value is None)),
)
# What each setting must be, and the test for it; None is allowed too, but for a few.
KINDS: dict[str, tuple[str, Test]] = {
    "load_col": _COLUMNS,
    "unload_col": _COLUMNS,
    "unused_col": _COLUMNS,
    "additional_feat_suffix": ("a suffix or a list of suffixes", _either(_text, _list(_text))),
    "alias_of_user_id": _NAMES,
    "alias_of_item_id": _NAMES,
    "alias_of_entity_id": _NAMES,
    "alias_of_relation_id": _NAMES,
    "numerical_features": _NAMES,
    "benchmark_filename": ("a list such as ['train', 'valid', 'test']", _list(_text)),
    "preload_weight": ("a mapping from an id column to a column of vectors", _mapping(_text)),
    "discretization": ("a mapping from a column to its discretisation", _mapping(_mapping(_anything))),
    "train_neg_sample_args": (
        "a mapping such as {'distribution': 'uniform', 'sample_num': 1}",
        _either(_mapping(_anything), lambda value: value == "None"),
    ),
    "clip_grad_norm": ("a mapping such as {'max_norm': 5}", _mapping(_number)),
    "transform": ("the name of a transform", _text),
    "seq_len": ("a mapping from a column to a length", _mapping(_whole)),
    "normalize_all": ("true or false", lambda value: isinstance(value, bool)),
    "encoding": ("the name of an encoding, such as utf-8", _text),
    "field_separator": ("the text between two fields", _text),
    "seq_separator": ("the text between two values of a field", _text),
    "dataset": ("text: write it in quotes", _text),
    "model": ("text: write it in quotes", _text),
}
_NEVER_NONE = frozenset({"field_separator", "seq_separator", "model", "dataset"})


# plugin/checks has whole sentences about the forms of these.
_CHECKED_LATER = frozenset(
    {"metrics", "topk", "valid_metric", "eval_args", "normalize_field", "threshold", "val_interval"}
)


def wrong_kind(key: str, value: Any, default: Any) -> str | None:
    """Description of what a setting must be, if the value is of another kind; None if it can be used.

    Args:
        key: Name of the setting.
        value: What the user gave.
        default: RecBole's default, which decides where the table has no entry: a list for a list.
    """
    if key in KINDS:
        wanted, test = KINDS[key]
        return None if test(value) or (value is None and key not in _NEVER_NONE) else wanted
    if key in _CHECKED_LATER:
        return None
    if isinstance(default, list):
        if default and all(map(_number, default)):
            return None if _list(_number)(value) else "a list of numbers"
        return None if isinstance(value, list | tuple) else "a list"
    if isinstance(default, Mapping):
        return None if isinstance(value, Mapping) else "a mapping"
    return None
