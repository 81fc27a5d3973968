"""Shortening of prompts to the longest prompt of the language model."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from recbole_curec.data.evidence import Evidence
from recbole_curec.llm.chat import fit
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.prompts import PromptBuilder, without_oldest


def fit_prompt(tokenizer: PreTrainedTokenizerBase, messages: list[Message], max_tokens: int) -> list[Message]:
    """A prompt of at most ``max_tokens``: the oldest history items are dropped first, then earlier reasons.

    Target and facts are always kept in full, even if they are longer.
    """
    return fit(tokenizer, messages, max_tokens, without_oldest)


def fit_reason_prompt(
    tokenizer: PreTrainedTokenizerBase,
    prompts: PromptBuilder,
    evidence: Evidence,
    max_tokens: int,
    earlier: tuple[str, ...] = (),
    failure: str | None = None,
) -> list[Message]:
    """A reason prompt of at most ``max_tokens``; see :func:`fit_prompt`."""
    return fit_prompt(tokenizer, prompts.reason(evidence, earlier, failure), max_tokens)
