"""Checks of runs that read ratings and reviews: the rating model's settings, and columns of the interaction file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recbole_curec.backbones.lookup import RATING_MODEL, uses_features
from recbole_curec.data.reviews import review_columns
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.checks.candidate import Candidate
from recbole_curec.plugin.checks.columns import headers
from recbole_curec.reasons.teachers.reviews import ReviewsTeacherSettings
from recbole_curec.settings.settings import asks_for_statements
from recbole_curec.settings.travel import settings_of

_METRICS = ("rmse", "mae")
_READS_REVIEWS = "encode.reason_source: reviews"


def check_rating_settings(candidate: Candidate) -> None:
    """Check that the settings of RecBole leave ratings on their own scale and compare predictions with them.

    Raises:
        ConfigurationError: One does not.
    """
    if candidate.model != RATING_MODEL:
        return
    final, cannot = candidate.final, f"cannot be used with {RATING_MODEL}"
    metrics, label = candidate.listed("metrics"), final.get("LABEL_FIELD")
    if any(str(metric).lower() not in _METRICS for metric in metrics):
        raise ConfigurationError(
            f"metrics: {metrics} {cannot}, which predicts ratings and ranks nothing: set metrics: [RMSE, MAE]."
        )
    for mode in candidate.evaluation["mode"].values():
        if mode != "labeled":
            raise ConfigurationError(
                f"eval_args.mode: {mode} {cannot}, whose predictions are compared with ratings: set mode: labeled."
            )
    if final.get("threshold"):
        raise ConfigurationError(
            f"threshold: {final['threshold']} {cannot}, which predicts ratings as they are: remove it."
        )
    for key in ("normalize_all", "normalize_field"):
        value = final.get(key)
        if value is True or (isinstance(value, list) and label in value):
            raise ConfigurationError(f"{key}: {value} {cannot}, which predicts ratings on their own scale: remove it.")
    if not isinstance(label, str) or not label:
        raise ConfigurationError(f"LABEL_FIELD: {label!r} {cannot}: name the column of the ratings.")
    if final.get("train_neg_sample_args"):
        raise ConfigurationError(
            f"train_neg_sample_args: {final['train_neg_sample_args']} {cannot}, which learns from ratings alone: "
            "remove it."
        )
    for key, value in candidate.given.items():
        if str(key).startswith("recommend."):
            raise ConfigurationError(f"{key}: {value} {cannot}, which wraps no backbone: remove it.")


def check_rating_columns(config: Any) -> None:
    """Check that the interaction file holds the ratings and reviews that the run reads.

    Raises:
        ConfigurationError: The column of ratings is not loaded, or there is no column of review text.
        DataError: There is no column of ratings, or it does not hold numbers.
    """
    if config["model"] == RATING_MODEL:
        _check_rating_model(config)
        return
    if not uses_features(config):
        return
    settings = settings_of(config)
    if settings.encode.reads_reviews:
        types = _check_ratings(config, "RATING_FIELD", _READS_REVIEWS)
        _check_reviews(config, types, _READS_REVIEWS, "encode.reason_source: none to go without reviews")
    if settings.collect.reads_reviews:
        reader = f"collect.item_text_from: {settings.collect.item_text_from}"
        if config["benchmark_filename"]:
            raise ConfigurationError(
                f"{reader} cannot be used with benchmark_filename: the reviews are read from one interaction file: "
                "remove benchmark_filename, or set collect.item_text_from: columns."
            )
        _check_reviews(
            config,
            dict(headers(config)["inter"]),
            reader,
            "collect.item_text_from: columns for item text of the item file",
        )
    if asked := asks_for_statements(settings):
        name = asked.partition(":")[0]
        off = "false" if name.startswith("encode") else "0"
        _check_reviews(config, dict(headers(config)["inter"]), asked, f"{name}: {off} to go without reviews")


def _check_ratings(config: Any, setting: str, reader: str) -> dict[str, str]:
    types, field = headers(config)["inter"], config[setting]
    path = _interactions(config)
    if field not in types:
        raise DataError(
            f"{path} has no '{field}' column (it has {', '.join(types)}), which {reader} reads: set {setting} to the "
            "column of the ratings."
        )
    if types[field] != "float":
        raise DataError(
            f"{path}: ratings are numbers, and '{field}' is of type '{types[field]}': write '{field}:float'."
        )
    return dict(types)


def _check_rating_model(config: Any) -> None:
    types, label = _check_ratings(config, "LABEL_FIELD", RATING_MODEL), config["LABEL_FIELD"]
    wanted, unwanted = config["load_col"], (config["unload_col"] or {}).get("inter", ())
    listed = "*" if wanted is None else wanted.get("inter", [])
    if (listed != "*" and label not in listed) or label in unwanted:
        raise ConfigurationError(
            f"{RATING_MODEL} predicts column '{label}', which is not loaded: add it to load_col.inter (now {listed})."
        )
    if settings_of(config).reccot.use == "reviews":
        _check_reviews(config, types, RATING_MODEL, "reccot.use: ids to predict without reviews")


def _check_reviews(config: Any, types: dict[str, str], reader: str, otherwise: str) -> None:
    path = _interactions(config)
    texts, usual = review_columns(types, (config["USER_ID_FIELD"], config["ITEM_ID_FIELD"]))
    named = settings_of(config).of(ReviewsTeacherSettings).field
    if named is not None and named not in texts:
        raise ConfigurationError(f"review_field={named!r} is no text column of {path}: use one of {texts}.")
    if named is None and not usual:
        raise ConfigurationError(
            f"{reader} finds no column of review text in {path} (text columns: {texts}): name it with review_field, or "
            f"set {otherwise}."
        )


def _interactions(config: Any) -> Path:
    return Path(config["data_path"]) / f"{config['dataset']}.inter"
