"""A real sentence-transformers encoder: all-MiniLM-L6-v2, from a folder and without a network."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.encode import ENCODE
from recbole_curec.text.sentence_transformers import SentenceEncoder
from tests.text.requests import request_for

CPU = torch.device("cpu")
PARAPHRASES = ("A detective hunts a killer through the city.", "In town, an investigator chases a murderer.")
UNRELATED = "Two cups of flour and a spoon of sugar make the dough."


def settings_for(name: Path | str) -> Settings:
    return Settings.from_mapping({"encode.text_encoder": str(name)})


def linked_copy(model: Path, folder: Path) -> Path:
    """The model under another name; its files are links, so that nothing large is copied."""
    shutil.copytree(model, folder, copy_function=os.symlink)
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """``HF_HUB_OFFLINE=1``, and any attempt to open a connection fails the test."""

    def refuse(*arguments: Any) -> Any:
        raise AssertionError(f"offline, nothing may be asked: {arguments}")

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # it is read from the environment once, at import
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("offline")
def test_vectors_of_a_real_model(minilm: Path, tmp_path: Path) -> None:
    SentenceEncoder.check(settings_for(minilm))
    vectors = SentenceEncoder.prepare(request_for(str(minilm), tmp_path)).encode([*PARAPHRASES, UNRELATED])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)  # the model ends in a normalisation
    near, far = vectors[0] @ vectors[1], max(vectors[0] @ vectors[2], vectors[1] @ vectors[2])
    assert near > 0.5 > 0.3 > far


@pytest.mark.usefixtures("offline")
def test_the_same_text_has_the_same_vector(minilm: Path, tmp_path: Path) -> None:
    encoder = SentenceEncoder.prepare(request_for(str(minilm), tmp_path))
    first, other, again = encoder.encode([PARAPHRASES[0], UNRELATED, PARAPHRASES[0]])
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(encoder.encode([PARAPHRASES[0]]), encoder.encode([PARAPHRASES[0]]))
    np.testing.assert_allclose(encoder.encode([PARAPHRASES[0]])[0], first, atol=1e-6)  # alone, and among others


@pytest.mark.usefixtures("offline")
def test_contents_are_those_of_the_folder_and_not_its_name(minilm: Path, tmp_path: Path) -> None:
    known = SentenceEncoder.contents(settings_for(minilm))
    copy = linked_copy(minilm, tmp_path / "copy")
    assert SentenceEncoder.contents(settings_for(copy)) == known
    copy.rename(tmp_path / "renamed")
    assert SentenceEncoder.contents(settings_for(tmp_path / "renamed")) == known
    first, second = (ENCODE.fingerprint_parts(settings_for(name), CPU) for name in (minilm, tmp_path / "renamed"))
    assert first == second
    pooling = tmp_path / "renamed" / "1_Pooling" / "config.json"
    text = pooling.read_text()
    pooling.unlink()
    pooling.write_text(text)
    assert SentenceEncoder.contents(settings_for(tmp_path / "renamed")) == known
    pooling.write_text(text.replace("true", "false", 1))
    assert SentenceEncoder.contents(settings_for(tmp_path / "renamed")) != known
    assert ENCODE.fingerprint_parts(settings_for(tmp_path / "renamed"), CPU) != first


@pytest.mark.usefixtures("offline")
def test_a_folder_without_a_model_is_one_clear_sentence(minilm: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        SentenceEncoder(str(tmp_path / "empty"), CPU)
    assert str(caught.value).startswith(f"encode.text_encoder='{tmp_path / 'empty'}' cannot be loaded: ")
    assert "\n" not in str(caught.value)


def broken(model: Path, folder: Path, name: str) -> Path:
    """A copy of the model, changed in the named way."""
    shutil.copytree(model, folder)
    tensors = {key: value.clone() for key, value in load_file(folder / "model.safetensors").items()}
    config = json.loads((folder / "config.json").read_text())
    modules = json.loads((folder / "modules.json").read_text())
    if name == "renamed":
        tensors = {key.replace("attention", "attn"): value for key, value in tensors.items()}
    elif name == "without pooler":
        tensors = {key: value for key, value in tensors.items() if not key.startswith("pooler")}
    elif name == "with a head":
        tensors = {f"bert.{key}": value for key, value in tensors.items()} | {"cls.predictions.bias": torch.ones(1)}
    elif name == "fewer layers":
        config["num_hidden_layers"] = 4
    elif name == "more layers":
        config["num_hidden_layers"] = 8
    elif name == "another width":
        config["hidden_size"] = 192
    elif name == "code":
        config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    elif name == "a module of its own":
        modules[0]["type"] = "own.Module"
    (folder / "own.py").write_text("raise SystemExit('run')")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modules.json").write_text(json.dumps(modules))
    return folder


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("renamed", "60 tensors missing from its weights"),
        ("fewer layers", "32 tensors in its weights and unknown"),
        ("more layers", "32 tensors missing from its weights"),
        ("another width", "of another shape than its configuration says"),
        ("code", "code of its own, which is never run"),
        ("a module of its own", "own.Module"),
    ],
)
def test_a_model_that_is_not_what_it_says(minilm: Path, tmp_path: Path, name: str, said: str) -> None:
    folder = broken(minilm, tmp_path / "model", name)
    for ask in (lambda: SentenceEncoder.check_files(settings_for(folder)), lambda: SentenceEncoder(str(folder), CPU)):
        with pytest.raises(ConfigurationError) as caught:
            ask()
        assert str(caught.value).startswith(f"encode.text_encoder='{folder}' ")
        assert said in str(caught.value)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", ["as it is", "without pooler", "with a head"])
def test_heads_that_are_not_read_may_be_missing_or_left_over(minilm: Path, tmp_path: Path, name: str) -> None:
    folder = broken(minilm, tmp_path / "model", name)
    SentenceEncoder.check_files(settings_for(folder))
    first, second = (SentenceEncoder(str(place), CPU).encode(list(PARAPHRASES)) for place in (minilm, folder))
    np.testing.assert_allclose(first, second, atol=1e-6)


@pytest.mark.parametrize("name", ["LSA", "Llm", "lsa2"])
def test_a_misspelt_word_is_not_looked_up(name: str) -> None:
    with pytest.raises(
        ConfigurationError, match=rf"encode\.text_encoder='{name}' is no folder and looks like '(lsa|llm)'"
    ):
        SentenceEncoder.check(settings_for(name))


@pytest.mark.parametrize("name", ["./nothing", "~/nothing-of-curec", "/nothing/at/all", "sentence_transformers"])
def test_a_path_without_a_folder_is_named_before_anything_runs(name: str) -> None:
    named = re.escape(str(Path(name).expanduser()) if name.startswith("~") else name)
    with pytest.raises(ConfigurationError, match=rf"encode\.text_encoder='{named}' names no model: give 'lsa', 'llm'"):
        SentenceEncoder.check(settings_for(name))


def test_a_missing_package_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "sentence_transformers" else found(name)
    )
    message = r"encode\.text_encoder=.* needs sentence-transformers: pip install sentence-transformers, or use 'lsa'"
    for ask in (lambda: SentenceEncoder.check(settings_for(tmp_path)), lambda: SentenceEncoder(str(tmp_path), CPU)):
        with pytest.raises(ConfigurationError, match=message):
            ask()
