"""``engine: transformers``: ``generate`` of the model itself, in batches of like length."""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from recbole_curec.reasons.engines.batched import BatchedEngine
from recbole_curec.reasons.engines.engine import decode_completion, end_tokens
from recbole_curec.reasons.language_model import place
from recbole_curec.stage import StageContext


class TransformersEngine(BatchedEngine):
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
        super().__init__(tokenizer, batch_size)
        self.model = place(model, device).eval()
        self.device = device
        self.max_new_tokens = max_new_tokens
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
    def _batch(self, rows: list[list[int]], temperature: float, seed: int) -> list[str]:
        torch.manual_seed(seed)
        inputs = self.tokenizer.pad({"input_ids": rows}, padding=True, return_tensors="pt").to(self.device)
        sampling = {"do_sample": True, "temperature": temperature, "top_p": 1.0, "top_k": 0}
        output = self.model.generate(
            **inputs,
            **(sampling if temperature else {"do_sample": False}),
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        new_tokens = output[:, inputs["input_ids"].shape[1] :]  # (B, T)
        return [decode_completion(self.tokenizer, row, self._ends) for row in new_tokens.tolist()]
