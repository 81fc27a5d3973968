"""Checks of a space against the row that it is for, before anything is trained; and what stages it makes again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS, is_ours, uses_features
from recbole_curec.benchmark.rows import PROTOCOL
from recbole_curec.benchmark.runs import NO_RESULT
from recbole_curec.errors import ConfigurationError
from recbole_curec.pipelines.curec import own_stages
from recbole_curec.plugin.checks import values
from recbole_curec.plugin.checks.candidate import Candidate
from recbole_curec.plugin.config_checks import unknown_key
from recbole_curec.settings.choices import FUSION
from recbole_curec.settings.settings import Settings, setting_names
from recbole_curec.settings.travel import settings_of
from recbole_curec.suggestions import did_you_mean
from recbole_curec.tune.backbones import backbone_of, kind_of, known_settings, trained_class
from recbole_curec.tune.spaces import Space

# What a row is, what is measured, and what no trial runs.
_FIXED = frozenset({*PROTOCOL, *NO_RESULT, "model", "seed", "reproducibility", "recommend.backbone", "load_col"})
_NOT_RUN = ("run", "rank")


def check_space(space: Space, title: str, config: Any) -> None:
    """Check that every value of a space can be given to a row.

    Args:
        space: The space.
        title: Name of the row, for messages.
        config: The row's config.

    Raises:
        ConfigurationError: A setting is unknown, cannot be tuned, changes nothing in this row, or has values of the
            wrong type or out of range.
    """
    for name, one in space.dimensions.items():
        try:
            _check_name(name, config)
            for value in one.edges:
                _check_value(name, value, config)
        except ConfigurationError as error:
            raise ConfigurationError(f"Row '{title}', space ({space.source}): {error}") from None


def stages_made_again(space: Space, config: Any) -> dict[str, list[str]]:
    """For every setting of a stage before ``recommend``, the stages that its values make again, in order."""
    if config["model"] not in OUR_MODELS or not uses_features(config):
        return {}
    settings = settings_of(config)
    stages = own_stages(settings)
    found = {}
    for name in space.dimensions:
        section = name.partition(".")[0]
        readers = [number for number, stage in enumerate(stages) if section in _sections(stage.groups(settings))]
        if "." in name and readers:
            found[name] = [stage.name for stage in stages[readers[0] :]]
    return found


def _sections(groups: Any) -> set[str]:
    return {group.section for group in groups}


def _check_name(name: str, config: Any) -> None:
    problem = unknown_key([name], config.final_config_dict if is_ours(config["model"]) else {})
    if problem:
        raise ConfigurationError(problem)
    if name in _FIXED or name.partition(".")[0] in _NOT_RUN:
        raise ConfigurationError(
            f"{name} cannot be tuned, because it says what is trained, how it is measured, or what comes after it: "
            "give one value with --key=value or in the row's file."
        )
    known = known_settings(config)
    if name not in known:
        ours = "" if name not in setting_names() else ", since it is a setting of our models"
        raise ConfigurationError(
            f"{name} changes nothing in {backbone_of(config)}{ours}{did_you_mean(name, sorted(known - _FIXED))}: "
            "remove it, or give a folder of spaces, one file per row."
        )
    if config["model"] in OUR_MODELS and name in setting_names() and name.partition(".")[0] not in _read(config):
        raise ConfigurationError(
            f"{name} changes nothing with recommend.fusion: {settings_of(config).recommend.fusion} and these settings: "
            "remove it."
        )


def _read(config: Any) -> set[str]:
    """The sections that a run of one of our models reads."""
    settings = settings_of(config)
    found = {"recommend", *(["late"] if settings.recommend.is_late else [])}
    if uses_features(config):
        found |= _sections(group for entry in FUSION.entries(settings) for group in entry.settings_groups)
        found |= {section for stage in own_stages(settings) for section in _sections(stage.groups(settings))}
    return found


def _check_value(name: str, value: Any, config: Any) -> None:
    given = {name: value}
    final: Mapping[str, Any] = {**config.final_config_dict, **given}
    candidate = Candidate(given, final, str(config["model"]), trained_class(config), kind_of(config))
    values.check_finite_numbers(candidate)
    values.check_types(candidate)
    values.check_ranges(candidate)
    if is_ours(config["model"]):
        Settings.from_mapping(final)
