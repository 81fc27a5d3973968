"""The range of every setting of RecBole: general ones by name, those of models by the ending of their names."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from recbole_curec.errors import ConfigurationError

_LARGEST_SEED = 2**32 - 1  # of numpy
_MOST_DECIMALS = 15  # of a float; with hundreds of them numpy's rounding gives nan
LEARNERS = ("adam", "adamw", "sgd", "adagrad", "rmsprop", "sparse_adam")
LEVELS = tuple(logging.getLevelName(level).lower() for level in (10, 20, 30, 40, 50))
TRANSFORMS = ("mask_itemseq", "inverse_itemseq", "crop_itemseq", "reorder_itemseq", "user_defined")


@dataclass(frozen=True)
class Range:
    """The values that a setting can have.

    Attributes:
        words: What it must be, for the message.
        holds: Whether a value is one of them.
    """

    words: str
    holds: Callable[[Any], bool]


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number and finite; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: Any, least: int, most: int | None = None) -> bool:
    """Whether a value is a whole number of at least ``least``."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value and (most is None or value <= most)


def _whole(least: int, most: int | None = None) -> Range:
    words = f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}"
    return Range(words, lambda value: is_whole(value, least, most))


def _decimals(least: int) -> Range:
    words = f"a whole number of at least {least} and at most {_MOST_DECIMALS}"
    return Range(words, lambda value: is_whole(value, least, _MOST_DECIMALS))


def _choice(*words: str) -> Range:
    # RecBole compares these words in lower case, and reads an empty line of a YAML file as its default.
    return Range(f"one of {', '.join(words)}", lambda value: value is None or str(value).lower() in words)


def _optional(inner: Range) -> Range:
    return Range(f"{inner.words}, or ~", lambda value: value is None or inner.holds(value))


def _each(inner: Range) -> Range:
    """The range of a number or of every number of a list."""

    def holds(value: Any) -> bool:
        return all(inner.holds(one) for one in value) if isinstance(value, list | tuple) else inner.holds(value)

    return Range(inner.words, holds)


POSITIVE = Range("a number greater than 0", lambda value: is_number(value) and value > 0)
NOT_NEGATIVE = Range("a number of at least 0", lambda value: is_number(value) and value >= 0)
_SHARE = Range("a share from 0 to 1", lambda value: is_number(value) and 0 <= value <= 1)
# A layer that drops everything makes every score equal.
_DROPPED = Range("a share of at least 0 and less than 1", lambda value: is_number(value) and 0 <= value < 1)
_GPU_NAMES = re.compile(r"(-1|\d+(\s*,\s*\d+)*|(GPU|MIG)-[\w/,-]+)?")
_GPUS = Range(
    "text with the numbers of the GPUs, such as '0' or '0,1', or '' for none",
    lambda value: (
        isinstance(value, str | int | list | tuple)
        and not isinstance(value, bool)
        and _GPU_NAMES.fullmatch(gpu_text(value)) is not None
    ),
)
_CLIP_ARGUMENTS = {"max_norm", "norm_type", "error_if_nonfinite", "foreach"}
_CLIP = Range(
    "a mapping such as {max_norm: 5.0, norm_type: 2}, or ~",
    lambda value: (
        value is None
        or (isinstance(value, Mapping) and POSITIVE.holds(value.get("max_norm")) and set(value) <= _CLIP_ARGUMENTS)
    ),
)
_THREE_FILES = Range(
    "a list of three names, of the files for training, validation and test, or ~",
    lambda value: value is None or (isinstance(value, list) and len(value) == 3),
)
_TEXT = Range("text of at least one character", lambda value: isinstance(value, str) and value != "")

_GENERAL: dict[str, Range] = {
    "gpu_id": _GPUS,
    "worker": _whole(0),
    "seed": _whole(0, _LARGEST_SEED),
    "state": _choice(*LEVELS),
    "epochs": _whole(0),
    "train_batch_size": _whole(1),
    "eval_batch_size": _whole(1),
    "learner": _choice(*LEARNERS),
    "learning_rate": POSITIVE,
    "eval_step": _whole(0),
    "stopping_step": _whole(0),
    "clip_grad_norm": _CLIP,
    "weight_decay": NOT_NEGATIVE,
    "loss_decimal_place": _decimals(0),
    "metric_decimal_place": _decimals(1),
    "tail_ratio": _optional(POSITIVE),
    "transform": _choice(*TRANSFORMS),
    "rm_dup_inter": Range("one of first, last", lambda value: value in (None, "first", "last")),
    "MAX_ITEM_LIST_LENGTH": _whole(1),
    "benchmark_filename": _THREE_FILES,
    **dict.fromkeys(("checkpoint_dir", "data_path", "wandb_project", "field_separator", "seq_separator"), _TEXT),
    # Without them RecBole writes negatives and histories over the items themselves.
    **dict.fromkeys(("NEG_PREFIX", "LIST_SUFFIX", "ITEM_LIST_LENGTH_FIELD", "USER_ID_FIELD", "ITEM_ID_FIELD"), _TEXT),
}

_COLUMNS = frozenset({"preload_weight"})  # named like a weight, and holds columns
# Settings of models, by the ending of their names; the first that matches counts.
_OF_MODELS: tuple[tuple[re.Pattern[str], Range], ...] = tuple(
    (re.compile(pattern), found)
    for pattern, found in (
        (r"(^|_)(size|sizes|dim|dimension)(_list)?$|(^|_)heads$|^k$", _each(_whole(1))),
        (r"^(n|num)_(factors|clusters|memory|iterations|basis_functions)$|^neigh_num$|^expert_num$", _whole(1)),
        (r"^(n|num)_layers$|_layer_num$|^block_num$|epochs$|(^|_)steps?$", _whole(0)),
        (r"(^|_)drop(out)?(_|$)", _each(_DROPPED)),
        (r"^(mask|corruption)_ratio$", _SHARE),
        (r"(^|_)(weight|weights|reg)$", _each(NOT_NEGATIVE)),
        (r"(^|_)(temperature|tau|temp|eps)$", POSITIVE),
    )
)


def gpu_text(value: Any) -> str:
    """``gpu_id`` as the text that RecBole needs; ``0,1`` on the command line and ``[0, 1]`` in YAML are lists."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def range_of(key: str) -> Range | None:
    """The range of a setting of RecBole or of one of its models; None if every value of the right type will do."""
    if key in _GENERAL or key in _COLUMNS:
        return _GENERAL.get(key)
    return next((found for pattern, found in _OF_MODELS if pattern.search(key)), None)


def check_range(key: str, value: Any) -> None:
    """Check that a setting is within its range.

    Raises:
        ConfigurationError: It is not.
    """
    found = range_of(key)
    if found is not None and not found.holds(value):
        raise ConfigurationError(f"{key}={value!r} cannot be used: it must be {found.words}.")


def check_finite(key: str, value: Any) -> None:
    """Check that no number is nan or infinite, also inside lists and mappings.

    Raises:
        ConfigurationError: One is.
    """
    for name, number in _numbers(key, value):
        if not math.isfinite(number):
            raise ConfigurationError(f"{name}={number!r} cannot be used: it must be a finite number.")


def _numbers(name: str, value: Any) -> list[tuple[str, float]]:
    if isinstance(value, Mapping):
        return [found for key, inner in value.items() for found in _numbers(f"{name}.{key}", inner)]
    if isinstance(value, list | tuple | set | frozenset):
        return [found for inner in value for found in _numbers(name, inner)]
    return [(name, value)] if isinstance(value, float) else []
