"""Any causal LM: with or without a chat template, quantized, in 16 bits, with checkpointing; and merged for serving."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm import chat
from recbole_curec.llm import dtypes as precision
from recbole_curec.llm.chat import PLAIN_TEMPLATE, example_tokens, fit, prompt_tokens
from recbole_curec.llm.loading import BaseModel, load_model, load_pretrained, save_merged
from recbole_curec.pipelines.curec import STAGES
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.tasks import Example
from recbole_curec.settings.sections import CollectSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.training.sft import supervised
from tests.chat_models import qwen_tokenizer, tiny_tokenizer
from tests.conftest import AtomicDataset
from tests.examples import toy_builder
from tests.pipeline_runs import run_stages, write_topics
from tests.reasons.test_tasks import factory
from tests.rewards.test_functions import EVIDENCE
from tests.tiny_llm import save_llm

CPU = torch.device("cpu")
SHORT = {"lora_rank": 2, "max_prompt_tokens": 768, "sft_steps": 2, "rl_steps": 2}


def align_settings(**given: Any) -> Any:
    return Settings.from_mapping(given).align


def adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_a_model_without_a_template_gets_plain_headers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _, tokenizer = load_pretrained(BaseModel(str(save_llm(tmp_path / "base", template=None))))
    assert tokenizer.chat_template == PLAIN_TEMPLATE
    assert "has no chat template: prompts are plain text with '### User:' headers." in caplog.text
    messages = PromptBuilder(CollectSettings()).reason(EVIDENCE)
    tokens, shared = example_tokens(tokenizer, messages, "<think> a</think> b.")
    text = tokenizer.decode(tokens)
    assert text.startswith("### System:\nYou explain recommendations.")
    assert f"\n\n### User:\n{messages[1]['content']}\n\n### Assistant:\n<think> a</think> b.<|end|>" in text
    assert tokens[:shared] == prompt_tokens(tokenizer, messages)
    assert tokenizer.decode(tokens[shared:]) == "<think> a</think> b.<|end|>"


def test_a_tokenizer_that_cannot_work_is_refused() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.eos_token = None
    with pytest.raises(ConfigurationError, match="llm='x' has a tokenizer without an end-of-sequence token"):
        chat.ensure_template(tokenizer, "x")

    class Slow:
        is_fast = False

    with pytest.raises(ConfigurationError, match="llm='x' has no fast tokenizer"):
        chat.ensure_template(Slow(), "x")


def test_a_think_tag_begun_by_the_template_is_left_to_the_model() -> None:
    tokenizer = qwen_tokenizer()
    text = tokenizer.decode(prompt_tokens(tokenizer, PromptBuilder(CollectSettings()).reason(EVIDENCE)))
    assert text.endswith("<|im_start|>assistant\n")
    tokens, shared = example_tokens(
        tokenizer, PromptBuilder(CollectSettings()).judge(EVIDENCE), "<think> a</think> Yes"
    )
    assert tokenizer.decode(tokens[shared:]) == "<think> a</think> Yes<|im_end|>"


def test_the_dtype_is_what_the_device_has(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = torch.device("cuda", 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Old GPU")
    for supported in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda supported=supported: supported)
        assert precision.choose_dtype(align_settings(), CPU) == torch.float32
        assert precision.choose_dtype(align_settings(llm_dtype="bfloat16"), CPU) == torch.bfloat16
        assert precision.choose_dtype(align_settings(llm_dtype="float32"), cuda) == torch.float32
        assert precision.choose_dtype(align_settings(), cuda) == (torch.bfloat16 if supported else torch.float32)
    with pytest.raises(ConfigurationError, match="llm_dtype: bfloat16 cannot be used on Old GPU"):
        precision.choose_dtype(align_settings(llm_dtype="bfloat16"), cuda)


def test_the_tiny_model_is_not_quantized() -> None:
    with pytest.raises(ConfigurationError) as caught:
        align_settings(quantization="nf4")
    assert str(caught.value) == (
        "quantization: nf4 cannot be used with llm: tiny, whose weights are all trained: set quantization: none, or "
        "llm: to a pretrained model."
    )


def test_quantization_without_bitsandbytes_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    precision.check_quantization("nf4")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    precision.check_quantization("none")
    with pytest.raises(ConfigurationError, match="quantization: int8 needs bitsandbytes: pip install"):
        precision.check_quantization("int8")


@pytest.mark.parametrize("quantization", ["nf4", "int8"])
def test_every_stage_runs_over_a_quantized_base(atomic: AtomicDataset, tmp_path: Path, quantization: str) -> None:
    from bitsandbytes import nn

    write_topics(atomic)
    llm = save_llm(tmp_path / "base")
    given = {**SHORT, "llm": str(llm), "quantization": quantization, "text_encoder": "llm"}
    artifacts = run_stages(atomic, tmp_path / "saved", **given)
    assert set(artifacts) == {stage.name for stage in STAGES}
    kind = nn.Linear4bit if quantization == "nf4" else nn.Linear8bitLt
    weights = {}
    for stage in ("align", "reinforce"):
        folder = artifacts[stage].folder
        assert json.loads((folder / "base_model.json").read_text()) == {
            "base": str(llm), "dtype": "float32", "quantization": quantization
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
    llm = str(save_llm(tmp_path / "base"))
    plain = run_stages(atomic, tmp_path / "saved", **SHORT, llm=llm)
    recomputed = run_stages(atomic, tmp_path / "saved", **SHORT, llm=llm, gradient_checkpointing=True)
    assert recomputed["align"].key != plain["align"].key
    first, second = adapter(plain["align"].folder), adapter(recomputed["align"].folder)
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=1e-4, atol=1e-6)
    half = run_stages(atomic, tmp_path / "saved", **SHORT, llm=llm, llm_dtype="bfloat16")
    model, _ = load_model(half["reinforce"].folder)
    assert model.get_input_embeddings().weight.dtype == torch.bfloat16
    losses = [artifacts["align"].manifest()["figures"]["loss_first"] for artifacts in (plain, half)]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[1] != losses[0]


@pytest.mark.parametrize("task", ["reason", "judge", "choose", "understand"])
def test_long_prompts_lose_history_and_keep_their_target(task: str) -> None:
    tokenizer, made = tiny_tokenizer(), factory(toy_builder())
    examples = made.draw({task: 1.0} if task == "reason" else {"reason": 0.01, task: 1.0}, 60, progress=False)
    examples = [example for example in examples if example.task == task]
    assert len(examples) > 20
    lengths = [len(prompt_tokens(tokenizer, example.prompt)) for example in examples]
    limit = int(np.quantile(lengths, 0.5))
    shortened = 0
    for example, length in zip(examples, lengths, strict=True):
        kept = fit(tokenizer, example.prompt, limit)
        before, after = (messages[-1]["content"].split("\n") for messages in (example.prompt, kept))
        if length <= limit or task == "understand":
            assert kept == example.prompt
            continue
        shortened += 1
        gone = [line for line in before if line.startswith("Earlier:") and line not in after]
        assert after[1:] == [line for line in before[1:] if line not in gone]
        assert before[0].endswith(after[0].removeprefix("History: ")) or after[0] == "History: none"
        if gone:
            assert after[0] == "History: none"
        assert len(prompt_tokens(tokenizer, kept)) <= limit or after[0] == "History: none"
        row = supervised([example], tokenizer, align_settings(max_prompt_tokens=max(limit, 64)))[0]
        kept = fit(tokenizer, example.prompt, max(limit, 64))
        tokens, shared = example_tokens(tokenizer, kept, example.completion)
        assert row["input_ids"] == tokens
        assert row["completion_mask"] == [0] * shared + [1] * (len(tokens) - shared)
    assert shortened > 5 or task == "understand"


def test_prompts_without_room_are_counted_or_refused(caplog: pytest.LogCaptureFixture) -> None:
    tokenizer = tiny_tokenizer()
    short = Example("understand", PromptBuilder.text("Describe", '"Heat"'), "Crime")
    long = Example("understand", PromptBuilder.text("Describe", "word " * 400), "Crime")
    settings = align_settings(max_prompt_tokens=64, max_reason_tokens=16)
    assert len(supervised([short], tokenizer, settings)) == 1
    assert not caplog.messages
    supervised([short, long], tokenizer, settings)
    assert caplog.messages == [
        "1 of 2 alignment examples are too long, even without their history, and are left out: "
        "raise max_prompt_tokens (64)."
    ]
    with pytest.raises(ConfigurationError, match="max_prompt_tokens: 64 leaves no room for any prompt"):
        supervised([long], tokenizer, settings)
