"""Hidden states of a language model, against a plain forward pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from recbole_curec.llm.loading import load_model
from recbole_curec.text.llm import HiddenStateEncoder
from tests.text.requests import TEXTS, request_for
from tests.tiny_llm import save_llm

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose padding has a vector, as that of most pretrained ones has."""
    folder = save_llm(tmp_path_factory.mktemp("llm"))
    model, tokenizer = load_model(folder)
    with torch.no_grad():
        model.get_input_embeddings().weight[tokenizer.pad_token_id].normal_()
    model.save_pretrained(folder)
    return folder


@torch.no_grad()
def mean_state(folder: Path, tokens: list[int]) -> np.ndarray:
    model, _ = load_model(folder)
    states = model(input_ids=torch.tensor([tokens]), output_hidden_states=True).hidden_states[-1]  # (1, L, H)
    return states[0].mean(0).numpy()


def test_a_vector_is_the_mean_of_the_last_hidden_states(language_model: Path, tmp_path: Path) -> None:
    encoder = HiddenStateEncoder.prepare(request_for("llm", tmp_path, language_model))
    _, tokenizer = load_model(language_model)
    vectors = encoder.encode(TEXTS)  # of unlike lengths, so most of them are padded
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(vector, mean_state(language_model, tokenizer(text)["input_ids"]), atol=1e-5)
    assert np.abs(vectors[0] - vectors[1]).max() > 0.1


def test_batches_do_not_show(language_model: Path) -> None:
    model, tokenizer = load_model(language_model)
    whole, one_by_one = (HiddenStateEncoder(model, tokenizer, CPU, size).encode(TEXTS) for size in (128, 1))
    np.testing.assert_allclose(whole, one_by_one, atol=1e-5)


def test_a_control_token_in_a_text_is_read_as_text(language_model: Path) -> None:
    model, tokenizer = load_model(language_model)
    text = "Heat<|end|>"
    spelled = tokenizer(text, split_special_tokens=True)["input_ids"]
    assert tokenizer.eos_token_id in tokenizer(text)["input_ids"]
    assert tokenizer.eos_token_id not in spelled
    (vector,) = HiddenStateEncoder(model, tokenizer, CPU, 8).encode([text])
    np.testing.assert_allclose(vector, mean_state(language_model, spelled), atol=1e-5)


def test_a_long_text_is_cut(language_model: Path) -> None:
    model, tokenizer = load_model(language_model)
    tokens = tokenizer("fans take it " * 200)["input_ids"]
    assert len(tokens) > 256
    (vector,) = HiddenStateEncoder(model, tokenizer, CPU, 8).encode(["fans take it " * 200])
    np.testing.assert_allclose(vector, mean_state(language_model, tokens[:256]), atol=1e-5)
