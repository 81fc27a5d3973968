"""A leading ``~`` is the home folder in every setting and option that is a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from recbole_curec.cli.main import console
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import expand_home, user_path
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.given_values import PATHS
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.settings.travel import settings_of
from tests.atomic_dataset import AtomicDataset


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_an_empty_path_is_not_the_working_folder() -> None:
    with pytest.raises(ConfigurationError, match="export_dir='' cannot be used"):
        user_path("export_dir", "")


def test_paths_are_expanded_and_otherwise_left_as_they_are(home: Path) -> None:
    assert expand_home("x", "~/a") == f"{home}/a"
    assert [expand_home("x", text) for text in ("./a", "org/name", "a//b", "", "a/~b")] == [
        "./a", "org/name", "a//b", "", "a/~b",
    ]  # fmt: skip
    assert user_path("x", Path("~/a")) == home / "a"


@pytest.mark.parametrize("value", [5, None, ["a"], {"a": 1}, "a\0b", "~no-such-user-at-all/x", b"x"])
def test_what_is_no_path_is_one_sentence(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^export_dir=.* cannot be used: "):
        user_path("export_dir", value)


def test_every_path_of_recbole_is_known() -> None:
    named = {key for key in known_keys() if key.endswith(("_path", "_dir")) or key == "warm_up"}
    assert named == set(PATHS)


@pytest.mark.parametrize("by", ["dict", "file", "command line"])
def test_home_in_settings(by: str, toy: AtomicDataset, home: Path, settings_for: Callable[..., dict[str, Any]]) -> None:
    (home / "data").symlink_to(toy.root)
    given = settings_for(toy) | {
        "checkpoint_dir": "~/saved", "data_path": "~/data", "run.artifact_dir": "~/made", "run.log_dir": "~/log",
        "llm.name": "~/model", "pre_model_path": "~/first.pth",
    }  # fmt: skip
    (home / "model").mkdir()
    (home / "model" / "config.json").write_text("{}")
    if by == "file":
        Path(home / "mine.yaml").write_text(yaml.safe_dump(given))
        config = load_config("CURec", "toy", ["~/mine.yaml"])
    else:
        config = load_config("CURec", "toy", (), given)
    settings = settings_of(config)
    assert (settings.run.artifact_dir, settings.run.log_dir) == (f"{home}/made", f"{home}/log")
    assert settings.llm.name == f"{home}/model"
    assert (config["checkpoint_dir"], config["data_path"]) == (f"{home}/saved", f"{home}/data/toy")
    assert config["pre_model_path"] == f"{home}/first.pth"


class OwnSettings(SettingsGroup):
    section = "own"
    weights: str | None = setting(None, "A file.", path=True)


def test_home_in_a_group_of_ones_own(home: Path) -> None:
    assert OwnSettings.read({"own.weights": "~/w"}) == OwnSettings(weights=f"{home}/w")
    with pytest.raises(ConfigurationError, match=r"own.weights=5 cannot be used"):
        OwnSettings.read({"own.weights": 5})


def test_nothing_is_written_below_a_folder_called_tilde(
    toy: AtomicDataset, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--model=BPR", "--dataset=toy", f"--data_path={toy.root}", "--epochs=1", "--show_progress=False"]
    places = ["--checkpoint_dir=~/saved", "--log_dir=~/log", "--artifact_dir=~/made"]
    assert console(["run", *given, *places]) == 0
    (checkpoint,) = (home / "saved").glob("BPR-*.pth")
    short = f"--checkpoint=~/saved/{checkpoint.name}"
    assert console(["recommend", short, "--users=u1", "--output=~/lists.csv"]) == 0
    assert (home / "lists.csv").is_file()
    assert (home / "log" / "BPR").is_dir()
    assert not Path("~").exists()
    assert console(["recommend", short, "--users=u1", "--output=~no-such-user-at-all/lists.csv"]) == 2
    assert "output='~no-such-user-at-all/lists.csv' cannot be used" in capsys.readouterr().err
