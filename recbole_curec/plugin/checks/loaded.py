"""Checks of the data after RecBole has loaded and split them, before stage 1."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.checks.evaluation import candidates_per_target, has_cutoff
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.ranking.query_users import FEWEST, most_queries, too_few
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)

Loaders = tuple[Any, Any, Any]
# Metrics that compare predictions with labels of 0 and 1.
_BINARY_METRICS = frozenset({"auc", "logloss"})
# Items are drawn again and again, so more than so many times the catalogue is a slip that fills the memory.
_MOST_DRAWS = 100


def _item_count(loaders: Loaders) -> int:
    return int(dataset_of(loaders[0]).item_num) - 1  # without padding


def _parts(loaders: Loaders) -> Iterator[tuple[str, Any]]:
    """Name and dataset of every part of the split."""
    return zip(("training", "validation", "test"), map(dataset_of, loaders), strict=True)


def check_cutoffs(config: Any, loaders: Loaders) -> None:
    """Check that no ranked list is longer than the catalogue.

    Args:
        config: RecBole's config.
        loaders: RecBole's loaders of training, validation and test.

    Raises:
        ConfigurationError: A cut-off is above the number of items.
    """
    items, cutoff = _item_count(loaders), max(config["topk"])
    if cutoff > items and any(map(has_cutoff, config["metrics"])):
        raise ConfigurationError(
            f"topk: {config['topk']} cannot be used: {cutoff} is more than the {items} items of {config['dataset']}: "
            f"set topk to at most {items}."
        )


def check_samples(config: Any, loaders: Loaders) -> None:
    """Check that no more items are sampled for one interaction than the catalogue can give a reason for.

    Args:
        config: RecBole's config.
        loaders: RecBole's loaders of training, validation and test.

    Raises:
        ConfigurationError: A number of samples is far above the number of items.
    """
    items, training = _item_count(loaders), config["train_neg_sample_args"] or {}
    sampled = {f"train_neg_sample_args.{key}": training.get(key) for key in ("sample_num", "candidate_num")}
    for phase, mode in config["eval_args"]["mode"].items():
        sampled[f"eval_args.mode.{phase}"] = (candidates_per_target(mode) or 1) - 1
    for name, number in sampled.items():
        if isinstance(number, int) and number > _MOST_DRAWS * items:
            raise ConfigurationError(
                f"{name} asks for {number:,} sampled items per interaction, and {config['dataset']} has {items:,} "
                f"items: give a number of at most {items:,}."
            )


def check_splits(config: Any, loaders: Loaders) -> None:
    """Check that every part of the split has interactions.

    Args:
        config: RecBole's config.
        loaders: RecBole's loaders of training, validation and test.

    Raises:
        DataError: One is empty.
    """
    for name, part in _parts(loaders):
        if not len(part):
            split = config["eval_args"]["split"]
            raise DataError(
                f"The split {split} of {config['dataset']} leaves no interaction for {name}: users need more "
                "interactions (leave-one-out needs three of a user), or the shares must be larger."
            )


def check_label_values(config: Any, loaders: Loaders) -> None:
    """Check that the labels which ``mode: labeled`` compares with are 0 or 1, and both where AUC needs both.

    RecBole takes every label but 1 for a 0 in its metrics, whatever the loss makes of it, and finds no best epoch where
    AUC is nan.

    Args:
        config: RecBole's config.
        loaders: RecBole's loaders of training, validation and test.

    Raises:
        ConfigurationError: The labels are no numbers, or others than 0 and 1.
        DataError: A part of the split has one of the two alone.
    """
    metrics = [metric.lower() for metric in config["metrics"]]
    field = config["LABEL_FIELD"]
    if "labeled" not in config["eval_args"]["mode"].values() or not _BINARY_METRICS & set(metrics):
        return
    for name, dataset in _parts(loaders):
        if field not in dataset.inter_feat:
            return  # check_labels of the settings says so
        if dataset.field2type[field].value != "float":
            raise ConfigurationError(
                f"Labels are numbers, and '{field}' is of type '{dataset.field2type[field].value}': write "
                f"'{field}:float' in the header of the interaction file."
            )
        found = sorted(set(dataset.inter_feat[field].tolist()))
        other = [value for value in found if value not in (0, 1)]
        if other:
            raise ConfigurationError(
                f"eval_args.mode: labeled with metrics: {config['metrics']} needs labels that are 0 or 1, and "
                f"'{field}' also has {other[0]:g} (the mean, where a row has none): set threshold, such as "
                f"{{{field}: 4}}, or correct the column."
            )
        if len(found) == 1 and "auc" in metrics:
            raise DataError(
                f"Every label of {name} is {found[0]:g}, so AUC cannot be measured: '{field}' must be 0 in some "
                "interactions and 1 in others; set another threshold, or leave AUC out of metrics."
            )


def warn_of_easy_settings(config: Any, _loaders: Loaders) -> None:
    """Warn of settings that can be meant, and that make figures mean little."""
    for phase, mode in config["eval_args"]["mode"].items():
        ranked, cutoff = candidates_per_target(mode), max(config["topk"])
        if ranked is not None and cutoff >= ranked and any(map(has_cutoff, config["metrics"])):
            logger.warning(
                "topk: %s and eval_args.mode: %s (%s): only %d items are ranked for a target, so every list of %d "
                "holds it.", config["topk"], mode, phase, ranked, cutoff,
            )  # fmt: skip
    if config["epochs"] == 0:
        logger.warning("epochs: 0 trains nothing: the figures are those of an untrained model.")
    elif config["eval_step"] == 0:
        logger.warning("eval_step: 0 validates no epoch: the last one is tested, whichever was best.")
    bigger = config.external_config_dict.get("valid_metric_bigger")
    if bigger is not None and bigger != config["valid_metric_bigger"]:
        logger.warning(
            "valid_metric_bigger: %s is ignored: RecBole knows that of %s a %s value is better.",
            bigger, config["valid_metric"], "larger" if config["valid_metric_bigger"] else "smaller",
        )  # fmt: skip


def check_rank_queries(config: Any, loaders: Loaders) -> None:
    """Check that a ranker that must be there can find enough to learn from.

    Args:
        config: RecBole's config.
        loaders: RecBole's loaders of training, validation and test.

    Raises:
        ConfigurationError: The users have too few training interactions.
    """
    if config["model"] not in OUR_MODELS or (settings := settings_of(config).rank).use != "on":
        return
    learnt, held = most_queries(dataset_of(loaders[0]).train_history(), settings, int(config["seed"]))
    if min(learnt, held) < FEWEST:
        raise ConfigurationError(too_few(settings, learnt, held, counted_at_most=True))
