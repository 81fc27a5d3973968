"""Checks of ``recommend.fusion: late`` before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole.model.abstract_recommender import AbstractRecommender

from recbole_curec.backbones.facts import class_facts
from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.settings import Settings


def check_late(settings: Settings, final: Mapping[str, Any], model: str, backbone: type[Any]) -> None:
    """Check that towers of this backbone can be trained side by side and their scores standardised.

    Args:
        settings: Our settings.
        final: Defaults and given settings, merged.
        model: ``CURec`` or ``CURecGeneral``.
        backbone: Class of the backbone.

    Raises:
        ConfigurationError: They cannot.
    """
    name, other = backbone.__name__, "choose another backbone or one of the other fusions"
    own = class_facts(backbone, OUR_MODELS[model]).own_trainer
    if own:
        raise ConfigurationError(
            f"fusion: late trains several towers in one loop, and backbone: {name} needs RecBole's {own}, which trains "
            f"a single model: {other}."
        )
    if backbone.full_sort_predict is AbstractRecommender.full_sort_predict:
        raise ConfigurationError(
            f"fusion: late standardises a user's scores over all items, and backbone: {name} scores one pair at a "
            f"time: {other}."
        )
    if "local_rank" in final:
        raise ConfigurationError("fusion: late trains in one process, but nproc is set: remove nproc.")
    negatives = final.get("train_neg_sample_args")
    if isinstance(negatives, Mapping) and negatives.get("dynamic"):
        raise ConfigurationError(
            "train_neg_sample_args: dynamic draws the negatives that one model scores highest, and fusion: late trains "
            "several: remove dynamic."
        )
    if settings.late.cosine:
        _check_cosine(settings, final, model)


def _check_cosine(settings: Settings, final: Mapping[str, Any], model: str) -> None:
    if model != "CURec" or final.get("recommend.train_mode") != "all_positions":
        raise ConfigurationError(
            "late.cosine: true needs model: CURec and train_mode: all_positions, where the loss is ours: set "
            "late.cosine: false."
        )
    if not settings.uses_features:
        raise ConfigurationError(
            f"late.cosine: true is for towers with features, and late.towers {settings.late.towers} has none: add one, "
            "or set late.cosine: false."
        )
