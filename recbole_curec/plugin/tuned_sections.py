"""The section ``tuned`` of a config file: settings that hold for one backbone.

A key is the name of a model, wrapped or plain. Below the name of one of ours stand backbones instead, and what is said
there takes the place of what is said of the backbone alone:

    tuned:
      SASRec: {learning_rate: 0.001}
      CURec:
        SASRec: {learning_rate: 0.003}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import ConfigurationError

SECTION = "tuned"


def split_tuned(content: Mapping[str, Any], source: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A file's settings without the section, and the section.

    Args:
        content: Content of the file.
        source: Its path, for the message.

    Raises:
        ConfigurationError: The section is no mapping of mappings.
    """
    rest = {key: value for key, value in content.items() if key != SECTION}
    section = content.get(SECTION)
    section = {} if section is None else section
    wrong = None if isinstance(section, Mapping) else SECTION
    if wrong is None:
        wrong = next((f"{SECTION}.{name}" for name, inner in section.items() if not _holds_settings(name, inner)), None)
    if wrong is not None:
        raise ConfigurationError(
            f"Config file '{source}': {wrong} cannot be used: write the settings of every backbone below its name, "
            "such as 'tuned: {SASRec: {learning_rate: 0.001}}'."
        )
    return rest, dict(section)


def _holds_settings(name: str, inner: Any) -> bool:
    if inner is None:
        return True
    if not isinstance(inner, Mapping):
        return False
    return name not in OUR_MODELS or all(one is None or isinstance(one, Mapping) for one in inner.values())


def tuned_settings(section: Mapping[str, Any], model: str, backbone: Any) -> dict[str, Any]:
    """The settings that a section holds for a run.

    Args:
        section: The section.
        model: Model of the run.
        backbone: What it trains: the model itself, or the backbone of one of ours.
    """
    of_model = (section.get(model) or {}) if model in OUR_MODELS else {}
    found = of_model[backbone] if backbone in of_model else section.get(backbone)
    return dict(found or {})
