"""Shortening of prompts to the longest prompt of the language model."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.chat import fit
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.prompts import PromptBuilder, ReasonRequest, without_oldest


def fit_prompt(tokenizer: PreTrainedTokenizerBase, messages: list[Message], max_tokens: int) -> list[Message]:
    """A prompt of at most ``max_tokens``: the oldest history items are dropped first, then earlier reasons.

    Target and facts are always kept in full, even if they are longer.
    """
    return fit(tokenizer, messages, max_tokens, without_oldest)


def fit_request(
    tokenizer: PreTrainedTokenizerBase, prompts: PromptBuilder, request: ReasonRequest, max_tokens: int
) -> list[Message]:
    """The prompt of a request for a reason, of at most ``max_tokens``; see :func:`fit_prompt`."""
    return fit_prompt(tokenizer, prompts.reason(request.evidence, request.earlier, request.failure), max_tokens)
