"""Filters of RecBole's ``Dataset`` that do what the settings say, count what they drop, and never drop everything.

``install.py`` puts these functions in the place of RecBole's methods, for every model.
"""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.intervals import (
    Interval,
    parse_counts,
    parse_intervals,
    parse_threshold,
    parse_values,
    within,
)

logger = logging.getLogger(__name__)

# The interval of numbers of interactions that RecBole's defaults name.
KEEPS_ALL = "[0,inf)"
_NUMBERS, _TEXTS = "float", "token"
# RecBole's filters of interactions: the settings each obeys, and what else there is to say.
FILTERS = {
    "_remove_duplication": (("rm_dup_inter",), ""),
    "_filter_by_field_value": (("val_interval",), ""),
    "_filter_inter_by_user_or_item": (
        ("filter_inter_by_user_or_item",), ", for want of a row in the user or item file"
    ),
    "_filter_by_inter_num": (("user_inter_num_interval", "item_inter_num_interval"), ""),
    "_filter_link": ((), "the link file, for want of an entity of the item"),
}  # fmt: skip


def interaction_counts(_dataset: Any, setting: Any) -> tuple[Interval, ...] | None:
    """Replaces ``Dataset._parse_intervals_str``: raises where RecBole logs a warning and ignores the interval."""
    return None if setting is None else parse_counts("The interval of numbers of interactions", setting)


def ids_outside(
    _dataset: Any,
    field: str,
    feat: pd.DataFrame | None,
    inter_num: Counter[Any],
    inter_interval: Sequence[Interval] | None = None,
) -> set[Any]:
    """Replaces ``Dataset._get_illegal_ids_by_inter_num``: ids whose number of interactions is in no interval.

    RecBole holds ids without an interaction against the lower end of the first interval alone, and keeps them when that
    end is 0 and does not belong to the interval.
    """
    if inter_interval is None:
        return set()
    ids = list({*inter_num, *(() if feat is None else feat[field])})
    kept = within(np.array([inter_num[id_] for id_ in ids]), inter_interval)
    return {id_ for id_, keep in zip(ids, kept, strict=True) if not keep}


def filter_by_field_value(dataset: Any) -> None:
    """Replaces ``Dataset._filter_by_field_value``, which keeps every row where it cannot read an interval.

    Raises:
        ConfigurationError: A column is not loaded, or the value does not fit its type.
        DataError: No row is kept.
    """
    for field, wanted in (dataset.config["val_interval"] or {}).items():
        if field not in dataset.field2type:
            raise ConfigurationError(f"val_interval names '{field}', which is no loaded column: add it to load_col.")
        keeps = value_filter(field, dataset.field2type[field].value, wanted)
        for feat in dataset.field2feats(field):
            _keep(feat, field, keeps(feat[field]), wanted)


def value_filter(field: str, kind: str, wanted: Any) -> Callable[[pd.Series[Any]], NDArray[np.bool_]]:
    """What ``val_interval`` keeps of a column.

    Args:
        field: Name of the column.
        kind: Its type.
        wanted: Intervals for a column of type float, a list of values for one of type token.

    Raises:
        ConfigurationError: ``wanted`` does not fit the type.
    """
    setting = f"val_interval of '{field}'"
    if kind == _NUMBERS:
        intervals = parse_intervals(setting, wanted)
        return lambda column: within(column.to_numpy(dtype=np.float64), intervals)
    if kind == _TEXTS:
        values = parse_values(setting, wanted)

        def keeps(column: pd.Series[Any]) -> NDArray[np.bool_]:
            absent = sorted(values - set(column.dropna()))
            if absent:
                logger.warning("%s: no row has the value %r", setting, absent[0])
            return column.isin(values).to_numpy(dtype=bool)

        return keeps
    raise ConfigurationError(
        f"{setting}: a column of type {kind} cannot be filtered by value: name one of type float or token."
    )


def _keep(feat: pd.DataFrame, field: str, kept: NDArray[np.bool_], wanted: Any) -> None:
    column = feat[field]
    if not kept.any():
        present = column.dropna()
        numeric = pd.api.types.is_numeric_dtype(present)
        examples = f"from {present.min():g} to {present.max():g}" if numeric else f"such as {present.iloc[0]!r}"
        raise DataError(
            f"val_interval of '{field}': {wanted!r} keeps none of {len(feat)} rows: choose among its values, "
            f"{examples if len(present) else 'of which there are none'}."
        )
    missing = int(column.isna().sum())
    if missing:
        logger.warning("val_interval of '%s': %d of %d rows have no value and are dropped", field, missing, len(feat))
    feat.drop(feat.index[~kept], inplace=True)


def counted(original: Callable[[Any], None], name: str) -> Callable[[Any], None]:
    """A filter of RecBole's dataset that logs how many interactions it removed, and does not remove all.

    Args:
        original: The filter.
        name: Its name in :data:`FILTERS`.
    """
    settings, more = FILTERS[name]

    @functools.wraps(original)
    def filtered(self: Any) -> None:
        before = len(self.inter_feat)
        original(self)
        left = len(self.inter_feat)
        if left == before:
            return
        given = {key: self.config[key] for key in settings if self.config[key] not in (None, KEEPS_ALL)}
        cause = " and ".join(f"{key}: {value}" for key, value in given.items()) + more
        if not left:
            raise DataError(
                f"All {before} interactions were removed by {cause}: allow more, or check that the ids of the files "
                "are the same."
            )
        logger.warning("%d of %d interactions were removed by %s; %d are left.", before - left, before, cause, left)

    return filtered


def without_gaps(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """Make ``Dataset._fill_nan`` refuse to guess the values that ``threshold`` compares; RecBole takes their mean."""

    @functools.wraps(original)
    def fill_nan(self: Any) -> None:
        if self.config["threshold"] is not None:
            field, _ = parse_threshold(self.config["threshold"])
            missing = int(self.inter_feat[field].isna().sum()) if field in self.inter_feat else 0
            if missing:
                raise DataError(
                    f"threshold: {missing} of {len(self.inter_feat)} interactions have no '{field}': give them one, or "
                    f"leave them out with val_interval: {{'{field}': '(-inf,inf)'}}."
                )
        original(self)

    return fill_nan


def labelling(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """Make ``Dataset._set_label_by_threshold`` say what RecBole does not use the labels for."""

    @functools.wraps(original)
    def set_label_by_threshold(self: Any) -> None:
        if self.config["threshold"] is None:
            return
        field, number = parse_threshold(self.config["threshold"])
        if field not in self.inter_feat:
            raise ConfigurationError(f"threshold names '{field}', which is not loaded: add it to load_col.inter.")
        highest = self.inter_feat[field].max()
        original(self)
        below, total = int((self.inter_feat[self.label_field] == 0).sum()), len(self.inter_feat)
        if below == total:
            raise DataError(
                f"threshold: {field}: {number} is above every value of the {total} interactions, the highest of which "
                f"is {highest:g}: set a lower one."
            )
        if not below:
            logger.warning("threshold: %s: %s changes nothing: no interaction is below it", field, number)
        elif uses := _label_blind(self.config):
            logger.warning(
                "threshold: %s: %s labels %d of %d interactions 0, but %s %s them like the others, as in RecBole; to "
                "leave them out, set val_interval: {'%s': '[%s,inf)'} in place of threshold",
                field, number, below, total, self.config["model"], uses, field, number,
            )  # fmt: skip

    return set_label_by_threshold


def _label_blind(config: Any) -> str:
    """What RecBole does with interactions whatever their label.

    A loss over all items and the counts of traditional models know no labels, and those of sampled batches are made by
    the sampling.
    """
    pointwise = getattr(config["MODEL_INPUT_TYPE"], "name", "") == "POINTWISE" and config["loss_type"] != "CE"
    counting = getattr(config["MODEL_TYPE"], "name", "") == "TRADITIONAL"
    sampled = (config["train_neg_sample_args"] or {}).get("distribution", "none") != "none"
    modes = (config["eval_args"] or {}).get("mode")
    modes = modes.values() if isinstance(modes, dict) else [modes]
    uses = ["learns from"] if sampled or counting or not pointwise else []
    return " and ".join(uses + (["is tested on"] if any(mode != "labeled" for mode in modes) else []))
