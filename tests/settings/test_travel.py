from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import artifacts_folder, settings_of


def test_settings_are_read_from_a_config_once() -> None:
    config = SimpleNamespace(final_config_dict={"align.steps": 7, "epochs": 3})
    settings = settings_of(config)
    assert settings == Settings.from_mapping({"align.steps": 7})
    config.final_config_dict["align.steps"] = 9
    assert settings_of(config) is settings
    assert settings_of(SimpleNamespace(final_config_dict=config.final_config_dict)).align.steps == 9


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({}, "saved/curec/models"),
        ({"run.artifact_dir": "made"}, "made/models"),
        ({"run.artifact_dir": "made", "llm.converted_dir": "kept"}, "kept"),
    ],
)
def test_converted_models_lie_beside_the_artifacts(given: dict[str, str], folder: str) -> None:
    config = SimpleNamespace(final_config_dict={"checkpoint_dir": "saved", **given})
    assert settings_of(config).llm.models_folder == Path(folder)
    assert artifacts_folder(config) == Path(given.get("run.artifact_dir", "saved/curec"))
    assert "llm.converted_dir" in given or "llm.converted_dir" not in config.final_config_dict


def test_a_wrong_value_is_an_error_whenever_it_is_read() -> None:
    config = SimpleNamespace(final_config_dict={"align.steps": 0})
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"align\.steps=0 cannot be used"):
            settings_of(config)
