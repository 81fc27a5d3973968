"""Settings are checked before anything is loaded: unknown keys, wrong types, combinations that cannot work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.reasons.llm_name import check_language_model
from recbole_curec.recbole_keys import known_keys, wrong_type
from recbole_curec.registry import CAUSAL_BACKBONES, nearest
from recbole_curec.settings import LOSS_TYPES, Settings, setting_names

_NEGATIVES = "train_neg_sample_args: {distribution: uniform, sample_num: 1}"


def unknown_key(keys: Iterable[str]) -> str | None:
    """A sentence about the first key that neither RecBole nor CURec knows, or None."""
    known = known_keys() | set(setting_names())
    for key in keys:
        if key not in known:
            match = nearest(key, known)
            hint = f"did you mean '{match}'?" if match else "remove it."
            return f"Setting '{key}' is known neither to RecBole nor to CURec: {hint}"
    return None


def check_given(values: Mapping[str, Any], model: str) -> None:
    """Check names and types of the settings a user gave.

    Args:
        values: Settings from files, dict or command line.
        model: Name of the RecBole model whose defaults tell the types: the backbone, for our models.

    Raises:
        ConfigurationError: A key is unknown or a value has the wrong type.
    """
    problem = unknown_key(values)
    if problem:
        raise ConfigurationError(problem)
    own = set(setting_names())
    for key, value in values.items():
        expected = None if key in own else wrong_type(key, value, model)
        if expected:
            raise ConfigurationError(f"{key}={value!r} cannot be used: it must be {expected}.")


def check_metrics(final: Mapping[str, Any]) -> None:
    """Check that the metric which picks the best epoch is measured at all; RecBole notices after the first epoch.

    Raises:
        ConfigurationError: ``valid_metric`` is not among ``metrics``, or its cut-off is not in ``topk``.
    """
    valid, metrics, cutoffs = (final.get(key) for key in ("valid_metric", "metrics", "topk"))
    metrics = [metrics] if isinstance(metrics, str) else metrics
    cutoffs = [cutoffs] if isinstance(cutoffs, int) else cutoffs
    if not isinstance(valid, str) or not isinstance(metrics, list) or not isinstance(cutoffs, list):
        return  # RecBole says what is wrong with those
    name, _, cutoff = valid.partition("@")
    if name.lower() not in [str(metric).lower() for metric in metrics]:
        raise ConfigurationError(f"valid_metric: {valid} is not measured by metrics: {metrics}: add {name} to metrics.")
    if cutoff and cutoff not in map(str, cutoffs):
        raise ConfigurationError(f"valid_metric: {valid} has a cut-off outside topk: {cutoffs}: add {cutoff} to topk.")


def check_curec(final: Mapping[str, Any], model: str, backbone: type[Any]) -> Settings:
    """Check the merged settings of a run of ours.

    Args:
        final: Defaults and given settings, merged.
        model: ``CURec`` or ``CURecGeneral``.
        backbone: Class of the backbone.

    Raises:
        ConfigurationError: A setting of ours is wrong, or settings contradict each other.
    """
    settings = Settings.from_mapping(final)
    check_metrics(final)
    check_language_model(settings.align.llm)
    for key in ("save_dataset", "save_dataloaders"):
        if final.get(key):
            raise ConfigurationError(
                f"{key}: True cannot be used with {model}: RecBole would reload it under other CURec settings: "
                "set it to False (stages are kept by their own fingerprints)."
            )
    recommend = settings.recommend
    if recommend.fusion_alignment > 0 and recommend.fusion in ("none", "frozen"):
        raise ConfigurationError(
            f"fusion_alignment: {recommend.fusion_alignment} needs an id table and features, and "
            f"fusion: {recommend.fusion} has no such pair: set fusion_alignment: 0 or fusion: init."
        )
    if model == "CURec":
        _check_sequential(final, settings, backbone)
    elif recommend.loss is not None:
        raise ConfigurationError(
            f"loss: {recommend.loss} cannot be used with {model}, whose backbones bring their own loss: remove it."
        )
    return settings


def _check_sequential(final: Mapping[str, Any], settings: Settings, backbone: type[Any]) -> None:
    order = (final.get("eval_args") or {}).get("order")
    if order != "TO":
        raise ConfigurationError(
            f"eval_args.order: {order} cannot be used with CURec: a sequential model needs order: TO (time order)."
        )
    if final.get("benchmark_filename"):
        raise ConfigurationError(
            "benchmark_filename cannot be used with CURec, which splits by time itself: remove it."
        )
    loss, negatives = final.get("loss_type"), final.get("train_neg_sample_args")
    negatives = None if negatives == "None" else negatives
    pairwise = loss != "CE" or hasattr(backbone, "input_type")
    if not pairwise and negatives is not None:
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with loss_type: CE, which scores every item: set "
            "train_neg_sample_args: ~ or loss_type: BPR."
        )
    chosen = settings.recommend.loss
    if chosen is not None and loss != LOSS_TYPES[chosen]:
        raise ConfigurationError(f"loss: {chosen} and loss_type: {loss} contradict each other: remove loss_type.")
    if settings.recommend.train_mode == "all_positions":
        _check_all_positions(final, backbone, negatives)
        if (chosen or loss) != "CE":
            _check_sampled(final, str(chosen or loss))
    elif chosen == "sampled_CE":
        raise ConfigurationError(
            "loss: sampled_CE cannot be used with train_mode: prefixes: set train_mode: all_positions or loss: CE."
        )
    elif pairwise and negatives is None:
        raise ConfigurationError(f"loss_type: {loss} of {backbone.__name__} needs sampled negatives: set {_NEGATIVES}.")


def _check_all_positions(final: Mapping[str, Any], backbone: type[Any], negatives: Any) -> None:
    fix = "set train_mode: prefixes"
    if backbone.__name__ not in CAUSAL_BACKBONES:
        raise ConfigurationError(
            f"train_mode: all_positions needs a causal backbone ({', '.join(sorted(CAUSAL_BACKBONES))}); "
            f"{backbone.__name__} is not known to be one: {fix}."
        )
    if negatives is not None:
        raise ConfigurationError(
            f"train_neg_sample_args: {negatives} cannot be used with train_mode: all_positions, which draws "
            f"sampled_negatives itself: set train_neg_sample_args: ~ or {fix.removeprefix('set ')}."
        )
    if final.get("transform"):
        raise ConfigurationError(f"transform: {final['transform']} changes prefixes, not windows: {fix}.")
    if "local_rank" in final:
        raise ConfigurationError(f"train_mode: all_positions runs in one process, but nproc is set: {fix}.")


def _check_sampled(final: Mapping[str, Any], loss: str) -> None:
    """A sampled loss has sparse gradients of the item table, which few optimisers take."""
    because = f"cannot be used with loss: {loss} at all positions, which updates only the item rows it has drawn"
    if str(final.get("learner")).lower() != "adam":
        raise ConfigurationError(f"learner: {final.get('learner')} {because}: set learner: adam or loss: CE.")
    if final.get("weight_decay"):
        raise ConfigurationError(f"weight_decay: {final['weight_decay']} {because}: set weight_decay: 0.0 or loss: CE.")
    if final.get("clip_grad_norm"):
        raise ConfigurationError(f"clip_grad_norm: {final['clip_grad_norm']} {because}: remove it or set loss: CE.")
