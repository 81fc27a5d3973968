"""Defaults that depend on the backbone, and checks that loss, negatives and training mode fit the backbone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole.utils import InputType

from recbole_curec.backbones.facts import CAUSAL_BACKBONES, class_facts
from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.sections import LOSS_TYPES

_NEGATIVES = "train_neg_sample_args: {distribution: uniform, sample_num: 1}"


def following(final: Mapping[str, Any], given: Mapping[str, Any], model: str, backbone: type[Any]) -> dict[str, Any]:
    """Values, chosen for the backbone, of settings that the user did not give.

    Args:
        final: Defaults and given settings, merged.
        given: Settings that the user gave.
        model: ``CURec`` or ``CURecGeneral``.
        backbone: Class of the backbone.
    """
    chosen: dict[str, Any] = {}
    no_loss = "loss_type" not in given and final.get("recommend.loss") is None
    if no_loss and model == "CURec" and _has_its_own_loss(backbone):
        chosen["loss_type"] = "BPR"  # for RecBole's Config this means training with sampled negatives
    if model == "CURec" and "recommend.train_mode" not in given and final.get("recommend.train_mode") is None:
        chosen["recommend.train_mode"] = _default_mode({**final, **chosen}, backbone)
    final = {**final, **chosen}
    if "train_neg_sample_args" not in given:
        negatives = final.get("train_neg_sample_args") or {"distribution": "uniform", "sample_num": 1}
        chosen["train_neg_sample_args"] = negatives if needs_negatives(final, model, backbone) else None
    return chosen


def _default_mode(final: Mapping[str, Any], backbone: type[Any]) -> str:
    if final.get("recommend.loss") == "sampled_CE":
        return "all_positions"  # the only mode with this loss; check_training rejects it where it is impossible
    if final.get("recommend.loss") is None and final.get("loss_type") == "BPR":
        return "prefixes"  # a loss set by RecBole's own setting is trained as RecBole trains it
    return "all_positions" if why_not_all_positions(final, backbone) is None else "prefixes"


def needs_negatives(final: Mapping[str, Any], model: str, backbone: type[Any]) -> bool:
    """Whether the backbone trains against negatives that RecBole's loader samples."""
    facts = class_facts(backbone, OUR_MODELS[model])
    if OUR_MODELS[model] == "general":
        return not facts.by_user
    if final.get("recommend.train_mode") == "all_positions":
        return False
    return final.get("loss_type") == "BPR" or _has_its_own_loss(backbone)


def _has_its_own_loss(backbone: type[Any]) -> bool:
    """Whether a sequential backbone always trains against negatives instead of reading ``loss_type``."""
    return hasattr(backbone, "input_type") and not class_facts(backbone, "sequential").every_item


def check_required(final: Mapping[str, Any], model: str, backbone: type[Any]) -> None:
    """Check the settings for which the backbone requires one value.

    Raises:
        ConfigurationError: A setting has another value.
    """
    for key, (value, reason) in class_facts(backbone, OUR_MODELS[model]).settings.items():
        if str(final.get(key)) != value:
            name, found = named_loss(final) if key == "loss_type" else (key, final.get(key))
            raise ConfigurationError(
                f"backbone: {backbone.__name__} cannot be wrapped with {name}: {found}: set {name}: {value} ({reason})."
            )


def named_loss(final: Mapping[str, Any]) -> tuple[str, Any]:
    """The setting that chooses the loss, ours if it is set and else RecBole's, and its value."""
    ours = final.get("recommend.loss")
    return ("loss_type", final.get("loss_type")) if ours is None else ("loss", ours)


def check_training(final: Mapping[str, Any], model: str, backbone: type[Any]) -> None:
    """Check that loss, negatives and ``train_mode`` fit the backbone and each other.

    Raises:
        ConfigurationError: Two of them contradict each other.
    """
    negatives = final.get("train_neg_sample_args")
    negatives = None if negatives == "None" else negatives
    key, loss = named_loss(final)
    if OUR_MODELS[model] == "general":
        if key == "loss":
            raise ConfigurationError(
                f"loss: {loss} cannot be used with {model}, whose backbones bring their own loss: remove it."
            )
        _check_general(negatives, backbone)
        return
    if key == "loss" and final.get("loss_type") != LOSS_TYPES[loss]:
        raise ConfigurationError(
            f"loss: {loss} and loss_type: {final.get('loss_type')} contradict each other: remove loss_type."
        )
    if final.get("loss_type") == "CE" and _has_its_own_loss(backbone):
        raise ConfigurationError(
            f"{key}: {loss} cannot be used with backbone: {backbone.__name__}, which trains against sampled negatives: "
            f"leave {key} out."
        )
    if final.get("recommend.train_mode") == "all_positions":
        problem = why_not_all_positions(final, backbone)
        if problem is not None:
            raise ConfigurationError(problem)
        if loss != "CE":
            _check_sampled(final, key, loss, negatives)
            return
    elif loss == "sampled_CE":
        raise ConfigurationError(
            "loss: sampled_CE cannot be used with train_mode: prefixes: set train_mode: all_positions or loss: CE."
        )
    pairwise = needs_negatives(final, model, backbone)
    if not pairwise and negatives is not None:
        other = " or loss_type: BPR" if key == "loss_type" else ""
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with {key}: {loss}, which scores every item: set "
            f"train_neg_sample_args: ~{other}."
        )
    if pairwise and negatives is None:
        raise ConfigurationError(f"{key}: {loss} of {backbone.__name__} needs sampled negatives: set {_NEGATIVES}.")


def _check_sampled(final: Mapping[str, Any], key: str, loss: str, negatives: Any) -> None:
    """Check the settings of a sampled loss at all positions: it draws its own negatives and makes sparse gradients."""
    if negatives is not None:
        other = "" if loss == "sampled_CE" else " or train_mode: prefixes"
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with {key}: {loss} at all positions, which draws "
            f"sampled_negatives itself: set train_neg_sample_args: ~{other}."
        )
    because = f"cannot be used with {key}: {loss} at all positions, which updates only the item rows it has drawn"
    if str(final.get("learner")).lower() != "adam":
        raise ConfigurationError(f"learner: {final.get('learner')} {because}: set learner: adam or {key}: CE.")
    if final.get("weight_decay"):
        decay = final["weight_decay"]
        raise ConfigurationError(f"weight_decay: {decay} {because}: set weight_decay: 0.0 or {key}: CE.")
    if final.get("clip_grad_norm"):
        raise ConfigurationError(f"clip_grad_norm: {final['clip_grad_norm']} {because}: remove it or set {key}: CE.")


def _check_general(negatives: Any, backbone: type[Any]) -> None:
    name = backbone.__name__
    if class_facts(backbone, "general").by_user:
        if negatives is not None:
            raise ConfigurationError(
                f"train_neg_sample_args: {negatives} cannot be used with backbone: {name}, which is trained from whole "
                "users: leave train_neg_sample_args out."
            )
    elif negatives is None and getattr(backbone, "input_type", None) == InputType.PAIRWISE:
        raise ConfigurationError(f"backbone: {name} needs sampled negatives: set {_NEGATIVES}.")


def why_not_all_positions(final: Mapping[str, Any], backbone: type[Any]) -> str | None:
    """Error message if one pass cannot train every position of a history; None if it can."""
    key, loss = named_loss(final)
    what, fix = "train_mode: all_positions", "set train_mode: prefixes"
    if loss == "sampled_CE":
        what, fix = "loss: sampled_CE", f"{fix} and loss: CE"
    if not class_facts(backbone, "sequential").causal:
        return (
            f"{what} needs a causal backbone ({', '.join(sorted(CAUSAL_BACKBONES))}); "
            f"{backbone.__name__} is not known to be one: {fix}."
        )
    if final.get("loss_type") not in LOSS_TYPES.values():
        return f"{what} trains with CE, sampled_CE or BPR, but {key} is {loss}: set {key}: CE or train_mode: prefixes."
    if final.get("transform"):
        return f"transform: {final['transform']} changes prefixes, not windows: {fix}."
    if "local_rank" in final:
        return f"{what} runs in one process, but nproc is set: {fix}."
    return None
