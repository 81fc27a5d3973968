"""Checks of our settings before anything is loaded: unknown keys and impossible combinations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recbole_curec.backbones.facts import backbone_facts
from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.dtypes import check_quantization
from recbole_curec.llm.name import check_language_model
from recbole_curec.plugin.backbone_settings import check_required, check_training
from recbole_curec.plugin.late_checks import check_late
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.ranking.ranker import check_lightgbm
from recbole_curec.reasons.claim_judge import check_claim_judge
from recbole_curec.reviews.statements.ranker import check_ranker
from recbole_curec.reviews.teachers.openai import check_openai_teacher
from recbole_curec.settings.choices import ENCODER, ENGINE, FUSION, RANK_FEATURE
from recbole_curec.settings.late import NO_FUSION
from recbole_curec.settings.sections import TINY, TINY_KNOWS_NOTHING
from recbole_curec.settings.settings import Settings, asks_for_statements, chosen_groups, full_names, setting_names
from recbole_curec.suggestions import nearest


def unknown_key(keys: Iterable[str], final: Mapping[str, Any]) -> str | None:
    """Error message about the first key that neither RecBole nor CURec knows; None if all are known.

    Args:
        keys: Keys of the settings a user gave.
        final: Defaults and given settings, merged; they choose the user's own entries, which may add settings.
    """
    known = known_names(final)
    for key in keys:
        if key not in known:
            match = nearest(str(key), known)
            hint = f"did you mean '{match}'?" if match else "remove it."
            return f"Setting '{key}' is known neither to RecBole nor to CURec: {hint}"
    return None


def known_names(final: Mapping[str, Any]) -> set[str]:
    """Settings of RecBole, of CURec, and of the user's own entries, stages and backbone."""
    settings = Settings.from_mapping(final)
    backbone = backbone_facts(settings.recommend.backbone, "sequential").defaults
    own = (name for group in chosen_groups(settings) for name in group.aliases())
    return {*known_keys(), *setting_names(), *full_names(), *backbone, *own}


def check_curec(final: Mapping[str, Any], model: str, backbone: type[Any]) -> Settings:
    """Check the merged settings of a run of one of our models.

    Args:
        final: Defaults and given settings, merged.
        model: ``CURec`` or ``CURecGeneral``.
        backbone: Class of the backbone.

    Raises:
        ConfigurationError: A setting of ours is wrong, or settings contradict each other.
    """
    settings = Settings.from_mapping(final)
    check_language_model(settings.llm.name)
    check_quantization(settings.llm.quantization)
    if settings.describe.enabled and settings.llm.name == TINY:
        raise ConfigurationError(TINY_KNOWS_NOTHING)
    if settings.claims.judged:
        check_claim_judge(settings)
    if settings.encode.reads_reviews:
        _check_review_stages(settings)
    if asked := asks_for_statements(settings):
        check_ranker(asked)
    for entry in settings.chosen_entries():
        entry.check(settings)
    if settings.rank.is_used:
        _check_rank(settings, final)
    recommend = settings.recommend
    unaligned = _unaligned(settings)
    if recommend.fusion_alignment > 0 and unaligned is not None:
        raise ConfigurationError(
            f"fusion_alignment: {recommend.fusion_alignment} needs an id table and features, and "
            f"fusion: {unaligned} has no such pair: set fusion_alignment: 0 or fusion: init."
        )
    if settings.uses_features:
        check_required(final, model, backbone)
    if model == "CURec":
        _check_sequential(final)
    check_training(final, model, backbone)
    if recommend.is_late:
        check_late(settings, final, model, backbone)
    return settings


def _check_rank(settings: Settings, final: Mapping[str, Any]) -> None:
    """Check that a ranker can be trained and measured.

    Raises:
        ConfigurationError: LightGBM is missing, items are sampled in an evaluation, vectors are made of reviews, or the
            recommender cannot be trained without a validation split.
    """
    check_lightgbm()
    modes = (final.get("eval_args") or {}).get("mode", "full")
    for split, mode in modes.items() if isinstance(modes, Mapping) else [("both splits", modes)]:
        if mode != "full":
            raise ConfigurationError(
                f"rank.use: {settings.rank.use} ranks all items, and eval_args.mode of {split} is {mode}: set it to "
                "full, or set rank.use: off."
            )
    for family in RANK_FEATURE.entries(settings):
        if family.arrays and not settings.uses_features:
            raise ConfigurationError(
                f"rank.features: {family.name} reads what a run without features does not have: leave it out, or set "
                "recommend.fusion to one that fuses features."
            )
    if settings.recommend.is_late and settings.late.weights == "validation":
        raise ConfigurationError(
            f"rank.use: {settings.rank.use} trains the recommender twice more without a validation split, which "
            "late.weights: validation needs: set late.weights: equal, or set rank.use: off."
        )
    shown = _reviews_in_vectors(settings)
    if settings.uses_features and shown is not None:
        raise ConfigurationError(
            f"rank.use: {settings.rank.use} cannot be used with {shown}: the vector of an item shows what was read of "
            "reviews for the interactions that the ranker would learn from: set rank.use: off."
        )


def _reviews_in_vectors(settings: Settings) -> str | None:
    """The setting, with its value, by which sentences of training reviews get into vectors; None if there is none."""
    encode, quoted = settings.encode, settings.collect.evidence_statements
    if encode.reads_reviews:
        return "encode.reason_source: reviews"
    if encode.statements:
        return "encode.statements: true"
    # A reason about one user quotes another one's review of the item.
    quotes = quoted and encode.reason_source != "none"
    return f"collect.evidence_statements: {quoted} and encode.reason_source: {encode.reason_source}" if quotes else None


def check_reccot(final: Mapping[str, Any]) -> Settings:
    """Check the merged settings of a run of the rating model.

    Args:
        final: Defaults and given settings, merged.

    Raises:
        ConfigurationError: A setting of ours is wrong.
    """
    settings = Settings.from_mapping(final)
    if settings.reccot.reads_reviews:
        check_language_model(settings.llm.name)
        check_quantization(settings.llm.quantization)
        for entry in ENGINE.entries(settings):
            entry.check(settings)
        if settings.chains.teacher == "openai":
            check_openai_teacher(settings)
    return settings


def _check_review_stages(settings: Settings) -> None:
    """Check what RecCoT's stages read in a run of a ranking model."""
    (encoder,) = ENCODER.entries(settings)
    for asked, wanted in (
        (settings.claims.judged, "claims.judge: openai judges claims of reasons: set claims.judge: none"),
        (encoder.reads_language_model, "text_encoder: llm reads item text with the one model that writes reasons: set "
         "text_encoder: lsa"),
    ):  # fmt: skip
        if asked:
            raise ConfigurationError(f"reason_source: reviews writes no reasons, and {wanted}.")
    if settings.chains.teacher == "openai":
        check_openai_teacher(settings)


def _unaligned(settings: Settings) -> str | None:
    """The first fusion whose ids and features cannot be aligned; None if all can, or have no features beside others."""
    if not settings.uses_features:
        return NO_FUSION
    return next((fusion.name for fusion in FUSION.entries(settings) if not fusion.can_align), None)


def _check_sequential(final: Mapping[str, Any]) -> None:
    if final.get("benchmark_filename"):
        raise ConfigurationError(
            "benchmark_filename cannot be used with CURec, which splits by time itself: remove it."
        )
