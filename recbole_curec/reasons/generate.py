"""From evidence to a prompt that fits, and from a prompt to its tokens."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.prompts import Message, PromptBuilder


def prompt_tokens(tokenizer: PreTrainedTokenizerBase, messages: list[Message]) -> list[int]:
    """Tokens of a prompt, up to where the model starts to write."""
    chat = [{"role": message["role"], "content": message["content"]} for message in messages]
    text = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    tokens: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return tokens


def fit_reason_prompt(
    tokenizer: PreTrainedTokenizerBase,
    prompts: PromptBuilder,
    evidence: Evidence,
    max_tokens: int,
    earlier: tuple[str, ...] = (),
    failure: str | None = None,
) -> list[Message]:
    """A reason prompt of at most ``max_tokens``: the oldest history goes first, then earlier reasons, never the target.

    When even the bare target and its facts are longer, they are kept whole.
    """
    for shown in range(len(evidence.history), -1, -1):
        messages = prompts.reason(evidence, earlier, failure, history_shown=shown)
        if len(prompt_tokens(tokenizer, messages)) <= max_tokens:
            return messages
    return prompts.reason(evidence, (), failure, history_shown=0)
