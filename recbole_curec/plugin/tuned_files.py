"""What config files hold for a run in their sections ``tuned``; see :mod:`~recbole_curec.plugin.tuned_sections`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.given_values import cleaned
from recbole_curec.plugin.shipped_layers import read_layer
from recbole_curec.plugin.tuned_sections import tuned_settings
from recbole_curec.settings.settings import canonical

_SECTION = "curec_tuned"
_BACKBONE = "recommend.backbone"


def note_tuned(config: Any, section: Mapping[str, Any]) -> None:
    """Keep the section of a run's files with RecBole's config until it is known what the run trains."""
    config.__dict__[_SECTION] = dict(section)


def tuned_of(config: Any, model: str) -> dict[str, Any]:
    """The settings that the files' sections ``tuned`` hold for a run, under full names; lower than all that is given.

    Args:
        config: RecBole's config, before its layers are merged.
        model: Model of the run.
    """
    section = config.__dict__.get(_SECTION)
    if not section:
        return {}
    backbone: Any = model
    if model in OUR_MODELS:
        layers = {**read_layer("curec.yaml"), **read_layer("model", f"{model}.yaml"), **config.external_config_dict}
        backbone = layers.get(_BACKBONE)
    return canonical(cleaned(tuned_settings(section, model, backbone)), recbole_keys.known_keys())[0]
