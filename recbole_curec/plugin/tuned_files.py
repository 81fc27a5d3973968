"""What config files hold for a run in their sections ``tuned``; see :mod:`~recbole_curec.plugin.tuned_sections`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.given_values import cleaned
from recbole_curec.plugin.shipped_layers import read_layer
from recbole_curec.plugin.tuned_sections import tuned_settings
from recbole_curec.settings.settings import canonical

_FILES = "curec_tuned"
_BACKBONE = "recommend.backbone"


def note_tuned(config: Any, files: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Keep the sections of a run's files with RecBole's config until it is known what the run trains.

    Args:
        config: RecBole's config.
        files: Of every file in order its settings under full names, and its section.
    """
    if any(section for _, section in files):
        config.__dict__[_FILES] = list(files)


def tuned_of(config: Any, model: str) -> dict[str, Any]:
    """The settings that the files' sections hold for a run, under full names.

    A section counts as a part of its file: it wins over the file's other lines and over earlier files; later files,
    the dict and the command line win over it.

    Args:
        config: RecBole's config, with what is given and before our layers are merged.
        model: Model of the run.
    """
    files = config.__dict__.get(_FILES, ())
    found: dict[str, Any] = {}
    for content, section in files:
        found = {key: value for key, value in found.items() if key not in content}
        own = cleaned(tuned_settings(section, model, _backbone(config, model)))
        found |= canonical(own, recbole_keys.known_keys())[0]
    above = {*config.variable_config_dict, *config.cmd_config_dict} if files else ()
    return {key: value for key, value in found.items() if key not in above}


def _backbone(config: Any, model: str) -> Any:
    if model not in OUR_MODELS:
        return model
    layers = {**read_layer("curec.yaml"), **read_layer("model", f"{model}.yaml"), **config.external_config_dict}
    return layers.get(_BACKBONE)
