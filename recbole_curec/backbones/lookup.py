"""Lookup of RecBole's models, ours and a user's own by name, without importing all of them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from recbole_curec.backbones.facts import backbone_facts, registered_backbones
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import is_path, load_object
from recbole_curec.settings.travel import settings_of
from recbole_curec.suggestions import did_you_mean

# Our models that wrap a backbone of RecBole, with its kind.
OUR_MODELS = {"CURec": "sequential", "CURecGeneral": "general"}
# Our model that wraps none: it predicts ratings and ranks nothing.
RATING_MODEL = "RecCoT"
_RATING_KIND = "rating"


def is_ours(model: Any) -> bool:
    """Whether a model is one of ours, whose settings have full names and are checked."""
    return model in OUR_MODELS or model == RATING_MODEL


def uses_features(config: Any) -> bool:
    """Whether RecBole's config is that of one of our models with features."""
    return config["model"] in OUR_MODELS and settings_of(config).uses_features


DEFAULT_BACKBONES = {"sequential": "SASRec", "general": "BPR"}

_FOLDERS = {
    "general_recommender": "general",
    "sequential_recommender": "sequential",
    "context_aware_recommender": "context-aware",
    "knowledge_aware_recommender": "knowledge-aware",
    "exlib_recommender": "external-library",
}


@lru_cache(maxsize=1)
def model_types() -> dict[str, str]:
    """Every model RecBole can load by name, ours included, with its kind ('sequential', 'general', ...)."""
    import recbole.model

    root = Path(recbole.model.__file__ or "").parent
    found = {}
    for folder, kind in _FOLDERS.items():
        for path in sorted((root / folder).glob("*.py")):
            for name in re.findall(r"^class (\w+)\(", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
                if name.lower() == path.stem:
                    found[name] = kind
    return found | OUR_MODELS | {RATING_MODEL: _RATING_KIND}


def check_model_name(name: Any) -> str:
    """Return ``name`` if RecBole can load it.

    Raises:
        ConfigurationError: There is no such model; the message gives the nearest name.
    """
    if name is None:
        raise ConfigurationError("No model is given: set --model=CURec, or 'model: CURec' in a config file.")
    if not isinstance(name, str) or name not in model_types():
        raise ConfigurationError(f"There is no model named {name!r}{did_you_mean(str(name), model_types())}.")
    return name


def model_class(name: Any) -> type[Any]:
    """The class of a RecBole model or of ours.

    Raises:
        ConfigurationError: The name is unknown, or a package the model needs is not installed.
    """
    from recbole.utils import get_model

    try:
        found: type[Any] = get_model(check_model_name(name))
    except ImportError as error:
        raise ConfigurationError(f"Model {name!r} needs the package {error.name!r}: install it.") from error
    return found


def backbone_class(name: Any, kind: str) -> type[Any]:
    """The RecBole class that ``CURec`` (kind 'sequential') or ``CURecGeneral`` (kind 'general') wraps.

    Raises:
        ConfigurationError: The backbone is unknown, of the wrong kind, or one that cannot be wrapped.
    """
    if isinstance(name, str) and (is_path(name) or name in registered_backbones()):
        return _own_class(name, kind)
    ours = {found: model for model, found in OUR_MODELS.items()}
    candidates = {model: found for model, found in model_types().items() if not is_ours(model)}
    if not isinstance(name, str) or name not in candidates:
        hint = did_you_mean(str(name), [model for model, found in candidates.items() if found == kind])
        raise ConfigurationError(
            f"backbone: {name!r} is no model of RecBole{hint}; your own class is given as 'my_package.module:Class'."
        )
    actual = candidates[name]
    if actual != kind:
        fix = f"use model: {ours[actual]}" if actual in ours else f"use for example backbone: {DEFAULT_BACKBONES[kind]}"
        raise ConfigurationError(f"{ours[kind]} needs a {kind} backbone; {name!r} is {actual}: {fix}.")
    unsupported = backbone_facts(name, kind).unsupported
    if unsupported:
        raise ConfigurationError(
            f"backbone: {name} cannot be wrapped: {unsupported}; choose another one (docs/backbones.md lists them) "
            f"or run it alone with model: {name}."
        )
    return model_class(name)


def _own_class(name: str, kind: str) -> type[Any]:
    """A user's own RecBole model, by path or by the name it was registered under."""
    from recbole.model.abstract_recommender import AbstractRecommender
    from recbole.utils import ModelType

    found: type[Any] = registered_backbones().get(name) or load_object(name, "recommend.backbone")
    if not (isinstance(found, type) and issubclass(found, AbstractRecommender)):
        raise ConfigurationError(
            f"backbone: {name} is no RecBole model: derive it from recbole.model.abstract_recommender."
            "SequentialRecommender or GeneralRecommender."
        )
    wanted = {"sequential": ModelType.SEQUENTIAL, "general": ModelType.GENERAL}[kind]
    if getattr(found, "type", None) != wanted:
        ours = {found_kind: model for model, found_kind in OUR_MODELS.items()}
        raise ConfigurationError(
            f"{ours[kind]} needs a {kind} backbone; {name} is of type {getattr(found, 'type', None)}: use the other of "
            f"{' and '.join(OUR_MODELS)}."
        )
    return found
