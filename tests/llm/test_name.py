from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.name import check_language_model


@pytest.mark.parametrize("name", ["tiny", "Qwen/Qwen3-1.7B", "gpt2"])
def test_hub_names_are_left_to_the_hub(name: str) -> None:
    check_language_model(name)


@pytest.mark.parametrize("name", ["./nothing", "~/nothing-of-curec", "/nothing/at/all", "some/folder/below"])
def test_a_path_without_a_folder_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"llm='{name}' does not exist: give a folder saved with save_pretr"):
        check_language_model(name)


def test_a_folder_needs_the_configuration_of_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in (str(tmp_path / "model"), "model"):
        with pytest.raises(ConfigurationError, match=f"llm='{name}' holds no config.json: give"):
            check_language_model(name)
    (tmp_path / "model" / "config.json").write_text("{}")
    check_language_model(str(tmp_path / "model"))
    check_language_model("model")


@pytest.mark.parametrize("name", ["Tiny", "TINY", "tinny", "tiny "])
def test_a_misspelt_word_is_not_looked_up(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"llm='{name}' is no folder and looks like 'tiny': write 'tiny', or"):
        check_language_model(name)


def test_an_adapter_beside_a_model_is_refused(tmp_path: Path) -> None:
    for name in ("config.json", "adapter_config.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ConfigurationError, match="holds an adapter beside a model"):
        check_language_model(str(tmp_path))
