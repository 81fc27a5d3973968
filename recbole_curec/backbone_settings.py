"""Settings that follow from the backbone where the user gave none, and the checks of those the user gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole.utils import InputType

from recbole_curec.backbones import CAUSAL_BACKBONES, backbone_facts
from recbole_curec.errors import ConfigurationError
from recbole_curec.registry import OUR_MODELS
from recbole_curec.settings import LOSS_TYPES

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
    if model == "CURec" and "train_mode" not in given and final.get("train_mode") is None:
        # Who says how RecBole is to sample negatives wants RecBole's rows.
        can = why_not_all_positions(final, backbone) is None and not given.get("train_neg_sample_args")
        chosen["train_mode"] = "all_positions" if can else "prefixes"
        final = {**final, **chosen}
    if "train_neg_sample_args" not in given:
        negatives = final.get("train_neg_sample_args") or {"distribution": "uniform", "sample_num": 1}
        chosen["train_neg_sample_args"] = negatives if needs_negatives(final, model, backbone) else None
    return chosen


def needs_negatives(final: Mapping[str, Any], model: str, backbone: type[Any]) -> bool:
    """Whether the backbone trains against negatives that RecBole's loader samples."""
    facts = backbone_facts(backbone.__name__, OUR_MODELS[model])
    if OUR_MODELS[model] == "general":
        return not facts.by_user
    if final.get("train_mode") == "all_positions":
        return False  # its own are drawn
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
    """Check that the loss, its negatives and ``train_mode`` fit the backbone and each other.

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
    _check_loss(final)
    everywhere = final.get("train_mode") == "all_positions"
    if everywhere and loss == "BPR" and negatives is not None:
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with train_mode: all_positions, which draws "
            "sampled_negatives itself: set train_neg_sample_args: ~ or train_mode: prefixes."
        )
    pairwise = needs_negatives(final, model, backbone)
    if not pairwise and negatives is not None:
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with loss_type: {loss}, which scores every item: set "
            "train_neg_sample_args: ~ or loss_type: BPR."
        )
    if everywhere:
        problem = why_not_all_positions(final, backbone)
        if problem is not None:
            raise ConfigurationError(problem)
        if (final.get("loss") or loss) != "CE":
            _check_sampled(final)
    elif pairwise and negatives is None:
        raise ConfigurationError(f"loss_type: {loss} of {backbone.__name__} needs sampled negatives: set {_NEGATIVES}.")


def _check_loss(final: Mapping[str, Any]) -> None:
    chosen, loss = final.get("loss"), final.get("loss_type")
    if chosen is not None and loss != LOSS_TYPES[chosen]:
        raise ConfigurationError(f"loss: {chosen} and loss_type: {loss} contradict each other: remove loss_type.")
    if chosen == "sampled_CE" and final.get("train_mode") != "all_positions":
        raise ConfigurationError(
            "loss: sampled_CE cannot be used with train_mode: prefixes: set train_mode: all_positions or loss: CE."
        )


def _check_sampled(final: Mapping[str, Any]) -> None:
    """A sampled loss has sparse gradients of the item table, which few optimisers take."""
    loss = final.get("loss") or final.get("loss_type")
    because = f"cannot be used with loss: {loss} at all positions, which updates only the item rows it has drawn"
    if str(final.get("learner")).lower() != "adam":
        raise ConfigurationError(f"learner: {final.get('learner')} {because}: set learner: adam or loss: CE.")
    if final.get("weight_decay"):
        raise ConfigurationError(f"weight_decay: {final['weight_decay']} {because}: set weight_decay: 0.0 or loss: CE.")
    if final.get("clip_grad_norm"):
        raise ConfigurationError(f"clip_grad_norm: {final['clip_grad_norm']} {because}: remove it or set loss: CE.")


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
    if final.get("transform"):
        return f"transform: {final['transform']} changes prefixes, not windows: {fix}."
    if "local_rank" in final:
        return f"train_mode: all_positions runs in one process, but nproc is set: {fix}."
    return None
