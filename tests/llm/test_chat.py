"""Messages to tokens: templates of the model's own, or plain headers where it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.chat import PLAIN_TEMPLATE, ensure_template, example_tokens, prompt_tokens
from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.settings.sections import CollectSettings
from tests.chat_models import qwen_tokenizer, tiny_tokenizer
from tests.examples import EVIDENCE
from tests.tiny_llm import save_llm


def test_the_models_own_chat_template_is_used(tmp_path: Path) -> None:
    _, tokenizer = load_pretrained(BaseModel(str(save_llm(tmp_path / "base"))))
    text = tokenizer.decode(prompt_tokens(tokenizer, PromptBuilder(CollectSettings()).reason(EVIDENCE)))
    assert text.startswith("[system] You explain recommendations.")
    assert "[user] History:" in text
    assert text.rstrip().endswith("[assistant]")


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
        ensure_template(tokenizer, "x")

    class Slow:
        is_fast = False

    with pytest.raises(ConfigurationError, match="llm='x' has no fast tokenizer"):
        ensure_template(Slow(), "x")


def test_a_think_tag_begun_by_the_template_is_left_to_the_model() -> None:
    tokenizer = qwen_tokenizer()
    text = tokenizer.decode(prompt_tokens(tokenizer, PromptBuilder(CollectSettings()).reason(EVIDENCE)))
    assert text.endswith("<|im_start|>assistant\n")
    tokens, shared = example_tokens(
        tokenizer, PromptBuilder(CollectSettings()).judge(EVIDENCE), "<think> a</think> Yes"
    )
    assert tokenizer.decode(tokens[shared:]) == "<think> a</think> Yes<|im_end|>"
