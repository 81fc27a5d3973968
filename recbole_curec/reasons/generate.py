"""From evidence to a prompt that fits."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.chat import fit
from recbole_curec.reasons.prompts import Message, PromptBuilder


def fit_reason_prompt(
    tokenizer: PreTrainedTokenizerBase,
    prompts: PromptBuilder,
    evidence: Evidence,
    max_tokens: int,
    earlier: tuple[str, ...] = (),
    failure: str | None = None,
) -> list[Message]:
    """A reason prompt of at most ``max_tokens``; see :func:`recbole_curec.reasons.chat.fit`."""
    return fit(tokenizer, prompts.reason(evidence, earlier, failure), max_tokens)
