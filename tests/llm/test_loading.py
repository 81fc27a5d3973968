"""Any causal LM in every stage: adapted with LoRA, quantized, in 16 bits, with checkpointing; merged for serving."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.loading import BaseModel, checked_generation, load_model, save_merged, save_untuned
from recbole_curec.pipelines.curec import STAGES
from recbole_curec.reasons.store import STORE, read_records
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import run_stages, write_topics
from tests.stage_runs import run_until
from tests.tiny_llm import save_llm

SHORT = {"llm.dtype": "float32", "lora.rank": 2, "llm.max_prompt_tokens": 768, "align.steps": 2, "reinforce.steps": 2}


def adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_every_stage_runs_with_an_adapter(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    llm = save_llm(tmp_path / "base")
    given = {"llm.name": str(llm), "llm.dtype": "float32", "lora.rank": 2, "llm.max_prompt_tokens": 768}
    artifacts = run_stages(atomic, tmp_path / "saved", **given)
    base = AutoModelForCausalLM.from_pretrained(llm)
    for stage in ("align", "reinforce"):
        names = {path.name for path in artifacts[stage].folder.iterdir()}
        assert "adapter_model.safetensors" in names
        assert "model.safetensors" not in names  # the base model is not copied
        adapted, _ = load_model(artifacts[stage].folder)
        weights = {name: value for name, value in adapted.state_dict().items() if "lora_B" in name}
        assert any(value.abs().sum() > 0 for value in weights.values())
        plain = adapted.state_dict()["base_model.model.model.embed_tokens.weight"]
        assert torch.equal(plain, base.state_dict()["model.embed_tokens.weight"])
    assert len(read_records(artifacts["correct"].folder / STORE)) == 32


@pytest.mark.parametrize("quantization", ["nf4", "int8"])
def test_every_stage_runs_over_a_quantized_base(atomic: AtomicDataset, tmp_path: Path, quantization: str) -> None:
    from bitsandbytes import nn

    write_topics(atomic)
    llm = save_llm(tmp_path / "base")
    given = {**SHORT, "llm.name": str(llm), "llm.quantization": quantization, "encode.text_encoder": "llm"}
    artifacts = run_stages(atomic, tmp_path / "saved", **given)
    assert set(artifacts) == {stage.name for stage in STAGES}
    kind = nn.Linear4bit if quantization == "nf4" else nn.Linear8bitLt
    weights = {}
    for stage in ("align", "reinforce"):
        folder = artifacts[stage].folder
        assert json.loads((folder / "base_model.json").read_text()) == {
            "base": str(llm), "dtype": "float32", "quantization": quantization, "revision": None, "converted": None
        }  # fmt: skip
        model, _ = load_model(folder)
        layers = [layer for name, layer in model.named_modules() if name.endswith("q_proj.base_layer")]
        assert len(layers) == 2
        assert all(isinstance(layer, kind) for layer in layers)
        weights[stage] = adapter(folder)
        assert any(value.abs().sum() > 0 for name, value in weights[stage].items() if "lora_B" in name)
    assert any(not torch.equal(value, weights["reinforce"][name]) for name, value in weights["align"].items())

    # Merged into the base as it is on disk, in 32 bits, not into what quantization left of it.
    save_merged(artifacts["reinforce"].folder, tmp_path / "merged")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged").state_dict()
    base = AutoModelForCausalLM.from_pretrained(llm).state_dict()
    name = "model.layers.0.self_attn.q_proj"
    down, up = (weights["reinforce"][f"base_model.model.{name}.lora_{part}.weight"].float() for part in "AB")
    expected = base[f"{name}.weight"] + (32 / 2) * up @ down  # lora_alpha / lora_rank
    torch.testing.assert_close(merged[f"{name}.weight"], expected, rtol=1e-4, atol=1e-6)
    assert torch.equal(merged["model.embed_tokens.weight"], base["model.embed_tokens.weight"])
    assert AutoTokenizer.from_pretrained(tmp_path / "merged").chat_template


def test_sixteen_bits_and_checkpointing(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    given = {**SHORT, "llm.name": str(save_llm(tmp_path / "base"))}
    plain = run_until("align", atomic, tmp_path / "plain", **given)
    recomputed = run_until("align", atomic, tmp_path / "recomputed", **given, **{"llm.gradient_checkpointing": True})
    assert recomputed["align"].key == plain["align"].key  # it saves memory and changes no result
    first, second = adapter(plain["align"].folder), adapter(recomputed["align"].folder)
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=1e-4, atol=1e-6)
    half = run_until("reinforce", atomic, tmp_path / "plain", **{**given, "llm.dtype": "bfloat16"})
    assert half["align"].key != plain["align"].key
    model, _ = load_model(half["reinforce"].folder)
    assert model.get_input_embeddings().weight.dtype == torch.bfloat16
    losses = [artifacts["align"].manifest()["figures"]["loss_first"] for artifacts in (plain, half)]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[1] != losses[0]


def test_the_untuned_base_is_read_by_name_without_an_adapter(tmp_path: Path) -> None:
    llm = save_llm(tmp_path / "base")
    save_untuned(BaseModel(str(llm), "bfloat16"), tmp_path / "untuned")
    assert not list((tmp_path / "untuned").glob("*.safetensors"))
    found = BaseModel.read(tmp_path / "untuned")
    assert found == BaseModel(str(llm), "bfloat16", adapter=False)
    model, tokenizer = load_model(tmp_path / "untuned")
    assert (model.dtype, tokenizer.padding_side) == (torch.bfloat16, "left")
    expected = AutoModelForCausalLM.from_pretrained(llm, dtype=torch.bfloat16)
    assert checked_generation(tmp_path / "untuned").eos_token_id == expected.generation_config.eos_token_id
    save_merged(tmp_path / "untuned", tmp_path / "merged")
    for read in (model, AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.bfloat16)):
        state = read.state_dict()
        assert state.keys() == expected.state_dict().keys()
        assert all(torch.equal(value, state[name]) for name, value in expected.state_dict().items())


def test_an_adapter_that_is_gone_is_missed(tmp_path: Path) -> None:
    llm = save_llm(tmp_path / "base")
    save_untuned(BaseModel(str(llm)), tmp_path / "tuned")
    BaseModel(str(llm)).write(tmp_path / "tuned")
    with pytest.raises(ConfigurationError, match="cannot be put on its base"):
        load_model(tmp_path / "tuned")
