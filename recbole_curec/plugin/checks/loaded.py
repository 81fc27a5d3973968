"""Checks of the data after RecBole has loaded and split them, before stage 1."""

from __future__ import annotations

import logging
from typing import Any

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.checks.evaluation import candidates_per_target, has_cutoff
from recbole_curec.plugin.loaders import dataset_of

logger = logging.getLogger(__name__)

Loaders = tuple[Any, Any, Any]
# Items are drawn again and again, so more than so many times the catalogue is a slip that fills the memory.
_MOST_DRAWS = 100


def check_cutoffs(config: Any, loaders: Loaders) -> None:
    """Check that no ranked list is longer than the catalogue.

    Args:
        config: RecBole's config.
        loaders: RecBole's loaders of training, validation and test.

    Raises:
        ConfigurationError: A cut-off is above the number of items.
    """
    items, cutoff = int(dataset_of(loaders[0]).item_num) - 1, max(config["topk"])
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
    items, training = int(dataset_of(loaders[0]).item_num) - 1, config["train_neg_sample_args"] or {}
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
    for name, loader in zip(("training", "validation", "test"), loaders, strict=True):
        if not len(dataset_of(loader)):
            split = config["eval_args"]["split"]
            raise DataError(
                f"The split {split} of {config['dataset']} leaves no interaction for {name}: users need more "
                "interactions (leave-one-out needs three of a user), or the shares must be larger."
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
