"""Messages to tokens: the model's own template or plain headers, and text that never becomes a control token."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.chat import PLAIN_TEMPLATE, ensure_template, example_tokens, prompt_tokens
from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.parsing import unquoted
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.settings.sections import CollectSettings
from tests.chat_models import TOKENIZERS, qwen_tokenizer, tiny_tokenizer
from tests.examples import EVIDENCE
from tests.hostile import HOSTILE
from tests.reasons.named import BENIGN, evidence_about, evidence_about_text
from tests.tiny_llm import save_llm

BUILDER = TablePrompts(CollectSettings())
_DATA_LINE = re.compile(r"^(- |History:|Target:|Earlier:|Fix:|Reason for |Judge |#)", re.MULTILINE)
_FACT_LEVEL = re.compile(r": (weak|fair|strong|none)\b")


@pytest.fixture(scope="module", params=list(TOKENIZERS))
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerBase:
    return TOKENIZERS[request.param]()


def test_the_models_own_chat_template_is_used(tmp_path: Path) -> None:
    _, tokenizer = load_pretrained(BaseModel(str(save_llm(tmp_path / "base"))))
    text = tokenizer.decode(prompt_tokens(tokenizer, BUILDER.reason(EVIDENCE)))
    assert text.startswith("[system] You explain recommendations.")
    assert "[user] History:" in text
    assert text.rstrip().endswith("[assistant]")


def test_a_model_without_a_template_gets_plain_headers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _, tokenizer = load_pretrained(BaseModel(str(save_llm(tmp_path / "base", template=None))))
    assert tokenizer.chat_template == PLAIN_TEMPLATE
    assert "has no chat template: prompts are plain text with '### User:' headers." in caplog.text
    messages = BUILDER.reason(EVIDENCE)
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
    text = tokenizer.decode(prompt_tokens(tokenizer, BUILDER.reason(EVIDENCE)))
    assert text.endswith("<|im_start|>assistant\n")
    tokens, shared = example_tokens(tokenizer, BUILDER.judge(EVIDENCE), "<think> a</think> Yes")
    assert tokenizer.decode(tokens[shared:]) == "<think> a</think> Yes<|im_end|>"


def test_thinking_that_a_prompt_begins_is_tokenized_as_in_examples(tokenizer: PreTrainedTokenizerBase) -> None:
    plain, begins = BUILDER.reason(EVIDENCE), TablePrompts(CollectSettings(), begins_thinking=True).reason(EVIDENCE)
    assert begins == [*plain, {"role": "assistant", "content": "<think>"}]
    prompt = prompt_tokens(tokenizer, begins)
    start = prompt_tokens(tokenizer, plain)
    assert prompt[: len(start)] == start
    assert tokenizer.decode(prompt[len(start) :]) == "<think>"
    # The last one has tokens that would reach over the end of the tag.
    for completion in ("<think> a</think> b.", '<think> "Heat": Crime</think> You may.', "<think>>>a</think> b."):
        tokens, shared = example_tokens(tokenizer, plain, completion)
        assert (tokens[: len(prompt)], shared) == (prompt, len(start))
        assert tokenizer.decode(tokens[shared:]).startswith(completion)


def test_a_begun_tag_is_one_token_or_several_as_the_model_has_it() -> None:
    begins = TablePrompts(CollectSettings(), begins_thinking=True).reason(EVIDENCE)
    counts = {
        name: len(prompt_tokens(made(), begins)) - len(prompt_tokens(made(), begins[:-1]))
        for name, made in TOKENIZERS.items()
    }
    assert counts["tiny"] == counts["qwen"] == 1
    assert counts["llama"] > 1
    assert counts["chatml"] > 1


def test_an_ordinary_prompt_is_tokenized_as_one_text(tokenizer: PreTrainedTokenizerBase) -> None:
    messages = BUILDER.reason(BENIGN)
    try:
        text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    except TemplateError as error:
        assert "System role not supported" in str(error)
        merged = [{"role": "user", "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}]
        text = tokenizer.apply_chat_template(merged, add_generation_prompt=True, tokenize=False)
    text = text.removesuffix("<think>\n")  # the model writes its own
    assert prompt_tokens(tokenizer, messages) == tokenizer(text, add_special_tokens=False)["input_ids"]


def prompts(facts: Evidence) -> list[list[Message]]:
    earlier, failure = f'You may like "{facts.target}".', f'"{facts.target}" is not in the facts'
    return [
        BUILDER.reason(facts, (earlier,), failure),
        BUILDER.judge(facts),
        BUILDER.choose(facts.history, [facts, facts]),
        BUILDER.text("Describe", f'"{facts.target}"'),
    ]


def structure(tokenizer: PreTrainedTokenizerBase, tokens: list[int]) -> tuple[Counter[int], list[str], int, int]:
    """Control tokens by id, data lines, think tags and levels of facts."""
    control = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    text = tokenizer.decode(tokens)
    tags = text.count("<think>") + text.count("</think>")
    levels = len(_FACT_LEVEL.findall(unquoted(text)))
    return Counter(token for token in tokens if token in control), _DATA_LINE.findall(text), tags, levels


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_prompts_keep_their_structure(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    for mine, plain in zip(prompts(evidence_about_text(text)), prompts(BENIGN), strict=True):
        tokens = prompt_tokens(tokenizer, mine)
        assert structure(tokenizer, tokens) == structure(tokenizer, prompt_tokens(tokenizer, plain))
        assert len(tokens) < 2500


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_examples_end_where_the_template_ends_them(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    def tokens(facts: Evidence) -> tuple[list[int], int]:
        completion = f'<think> "{facts.target}": {facts.attributes[0]}</think> You may like "{facts.target}" a lot.'
        return example_tokens(tokenizer, BUILDER.reason(facts), completion)

    (mine, shared), (plain, _) = tokens(evidence_about_text(text)), tokens(BENIGN)
    assert structure(tokenizer, mine) == structure(tokenizer, plain)
    assert mine[-1] == tokenizer.eos_token_id
    assert mine[:shared] == prompt_tokens(tokenizer, BUILDER.reason(evidence_about_text(text)))
    ends = [token for token in mine[shared:] if token == tokenizer.eos_token_id]
    assert len(ends) == 1


def test_control_tokens_are_spelled_even_where_nothing_was_cleaned(tokenizer: PreTrainedTokenizerBase) -> None:
    own = [added.content for added in tokenizer.added_tokens_decoder.values() if added.special]
    plain = structure(tokenizer, prompt_tokens(tokenizer, BUILDER.reason(BENIGN)))[0]
    for token in own:
        for name in (token, f"The {token} Piano", f"{token}{token}", f" {token} "):
            tokens = prompt_tokens(tokenizer, BUILDER.reason(evidence_about(name, name)))
            assert structure(tokenizer, tokens)[0] == plain
            assert f'Target: "{name}"' in tokenizer.decode(tokens)  # the model can still copy the name
