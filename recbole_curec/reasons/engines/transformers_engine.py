"""``engine: transformers``: ``generate`` of the model itself, in batches of like length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from recbole_curec.reasons.chat import prompt_tokens
from recbole_curec.reasons.engines.engine import completion_text, end_tokens, length_batches, seed_number
from recbole_curec.reasons.language_model import place
from recbole_curec.reasons.prompts import Message
from recbole_curec.stage import StageContext


class TransformersEngine:
    """Writes with a model that is in memory.

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
        self._ends = end_tokens(tokenizer, model.generation_config)

    @classmethod
    def for_stage(cls, context: StageContext, model: Any, tokenizer: PreTrainedTokenizerBase) -> TransformersEngine:
        """An engine with the settings and on the device of a stage."""
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
        """See :meth:`~recbole_curec.reasons.engines.engine.Engine.write`."""
        encoded = [prompt_tokens(self.tokenizer, prompt) for prompt in prompts]
        completions = [""] * len(encoded)
        with tqdm(total=len(encoded), desc=description, unit="reason", disable=not progress, leave=False) as bar:
            for number, rows in enumerate(length_batches(encoded, self.batch_size)):
                torch.manual_seed(seed_number(seed, number))
                for row, text in zip(rows, self._batch([encoded[row] for row in rows], temperature), strict=True):
                    completions[row] = text
                bar.update(len(rows))
        return completions

    def _batch(self, rows: list[list[int]], temperature: float) -> list[str]:
        inputs = self.tokenizer.pad({"input_ids": rows}, padding=True, return_tensors="pt").to(self.device)
        sampling = {"do_sample": True, "temperature": temperature, "top_p": 1.0, "top_k": 0}
        output = self.model.generate(
            **inputs,
            **(sampling if temperature else {"do_sample": False}),
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        new_tokens = output[:, inputs["input_ids"].shape[1] :]  # (B, T)
        return [completion_text(self.tokenizer, row, self._ends) for row in new_tokens.tolist()]
