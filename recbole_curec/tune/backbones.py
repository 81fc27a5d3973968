"""What a row trains: the name of its backbone, its kind, and the settings it knows."""

from __future__ import annotations

from typing import Any

from recbole_curec.backbones.facts import backbone_facts
from recbole_curec.backbones.lookup import OUR_MODELS, is_ours, model_types
from recbole_curec.plugin import recbole_keys
from recbole_curec.settings.settings import chosen_groups, setting_names
from recbole_curec.settings.travel import settings_of


def backbone_of(config: Any) -> str:
    """The model that is trained: of our models the backbone, a class's name where a path gives it."""
    name = settings_of(config).recommend.backbone if config["model"] in OUR_MODELS else str(config["model"])
    return name.rpartition(":")[2]


def trained_class(config: Any) -> type[Any]:
    """The class of the model that is trained."""
    found: type[Any] = config.__dict__.get("curec_backbone") or config.model_class
    return found


def kind_of(config: Any) -> str:
    """The kind of the model that is trained: ``sequential``, ``general``, and others of RecBole's."""
    model = str(config["model"])
    return OUR_MODELS.get(model) or model_types()[model]


def known_settings(config: Any) -> frozenset[str]:
    """The settings that change something in a row: RecBole's general ones, its backbone's, and ours in our models."""
    known = {*recbole_keys.general_defaults(), *recbole_keys.model_defaults(trained_class(config).__name__)}
    if not is_ours(config["model"]):
        return frozenset(known)
    settings = settings_of(config)
    if config["model"] in OUR_MODELS:
        known |= set(backbone_facts(settings.recommend.backbone, kind_of(config)).defaults)
    own = (name for group in chosen_groups(settings) for name in group.aliases())
    return frozenset({*known, *setting_names(), *own})
