"""Access to the parsed settings of a run from RecBole's config, which keeps them after the first call."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from recbole_curec.settings.settings import Settings

_ATTRIBUTE = "curec_settings"
_CONVERTED = "models"


def settings_of(config: Any) -> Settings:
    """The settings of a run.

    Args:
        config: RecBole's ``Config``; the settings are read from it at the first call.

    Raises:
        ConfigurationError: A value is wrong.
    """
    found = config.__dict__.get(_ATTRIBUTE)
    if not isinstance(found, Settings):
        found = Settings.from_mapping(config.final_config_dict)
        if found.llm.converted_dir is None and "checkpoint_dir" in config.final_config_dict:
            folder = str(_artifacts(found, config.final_config_dict) / _CONVERTED)
            found = replace(found, llm=found.llm.model_copy(update={"converted_dir": folder}))
        config.__dict__[_ATTRIBUTE] = found
    return found


def with_fusion(config: Any, fusion: str, alignment: float) -> Any:
    """The config of a run that differs in its fusion alone.

    Args:
        config: RecBole's ``Config``; it is not changed.
        fusion: Value of ``recommend.fusion``.
        alignment: Value of ``recommend.fusion_alignment``.
    """
    settings = settings_of(config)
    recommend = settings.recommend.model_copy(update={"fusion": fusion, "fusion_alignment": alignment})
    other = copy.copy(config)
    other.final_config_dict = {
        **config.final_config_dict,
        "recommend.fusion": fusion,
        "recommend.fusion_alignment": alignment,
    }
    other.__dict__[_ATTRIBUTE] = replace(settings, recommend=recommend)
    return other


def artifacts_folder(config: Any) -> Path:
    """Folder of the artifacts of all datasets: ``run.artifact_dir``, or ``<checkpoint_dir>/curec``."""
    return _artifacts(settings_of(config), config.final_config_dict)


def _artifacts(settings: Settings, values: Mapping[str, Any]) -> Path:
    chosen = settings.run.artifact_dir
    return Path(chosen) if chosen else Path(values["checkpoint_dir"]) / "curec"
