"""Alignment examples as tokens: shortened until they fit, and which of their tokens are learnt."""

from __future__ import annotations

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.chat import example_tokens, prompt_tokens
from recbole_curec.reasons.fitting import fit_prompt
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.tasks import Example
from recbole_curec.settings.sections import CollectSettings, LanguageModelSettings
from recbole_curec.training.sft import supervised
from tests.chat_models import tiny_tokenizer
from tests.examples import toy_builder
from tests.reasons.test_tasks import MIX, factory


def test_completions_alone_are_learnt_and_prompts_are_shortened() -> None:
    tokenizer = tiny_tokenizer()
    examples = factory(toy_builder()).draw(MIX, 60, progress=False)
    lengths = sorted(len(prompt_tokens(tokenizer, example.prompt)) for example in examples)
    limit = max(lengths[len(lengths) // 2], 64)
    rows = supervised(examples, tokenizer, LanguageModelSettings(max_prompt_tokens=limit))
    assert len(rows) == len(examples)
    shortened = 0
    for example, row in zip(examples, rows, strict=True):
        kept = fit_prompt(tokenizer, example.prompt, limit)
        shortened += kept != example.prompt
        tokens, shared = example_tokens(tokenizer, kept, example.completion)
        assert row["input_ids"] == tokens
        assert row["completion_mask"] == [0] * shared + [1] * (len(tokens) - shared)
        assert tokens[:shared] == prompt_tokens(tokenizer, kept)
        assert tokens[-1] == tokenizer.eos_token_id
    assert shortened > 5


def test_prompts_without_room_are_counted_or_refused(caplog: pytest.LogCaptureFixture) -> None:
    tokenizer = tiny_tokenizer()
    short = Example("understand", TablePrompts(CollectSettings()).text("Describe", '"Heat"'), "Crime")
    long = Example("understand", TablePrompts(CollectSettings()).text("Describe", "word " * 400), "Crime")
    settings = LanguageModelSettings(max_prompt_tokens=64, max_reason_tokens=16)
    assert len(supervised([short], tokenizer, settings)) == 1
    assert not caplog.messages
    supervised([short, long], tokenizer, settings)
    assert caplog.messages == [
        "1 of 2 alignment examples are too long, even without their history, and are left out: "
        "raise max_prompt_tokens (64)."
    ]
    with pytest.raises(ConfigurationError, match="max_prompt_tokens: 64 leaves no room for any prompt"):
        supervised([long], tokenizer, settings)
