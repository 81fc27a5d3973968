"""Batched generation with transformers: length-bucketed, and seeded per batch so that a resumed run writes the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.chat import fit, prompt_tokens
from recbole_curec.reasons.language_model import place
from recbole_curec.reasons.prompts import Message, PromptBuilder
from recbole_curec.stage import StageContext


class Generator:
    """Writes completions for chat prompts.

    Args:
        model: Causal language model.
        tokenizer: Its tokenizer, padding on the left.
        device: Where to run.
        max_new_tokens: Longest completion.
        batch_size: Prompts per batch.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        device: torch.device,
        *,
        max_new_tokens: int,
        batch_size: int,
    ) -> None:
        self.model = place(model, device).eval()
        self.tokenizer = tokenizer
        self.device = device
        self.max_new_tokens = max_new_tokens
        self.batch_size = batch_size
        ends = model.generation_config.eos_token_id
        listed = ends if isinstance(ends, list) else [ends]
        self._stop = {token for token in (*listed, tokenizer.eos_token_id, tokenizer.pad_token_id) if token is not None}

    @classmethod
    def for_stage(cls, context: StageContext, model: Any, tokenizer: PreTrainedTokenizerBase) -> Generator:
        """A generator with the settings and on the device of a stage."""
        settings = context.settings
        return cls(
            model,
            tokenizer,
            context.device,
            max_new_tokens=settings.align.max_reason_tokens,
            batch_size=settings.generate.generation_batch_size,
        )

    @torch.no_grad()
    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        """One sampled completion per prompt, in order.

        Args:
            prompts: Chat messages of each prompt.
            temperature: Sampling temperature.
            seed: Name of this call; together with the batch number it fixes every random choice.
            description: Label of the progress bar.
            progress: Whether to draw it.
        """
        encoded = [prompt_tokens(self.tokenizer, prompt) for prompt in prompts]
        # Prompts of like length share a batch, so little is spent on padding.
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
        completions = [""] * len(encoded)
        with tqdm(total=len(encoded), desc=description, unit="reason", disable=not progress, leave=False) as bar:
            for number, start in enumerate(range(0, len(order), self.batch_size)):
                rows = order[start : start + self.batch_size]
                torch.manual_seed(_seed_number(seed, number))
                for row, text in zip(rows, self._batch([encoded[row] for row in rows], temperature), strict=True):
                    completions[row] = text
                bar.update(len(rows))
        return completions

    def _batch(self, rows: list[list[int]], temperature: float) -> list[str]:
        inputs = self.tokenizer.pad({"input_ids": rows}, padding=True, return_tensors="pt").to(self.device)
        output = self.model.generate(
            **inputs,
            do_sample=True,
            temperature=temperature,
            top_p=1.0,
            top_k=0,
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        new_tokens = output[:, inputs["input_ids"].shape[1] :]  # (B, T)
        return [self._decode(row) for row in new_tokens.tolist()]

    def _decode(self, tokens: list[int]) -> str:
        # Some tokenizers mark think tags as special tokens: only what ends a completion is cut, nothing is skipped.
        stop = next((k for k, token in enumerate(tokens) if token in self._stop), len(tokens))
        return str(self.tokenizer.decode(tokens[:stop], skip_special_tokens=False)).strip()


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


def _seed_number(name: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{name}/{number}".encode()).digest()[:4], "big")
