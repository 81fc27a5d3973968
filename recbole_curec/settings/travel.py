"""Access to the parsed settings of a run from RecBole's config, which keeps them after the first call."""

from __future__ import annotations

from typing import Any

from recbole_curec.settings.settings import Settings

_ATTRIBUTE = "curec_settings"


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
        config.__dict__[_ATTRIBUTE] = found
    return found
