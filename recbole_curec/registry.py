"""Makes RecBole find our classes, and finds RecBole's models by name without importing them all."""

from __future__ import annotations

import difflib
import importlib
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from recbole_curec.backbones import backbone_facts
from recbole_curec.errors import ConfigurationError

OUR_MODELS = {"CURec": "sequential", "CURecGeneral": "general"}
DEFAULT_BACKBONES = {"sequential": "SASRec", "general": "BPR"}

_FOLDERS = {
    "general_recommender": "general",
    "sequential_recommender": "sequential",
    "context_aware_recommender": "context-aware",
    "knowledge_aware_recommender": "knowledge-aware",
    "exlib_recommender": "external-library",
}


def install() -> None:
    """Register models, trainers and datasets under the names RecBole looks for; idempotent.

    RecBole finds a model by the module ``recbole.model.<type>_recommender.<name in lower case>``, and a trainer or a
    dataset by attribute ``<Model>Trainer`` or ``<Model>Dataset``.
    """
    import recbole.data.dataset
    import recbole.trainer

    from recbole_curec.data import dataset
    from recbole_curec.trainer import CURecGeneralTrainer, CURecTrainer

    for model, kind in OUR_MODELS.items():
        path = f"model.{kind}_recommender.{model.lower()}"
        sys.modules[f"recbole.{path}"] = importlib.import_module(f"recbole_curec.{path}")
    for trainer in (CURecTrainer, CURecGeneralTrainer):
        setattr(recbole.trainer, trainer.__name__, trainer)
    for dataset_class in (dataset.CURecDataset, dataset.CURecGeneralDataset):
        setattr(recbole.data.dataset, dataset_class.__name__, dataset_class)


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
    return found | OUR_MODELS


def check_model_name(name: Any) -> str:
    """Return ``name`` if RecBole can load it.

    Raises:
        ConfigurationError: No such model; the message gives the nearest name.
    """
    if name is None:
        raise ConfigurationError("No model is given: set --model=CURec, or 'model: CURec' in a config file.")
    if not isinstance(name, str) or name not in model_types():
        raise ConfigurationError(f"There is no model named {name!r}{_did_you_mean(str(name), model_types())}.")
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
    """The RecBole class that ``CURec`` (kind 'sequential') or ``CURecGeneral`` (kind 'general') lifts.

    Raises:
        ConfigurationError: The backbone is unknown, of the wrong kind, or one that cannot be lifted.
    """
    ours = {found: model for model, found in OUR_MODELS.items()}
    candidates = {model: found for model, found in model_types().items() if model not in OUR_MODELS}
    if not isinstance(name, str) or name not in candidates:
        hint = _did_you_mean(str(name), [model for model, found in candidates.items() if found == kind])
        raise ConfigurationError(f"backbone: {name!r} is no model of RecBole{hint}.")
    actual = candidates[name]
    if actual != kind:
        fix = f"use model: {ours[actual]}" if actual in ours else f"use for example backbone: {DEFAULT_BACKBONES[kind]}"
        raise ConfigurationError(f"{ours[kind]} needs a {kind} backbone; {name!r} is {actual}: {fix}.")
    unsupported = backbone_facts(name, kind).unsupported
    if unsupported:
        raise ConfigurationError(
            f"backbone: {name} cannot be lifted, for {unsupported}: choose another one (docs/backbones.md lists them) "
            f"or run it alone with model: {name}."
        )
    return model_class(name)


def nearest(name: str, known: Any) -> str | None:
    """The known name that looks most like ``name``, or None if none does."""
    lowered = {candidate.lower(): candidate for candidate in known}
    if name.lower() in lowered:
        return str(lowered[name.lower()])
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return str(lowered[close[0]]) if close else None


def _did_you_mean(name: str, known: Any) -> str:
    match = nearest(name, known)
    return f" (nearest: {match!r})" if match else ""
