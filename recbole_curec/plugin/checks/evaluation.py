"""Checks of how a run is measured: metrics, cut-offs, the split of the interactions, the candidates that are ranked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from recbole.evaluator import metric_types, metrics_dict
from recbole.utils import EvaluatorType, InputType

from recbole_curec.backbones.facts import class_facts
from recbole_curec.backbones.lookup import is_ours
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checks.candidate import PHASES, Candidate
from recbole_curec.plugin.checks.ranges import is_number, is_whole
from recbole_curec.suggestions import did_you_mean

SPLITS = ("RS", "LS", "TS")
_LEAVE_ONE_OUT = ("valid_and_test", "valid_only", "test_only")
_SAMPLED = re.compile(r"(?:uni|pop)([1-9]\d*)")
_NO_CUTOFF = "gauc"  # the one ranking metric over whole lists


def has_cutoff(metric: str) -> bool:
    """Whether a metric is reported as ``<metric>@<k>``."""
    return metric_types[metric.lower()] == EvaluatorType.RANKING and metric.lower() != _NO_CUTOFF


def candidates_per_target(mode: Any) -> int | None:
    """How many items are ranked for every target by an evaluation mode: the target and N sampled ones; None for all."""
    found = _SAMPLED.fullmatch(mode) if isinstance(mode, str) else None
    return 1 + int(found[1]) if found else None


def check_metrics(candidate: Candidate) -> None:
    """Check ``metrics``: known, and all measured in the same way.

    Raises:
        ConfigurationError: There is none, one is unknown, or ranking and value metrics are mixed.
    """
    value = candidate.final.get("metrics")
    metrics = candidate.listed("metrics")
    if not metrics or not all(isinstance(metric, str) for metric in metrics):
        raise ConfigurationError(f"metrics: {value!r} cannot be used: give a list of names, such as [Recall, NDCG].")
    known = [found.__name__ for found in metrics_dict.values()]
    for metric in metrics:
        if metric.lower() not in metric_types:
            near = did_you_mean(metric, known)
            raise ConfigurationError(f"There is no metric named {metric!r}{near}: metrics can be {', '.join(known)}.")
    values = [metric for metric in metrics if metric_types[metric.lower()] == EvaluatorType.VALUE]
    if values and len(values) < len(metrics):
        raise ConfigurationError(
            f"metrics: {metrics} mixes rankings and predicted values, which RecBole measures in separate runs: remove "
            f"{', '.join(values)} or everything else."
        )


def check_topk(candidate: Candidate) -> None:
    """Check ``topk``.

    Raises:
        ConfigurationError: It is neither a positive whole number nor a list of them.
    """
    value = candidate.final.get("topk")
    listed = [value] if isinstance(value, int) else value
    if not isinstance(listed, list) or not listed or not all(is_whole(cutoff, 1) for cutoff in listed):
        raise ConfigurationError(
            f"topk: {value!r} cannot be used: topk must be a positive integer or a list of them, such as [5, 10]."
        )


def check_valid_metric(candidate: Candidate) -> None:
    """Check that the metric which selects the best epoch is measured; RecBole would fail only after the first epoch.

    Raises:
        ConfigurationError: ``valid_metric`` is not among ``metrics``, its cut-off is missing or not in ``topk``.
    """
    valid, metrics, cutoffs = candidate.final.get("valid_metric"), candidate.listed("metrics"), candidate.listed("topk")
    if not isinstance(valid, str):
        raise ConfigurationError(f"valid_metric: {valid!r} cannot be used: name one metric, such as NDCG@10.")
    name, at, cutoff = valid.partition("@")
    if name.lower() not in [metric.lower() for metric in metrics]:
        raise ConfigurationError(f"valid_metric: {valid} is not measured by metrics: {metrics}: add {name} to metrics.")
    if not has_cutoff(name):
        if at:
            raise ConfigurationError(f"valid_metric: {valid} cannot be used: {name} has no cut-off: write {name}.")
    elif not cutoff:
        raise ConfigurationError(f"valid_metric: {valid} has no cut-off: write {name}@{cutoffs[0]}.")
    elif cutoff not in map(str, cutoffs):
        raise ConfigurationError(f"valid_metric: {valid} has a cut-off outside topk: {cutoffs}: add {cutoff} to topk.")


def check_parts(candidate: Candidate) -> None:
    """Check that ``eval_args`` is a mapping of parts that RecBole reads.

    Raises:
        ConfigurationError: It is not, or has a part that nothing reads.
    """
    value = candidate.final.get("eval_args")
    parts = ("split", "order", "group_by", "mode")
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"eval_args: {value!r} cannot be used: it must be a mapping of {', '.join(parts)}.")
    for key in value:
        if key not in parts:
            near = did_you_mean(str(key), parts)
            raise ConfigurationError(f"eval_args.{key} is unknown{near}: eval_args has {', '.join(parts)}.")


def check_split(candidate: Candidate) -> None:
    """Check that the split has its right form and leaves interactions for training, validation and test.

    Raises:
        ConfigurationError: It does not.
    """
    if candidate.final.get("benchmark_filename") is not None:
        return  # the files are the split
    split = candidate.evaluation["split"]
    if not isinstance(split, Mapping) or len(split) != 1 or next(iter(split)) not in SPLITS:
        raise ConfigurationError(
            f"eval_args.split: {split!r} cannot be used: give one of {{LS: valid_and_test}}, {{RS: [0.8, 0.1, 0.1]}} "
            "and {TS: [0.8, 0.1, 0.1]}."
        )
    kind, value = next(iter(split.items()))
    if kind == "LS":
        _check_leave_one_out(value)
    else:
        _check_ratios(kind, value)


def _check_leave_one_out(value: Any) -> None:
    if value == _LEAVE_ONE_OUT[0]:
        return
    if value in _LEAVE_ONE_OUT:
        missing = "test" if value == "valid_only" else "validation, which selects the best epoch"
        raise ConfigurationError(
            f"eval_args.split: {{LS: {value}}} leaves nothing for {missing}: set {{LS: valid_and_test}}."
        )
    raise ConfigurationError(f"eval_args.split: {{LS: {value}}} cannot be used: set {{LS: valid_and_test}}.")


def _check_ratios(kind: str, value: Any) -> None:
    example = f"{{{kind}: [0.8, 0.1, 0.1]}}"
    if not isinstance(value, list) or len(value) != 3 or not all(is_number(ratio) for ratio in value):
        raise ConfigurationError(
            f"eval_args.split: {{{kind}: {value}}} cannot be used: it needs three shares, for training, validation and "
            f"test, such as {example}."
        )
    if min(value) <= 0:
        raise ConfigurationError(
            f"eval_args.split: {{{kind}: {value}}} leaves nothing for training, validation or test: every share must "
            f"be greater than 0, as in {example}."
        )


def check_order(candidate: Candidate) -> None:
    """Check order and grouping of the split.

    Raises:
        ConfigurationError: One is unknown, or cannot be used with the kind of model.
    """
    order, group = candidate.evaluation["order"], candidate.evaluation["group_by"]
    if order not in ("RO", "TO"):
        raise ConfigurationError(f"eval_args.order: {order!r} cannot be used: it must be RO (random) or TO (by time).")
    if candidate.kind == "sequential" and order != "TO":
        raise ConfigurationError(
            f"eval_args.order: {order} cannot be used with {candidate.model}: a sequential model needs order: TO (time "
            "order)."
        )
    if not (group is None or group == "user" or str(group).lower() == "none"):
        raise ConfigurationError(f"eval_args.group_by: {group!r} cannot be used: it must be user or none.")


def check_mode(candidate: Candidate) -> None:
    """Check which candidates are ranked, and that the metrics can be measured on them.

    Raises:
        ConfigurationError: A mode is unknown, or the metrics need another one.
    """
    given = candidate.evaluation
    raw = (candidate.final.get("eval_args") or {}).get("mode")
    for key in raw if isinstance(raw, Mapping) else ():
        if key not in PHASES:
            raise ConfigurationError(f"eval_args.mode.{key} is unknown: mode has {' and '.join(PHASES)}.")
    by_value = any(metric_types[metric.lower()] == EvaluatorType.VALUE for metric in candidate.listed("metrics"))
    for mode in given["mode"].values():
        if mode not in ("full", "labeled") and candidates_per_target(mode) is None:
            raise ConfigurationError(
                f"eval_args.mode: {mode!r} cannot be used: it must be full, labeled, or uniN or popN with N sampled "
                "items of at least 1, such as uni100."
            )
        if mode == "labeled" and not by_value:
            raise ConfigurationError(
                f"eval_args.mode: labeled cannot be used with metrics: {candidate.listed('metrics')}, which rank "
                "items: set mode: full, or metrics such as [AUC, LogLoss]."
            )
        if mode == "full" and by_value:
            raise ConfigurationError(
                f"eval_args.mode: full cannot be used with metrics: {candidate.listed('metrics')}, which compare "
                "values with labels: set mode: labeled, or uni100 to sample items without interactions."
            )


def check_history(candidate: Candidate) -> None:
    """Check that histories can be left out of lists where ``mask_history`` asks for it.

    Raises:
        ConfigurationError: A sequential model ranks sampled candidates, or rates pairs.
    """
    mode = next((mode for mode in candidate.evaluation["mode"].values() if mode != "full"), None)
    if candidate.final.get("recommend.mask_history") and candidate.kind == "sequential" and mode is not None:
        raise ConfigurationError(
            f"mask_history: true cannot be used with eval_args.mode: {mode}, which ranks no list of all items: set "
            "mode: full or mask_history: false."
        )


def check_labels(candidate: Candidate) -> None:
    """Check that there are labels where an evaluation compares values with them.

    Raises:
        ConfigurationError: ``mode: labeled`` without a label column or a threshold.
    """
    if "labeled" not in candidate.evaluation["mode"].values() or candidate.final.get("threshold"):
        return
    label = candidate.final.get("LABEL_FIELD")
    columns = candidate.final.get("load_col")
    loaded = columns.get("inter", []) if isinstance(columns, Mapping) else "*"
    if loaded != "*" and label not in loaded:
        raise ConfigurationError(
            f"eval_args.mode: labeled needs labels, and no column '{label}' is loaded: set threshold: {{rating: 4}}, "
            f"or add '{label}' to load_col.inter."
        )


_NEGATIVES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "distribution": (lambda value: value in ("uniform", "popularity"), "uniform or popularity"),
    "sample_num": (lambda value: is_whole(value, 1), "a whole number of at least 1"),
    "alpha": (lambda value: is_number(value) and value >= 0, "a number of at least 0"),
    "dynamic": (lambda value: isinstance(value, bool), "true or false"),
    "candidate_num": (lambda value: is_whole(value, 0), "a whole number of at least 0"),
}


def check_negatives(candidate: Candidate) -> None:
    """Check ``train_neg_sample_args``.

    Raises:
        ConfigurationError: It is no mapping, a part of it is unknown or out of range, or a model that learns from pairs
            gets no negatives.
    """
    value = candidate.final.get("train_neg_sample_args")
    absent = isinstance(value, Mapping) and value.get("distribution", "") in (None, "None", "none")
    if value is None or value == "None" or absent:
        _check_no_negatives(candidate)
        return
    for key, inner in value.items():
        if key not in _NEGATIVES:
            near = did_you_mean(str(key), _NEGATIVES)
            raise ConfigurationError(f"train_neg_sample_args.{key} is unknown{near}: remove it.")
        holds, words = _NEGATIVES[key]
        if not holds(inner):
            raise ConfigurationError(f"train_neg_sample_args.{key}: {inner!r} cannot be used: it must be {words}.")
    if value.get("dynamic") and not value.get("candidate_num"):
        raise ConfigurationError(
            "train_neg_sample_args: dynamic sampling needs candidate_num: set it to a whole number of at least 1."
        )


def _check_no_negatives(candidate: Candidate) -> None:
    """Check that a model of RecBole for pairs is not left without negatives; ours have a check of their own."""
    of_pairs = getattr(candidate.trained, "input_type", None) == InputType.PAIRWISE
    if of_pairs and not is_ours(candidate.model) and not class_facts(candidate.trained, candidate.kind).by_user:
        raise ConfigurationError(
            f"train_neg_sample_args: ~ cannot be used with {candidate.model}, which learns from pairs of a positive "
            "and a negative item: set {distribution: uniform, sample_num: 1}."
        )
