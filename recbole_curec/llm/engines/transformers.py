"""``engine: transformers``: the ``generate`` method of transformers, in batches of prompts of similar length."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from transformers import PreTrainedTokenizerBase, StoppingCriteria, StoppingCriteriaList

from recbole_curec.extensions import ENGINES
from recbole_curec.llm.ending import EndWatch
from recbole_curec.llm.engines.batched import BatchedEngine
from recbole_curec.llm.engines.engine import EngineRequest, decode_completion, end_tokens
from recbole_curec.llm.loading import load_model, merged, place


class ReasonEnded(StoppingCriteria):
    """Stops each completion of a batch where its reason has ended.

    Args:
        watch: Tells where.
        prompt_length: Tokens of the padded prompts.
    """

    def __init__(self, watch: EndWatch, prompt_length: int) -> None:
        self._watch, self._prompt_length = watch, prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any) -> torch.Tensor:
        """Whether each row ``(B, T)`` has ended, ``(B,)``."""
        written = input_ids[:, self._prompt_length :]
        # Of most rows the last token is enough, and only that is copied from the device.
        ended = [
            self._watch.may_have_ended(last, written.shape[1]) and self._watch.ended(row.tolist())
            for last, row in zip(written[:, -1].tolist(), written, strict=True)
        ]
        return torch.tensor(ended, device=input_ids.device)


@ENGINES.register
class TransformersEngine(BatchedEngine):
    """Generates with a language model in memory.

    Args:
        model: Causal language model.
        tokenizer: Its tokenizer, padding on the left.
        device: Device to run on.
        max_new_tokens: Longest completion, in tokens.
        batch_size: Prompts per batch.
    """

    name: ClassVar[str] = "transformers"

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
        self._ends, self._watch = end_tokens(tokenizer, model.generation_config), EndWatch(tokenizer)

    @classmethod
    def open(cls, request: EngineRequest) -> TransformersEngine:
        """See :meth:`~recbole_curec.llm.engines.engine.Engine.open`."""
        model, tokenizer = load_model(request.weights, device=request.device)
        # An adapter beside its base takes as many steps of Python again as the base.
        model = merged(model)
        return cls(
            model,
            tokenizer,
            request.device,
            max_new_tokens=request.llm.longest_reason,
            batch_size=request.generate.batch_size,
        )

    @torch.no_grad()
    def complete_batch(self, prompts: list[list[int]], temperature: float, seed: int) -> list[str]:
        """See :meth:`~recbole_curec.llm.engines.batched.BatchedEngine.complete_batch`."""
        torch.manual_seed(seed)
        inputs = self.tokenizer.pad({"input_ids": prompts}, padding=True, return_tensors="pt").to(self.device)
        sampling = {"do_sample": True, "temperature": temperature, "top_p": 1.0, "top_k": 0}
        output = self.model.generate(
            **inputs,
            **(sampling if temperature else {"do_sample": False}),
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
            stopping_criteria=StoppingCriteriaList([ReasonEnded(self._watch, inputs["input_ids"].shape[1])]),
        )
        new_tokens = output[:, inputs["input_ids"].shape[1] :]  # (B, T)
        return [decode_completion(self.tokenizer, tokens, self._ends) for tokens in new_tokens.tolist()]
