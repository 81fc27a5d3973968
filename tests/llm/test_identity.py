"""A model is known by what it holds, or by its commit on the hub, and never by its name alone."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.identity import model_contents

FIRST, SECOND = "1" * 40, "2" * 40


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "1_Pooling" / "config.json").write_text('{"mean": true}')
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of a hub that cannot be reached."""

    def refuse(*arguments: Any) -> Any:
        raise AssertionError(f"offline, nothing may be asked: {arguments}")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tmp_path / "hub"


def put(cache: Path, name: str, commit: str, files: tuple[str, ...], reference: str = "main") -> None:
    """A repository as the hub's client keeps it."""
    repository = cache / f"models--{name.replace('/', '--')}"
    for folder in ("refs", f"snapshots/{commit}"):
        (repository / folder).mkdir(parents=True, exist_ok=True)
    (repository / "refs" / reference).write_text(commit)
    for file in files:
        (repository / "snapshots" / commit / file).write_text("{}")


def contents(folder: Path | str) -> Any:
    return model_contents(str(folder), None, "llm")


def test_a_folder_is_known_by_its_contents_alone(model: Path, tmp_path: Path) -> None:
    known = contents(model)
    assert set(known) == {"contents"}
    assert contents(model) == known
    (tmp_path / "linked").symlink_to(model)
    assert contents(tmp_path / "linked") == known
    model.rename(tmp_path / "renamed")
    assert contents(tmp_path / "renamed") == known


@pytest.mark.parametrize("change", ["another text", "one more file", "a file less", "another name of a file"])
def test_whatever_is_in_a_folder_counts(model: Path, change: str) -> None:
    known, file = contents(model), model / "1_Pooling" / "config.json"
    if change == "another text":
        file.write_text('{"mean": trve}')  # of the same length
    elif change == "one more file":
        (model / "model.safetensors").write_bytes(b"")
    elif change == "a file less":
        file.unlink()
    else:
        file.rename(file.with_name("config.yaml"))
    assert contents(model) != known


def test_hidden_files_do_not_count(model: Path) -> None:
    known = contents(model)
    (model / ".git").mkdir()
    (model / ".git" / "HEAD").write_text("main")
    (model / ".gitattributes").write_text("*")
    assert contents(model) == known


def test_a_tilde_is_the_home_folder(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(model.parent))
    assert contents("~/model") == contents(model)


def test_a_hub_model_is_known_by_its_commit(cache: Path) -> None:
    put(cache, "org/name", FIRST, ("config.json",))
    put(cache, "org/name", SECOND, ("config.json",), reference="v2")
    assert contents("org/name") == {"hub": "org/name", "commit": FIRST}
    assert model_contents("org/name", "v2", "llm") == {"hub": "org/name", "commit": SECOND}
    assert model_contents("org/name", SECOND, "llm") == {"hub": "org/name", "commit": SECOND}
    put(cache, "org/name", SECOND, ("config.json",))
    assert contents("org/name") == {"hub": "org/name", "commit": SECOND}


def test_a_hub_model_of_modules_alone_is_known_too(cache: Path) -> None:
    put(cache, "org/sentences", FIRST, ("modules.json",))
    assert contents("org/sentences") == {"hub": "org/sentences", "commit": FIRST}


def test_a_hub_that_cannot_be_reached_is_asked_once_and_soon_given_up(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, float]] = []

    def unreachable(_: Any, name: str, *, timeout: float, **more: Any) -> Any:
        asked.append((name, timeout))
        raise ConnectionError("cannot be reached")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    with pytest.raises(ConfigurationError, match=r"does not give it \(cannot be reached\)"):
        contents("org/name")
    assert len(asked) == 1
    assert asked[0][1] <= 10
    put(cache, "org/name", FIRST, ("config.json",))
    assert contents("org/name") == {"hub": "org/name", "commit": FIRST}


def test_what_the_hub_says_goes_before_its_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(cache, "org/name", FIRST, ("config.json",))
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: SimpleNamespace(sha=SECOND))
    assert contents("org/name") == {"hub": "org/name", "commit": SECOND}


@pytest.mark.parametrize("name", ["org/unknown", "a/b/c", "no such model", ""])
def test_what_is_neither_folder_nor_known_to_the_hub_is_said(cache: Path, name: str) -> None:
    put(cache, "org/name", FIRST, ("config.json",))
    with pytest.raises(ConfigurationError) as caught:
        model_contents(name, None, "encode.text_encoder")
    message = str(caught.value)
    assert message.startswith(f"encode.text_encoder={name!r} is no folder, and the model hub does not give it (")
    assert message.endswith("): give a folder saved with save_pretrained, or a hub name that can be reached.")
    assert "\n" not in message


def test_an_unknown_revision_is_said(cache: Path) -> None:
    put(cache, "org/name", FIRST, ("config.json",))
    with pytest.raises(ConfigurationError, match="llm='org/name' is no folder, and the model hub does not give it"):
        model_contents("org/name", "v3", "llm")
