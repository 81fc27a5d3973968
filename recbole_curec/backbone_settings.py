"""Settings that follow from the backbone where the user gave none, and the checks of those the user gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole.utils import InputType

from recbole_curec.backbones import CAUSAL_BACKBONES, backbone_facts
from recbole_curec.errors import ConfigurationError
from recbole_curec.registry import OUR_MODELS

_NEGATIVES = "train_neg_sample_args: {distribution: uniform, sample_num: 1}"


def following(final: Mapping[str, Any], given: Mapping[str, Any], model: str, backbone: type[Any]) -> dict[str, Any]:
    """What the backbone decides among the settings that the user did not give.

    Args:
        final: Defaults and given settings, merged.
        given: What the user gave.
        model: ``CURec`` or ``CURecGeneral``.
        backbone: Class of the backbone.
    """
    chosen: dict[str, Any] = {}
    if "loss_type" not in given and model == "CURec" and _has_its_own_loss(backbone):
        chosen["loss_type"] = "BPR"  # to RecBole's Config: trains with sampled negatives
        final = {**final, **chosen}
    if "train_neg_sample_args" not in given:
        negatives = final.get("train_neg_sample_args") or {"distribution": "uniform", "sample_num": 1}
        chosen["train_neg_sample_args"] = negatives if needs_negatives(final, model, backbone) else None
    if model == "CURec" and "train_mode" not in given and final.get("train_mode") is None:
        can = why_not_all_positions(final, backbone) is None
        chosen["train_mode"] = "all_positions" if can else "prefixes"
    return chosen


def needs_negatives(final: Mapping[str, Any], model: str, backbone: type[Any]) -> bool:
    """Whether the backbone trains against sampled negatives."""
    facts = backbone_facts(backbone.__name__, OUR_MODELS[model])
    if OUR_MODELS[model] == "general":
        return not facts.by_user
    return final.get("loss_type") == "BPR" or _has_its_own_loss(backbone)


def _has_its_own_loss(backbone: type[Any]) -> bool:
    """Whether a sequential backbone fixes how it trains, against negatives, instead of reading ``loss_type``."""
    return hasattr(backbone, "input_type") and not backbone_facts(backbone.__name__, "sequential").every_item


def check_required(final: Mapping[str, Any], model: str, backbone: type[Any]) -> None:
    """Check the settings that the backbone cannot do without.

    Raises:
        ConfigurationError: One has another value.
    """
    for key, (value, reason) in backbone_facts(backbone.__name__, OUR_MODELS[model]).settings.items():
        if str(final.get(key)) != value:
            raise ConfigurationError(
                f"backbone: {backbone.__name__} cannot be lifted with {key}: {final.get(key)}: set {key}: {value} "
                f"({reason})."
            )


def check_training(final: Mapping[str, Any], model: str, backbone: type[Any]) -> None:
    """Check that negatives and ``train_mode`` fit the backbone and its loss.

    Raises:
        ConfigurationError: They do not.
    """
    negatives = final.get("train_neg_sample_args")
    negatives = None if negatives == "None" else negatives
    if OUR_MODELS[model] == "general":
        _check_general(negatives, backbone)
        return
    loss = final.get("loss_type")
    if loss == "CE" and _has_its_own_loss(backbone):
        raise ConfigurationError(
            f"loss_type: CE cannot be used with backbone: {backbone.__name__}, which trains against sampled negatives: "
            "leave loss_type out."
        )
    pairwise = needs_negatives(final, model, backbone)
    if not pairwise and negatives is not None:
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with loss_type: {loss}, which scores every item: set "
            "train_neg_sample_args: ~ or loss_type: BPR."
        )
    if final.get("train_mode") == "all_positions":
        problem = why_not_all_positions(final, backbone)
        if problem is not None:
            raise ConfigurationError(problem)
    elif pairwise and negatives is None:
        raise ConfigurationError(f"loss_type: {loss} of {backbone.__name__} needs sampled negatives: set {_NEGATIVES}.")


def _check_general(negatives: Any, backbone: type[Any]) -> None:
    name = backbone.__name__
    if backbone_facts(name, "general").by_user:
        if negatives is not None:
            raise ConfigurationError(
                f"train_neg_sample_args: {negatives} cannot be used with backbone: {name}, which is trained from whole "
                "users: leave train_neg_sample_args out."
            )
    elif negatives is None and getattr(backbone, "input_type", None) == InputType.PAIRWISE:
        raise ConfigurationError(f"backbone: {name} needs sampled negatives: set {_NEGATIVES}.")


def why_not_all_positions(final: Mapping[str, Any], backbone: type[Any]) -> str | None:
    """Why one pass cannot train every position, with the fix; None if it can."""
    fix = "set train_mode: prefixes"
    if backbone.__name__ not in CAUSAL_BACKBONES:
        return (
            f"train_mode: all_positions needs a causal backbone ({', '.join(sorted(CAUSAL_BACKBONES))}); "
            f"{backbone.__name__} is not known to be one: {fix}."
        )
    if final.get("loss_type") != "CE":
        return (
            f"train_mode: all_positions trains with cross-entropy, but loss_type is {final.get('loss_type')}: set "
            "loss_type: CE or train_mode: prefixes."
        )
    if final.get("transform"):
        return f"transform: {final['transform']} changes prefixes, not windows: {fix}."
    if "local_rank" in final:
        return f"train_mode: all_positions runs in one process, but nproc is set: {fix}."
    return None
