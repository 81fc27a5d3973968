"""KL divergence of a trained language model from the one it started from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.head import Project, chunk_size, is_direct, read_head, vocabulary_size
from recbole_curec.llm.loading import place
from recbole_curec.llm.messages import Message, begun

# Prompts on which the divergence is computed, and how many at a time; it needs the whole vocabulary twice.
_PROMPTS, _BATCH = 64, 8


def mean_kl(
    model: Any,
    reference: Any,
    prompts: Sequence[list[Message]],
    completions: Sequence[str],
    tokenizer: PreTrainedTokenizerBase,
    device: torch.device,
) -> float:
    """Mean KL divergence of the language model from the reference, in nats per token of its completions.

    Exact over the vocabulary, at temperature 1, on the first 64 prompts.

    Args:
        model: The trained language model.
        reference: The one it started from.
        prompts: Chat messages.
        completions: What the trained model wrote, one per prompt.
        tokenizer: Tokenizer of both.
        device: Device of both.
    """
    pairs = [
        (prompt_tokens(tokenizer, prompt), _tokens(tokenizer, completion.removeprefix(begun(prompt))))
        for prompt, completion in zip(prompts[:_PROMPTS], completions, strict=False)
    ]
    pairs.sort(key=lambda pair: len(pair[0]))
    sums, count = 0.0, 0
    for start in range(0, len(pairs), _BATCH):
        divergence, mask = _divergence(model, reference, pairs[start : start + _BATCH], tokenizer, device)
        sums += float((divergence * mask).sum())
        count += int(mask.sum())
    return sums / max(count, 1)


def _tokens(tokenizer: PreTrainedTokenizerBase, completion: str) -> list[int]:
    tokens: list[int] = tokenizer(completion, add_special_tokens=False)["input_ids"]
    ends = tokenizer.eos_token_id
    return tokens if ends is None else [*tokens, int(ends)]


@torch.no_grad()
def _divergence(
    model: Any,
    reference: Any,
    pairs: Sequence[tuple[list[int], list[int]]],
    tokenizer: PreTrainedTokenizerBase,
    device: torch.device,
) -> tuple[torch.Tensor, torch.Tensor]:
    """KL divergence at the completion's tokens ``(B, T)``, and a mask of the tokens without padding."""
    model, reference = (place(network, device).eval() for network in (model, reference))
    longest = max(len(completion) for _, completion in pairs)
    rows = [prompt + completion for prompt, completion in pairs]
    padded = tokenizer.pad({"input_ids": rows}, padding=True, return_tensors="pt").to(device)
    inputs = {name: padded[name] for name in ("input_ids", "attention_mask")}
    length = inputs["input_ids"].shape[1]
    positions = torch.arange(length - longest - 1, length - 1, device=device)
    size = chunk_size(vocabulary_size(model))

    def of_policy(head: Project, states: torch.Tensor) -> torch.Tensor:
        def of_reference(other_head: Project, other_states: torch.Tensor) -> torch.Tensor:
            chunks = (torch.split(part.flatten(0, 1), size) for part in (states, other_states))
            found = [_kl(head(part), other_head(other)) for part, other in zip(*chunks, strict=True)]
            return torch.cat(found).view(*states.shape[:2], 1)

        return read_head(reference, inputs, positions, of_reference, direct=is_direct(reference))

    found = read_head(model, inputs, positions, of_policy, direct=is_direct(model))
    lengths = torch.tensor([len(completion) for _, completion in pairs], device=device)
    mask = torch.arange(longest, device=device) >= longest - lengths[:, None]  # (B, T)
    return found.squeeze(-1), mask


def _kl(logits: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """KL divergence between the distributions of every row."""
    policy, reference = (values.float().log_softmax(-1) for values in (logits, others))
    return (policy.exp() * (policy - reference)).sum(-1)
