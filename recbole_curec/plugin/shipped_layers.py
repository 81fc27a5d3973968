"""Our own defaults, layer by layer: for every run, for a model, for a dataset and for a language model."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from recbole_curec.llm.gguf_files import PACKAGES
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.defaults import properties_file
from recbole_curec.plugin.tuned_sections import SECTION, tuned_settings
from recbole_curec.plugin.yaml_files import shipped_yaml
from recbole_curec.settings.settings import canonical


@dataclass(frozen=True)
class Preset:
    """The defaults that a language model brings.

    Attributes:
        values: The settings, under full names.
        note: A sentence for the log; empty if there are none.
    """

    values: dict[str, Any] = field(default_factory=dict)
    note: str = ""


def read_layer(*parts: str) -> dict[str, Any]:
    """One YAML file of ours under full names, e.g. ``read_layer("model", "CURec.yaml")``; empty if there is none."""
    path = properties_file(*parts)
    found = copy.deepcopy(shipped_yaml(path)) if path else {}
    return canonical(found, [*recbole_keys.known_keys(), SECTION])[0]


def dataset_layer(dataset: str, model: str, backbone: Any) -> dict[str, Any]:
    """Our defaults for a dataset, with what its section ``tuned`` holds for a model and what it trains merged in."""
    layer = read_layer("dataset", f"{dataset}.yaml")
    tuned = layer.pop(SECTION, None) or {}
    return layer | canonical(tuned_settings(tuned, model, backbone), recbole_keys.known_keys())[0]


def language_model_layer(name: Any) -> Preset:
    """Our defaults for a language model that ``llm.name`` gives by a word; none for any other."""
    if not isinstance(name, str) or name not in PACKAGES:
        return Preset()
    layer = read_layer("llm", f"{name}.yaml")
    note = f"llm {name}: properties/llm/{name}.yaml gives the defaults of what you do not set"
    return Preset(layer, note)
