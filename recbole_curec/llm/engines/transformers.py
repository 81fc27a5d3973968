"""``engine: transformers``: the ``generate`` method of transformers, in batches of prompts of similar length.

Most models decode by :mod:`recbole_curec.llm.engines.decoding`; those with windows or with layers that are no attention
decode as transformers does.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from transformers import PreTrainedTokenizerBase, StoppingCriteria, StoppingCriteriaList

from recbole_curec.extensions import ENGINES
from recbole_curec.hardware import release_memory
from recbole_curec.llm.ending import EndWatch
from recbole_curec.llm.engines.batched import BatchedEngine, shared_length
from recbole_curec.llm.engines.decoding import (
    decode_rows,
    decodes_by_rows,
    keeps_last,
    last_position,
    read_shared,
)
from recbole_curec.llm.engines.engine import EngineRequest, decode_completion, end_tokens, up_to_end
from recbole_curec.llm.loading import load_model, merged, place
from recbole_curec.llm.size import is_large

# Prompts of a batch on a CPU, where as many batches are written at a time as there are threads: more are hardly faster.
_BATCH = {"cpu": 32}


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
        batch_size: Prompts per batch; on a CPU at most 32.
    """

    name: ClassVar[str] = "transformers"
    revision: ClassVar[int] = 2

    def __init__(
        self,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        device: torch.device,
        *,
        max_new_tokens: int,
        batch_size: int,
    ) -> None:
        super().__init__(tokenizer, min(batch_size, _BATCH.get(device.type, batch_size)))
        self.model = place(model, device).eval()
        self.device = device
        self.max_new_tokens = max_new_tokens
        self._ends, self._watch = end_tokens(tokenizer, model.generation_config), EndWatch(tokenizer)
        self._by_rows = decodes_by_rows(model)
        self._gives_back = device.type == "cpu" and is_large(model)

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

    def most_at_once(self) -> int:
        """Batches at a time; a model whose draws share one seed in the process writes one, and so does a GPU."""
        return torch.get_num_threads() if self.device.type == "cpu" and self._by_rows else 1

    def complete_batch(self, prompts: list[list[int]], temperature: float, seed: int) -> list[str]:
        """See :meth:`~recbole_curec.llm.engines.batched.BatchedEngine.complete_batch`."""
        written = self.sample_batch(prompts, temperature, seed, stops=True)
        if self._gives_back:
            release_memory()  # two batches of 32 prompts leave 0.9 GiB of gaps with 135M parameters
        return [decode_completion(self.tokenizer, tokens, self._ends) for tokens in written]

    @torch.no_grad()
    def sample_batch(
        self, prompts: list[list[int]], temperature: float, seed: int, *, stops: bool = False
    ) -> list[list[int]]:
        """The tokens written after prompts given as token ids, with the one that ended them.

        Args:
            prompts: Token ids.
            temperature: Sampling temperature; 0 takes the likeliest token.
            seed: Determines every random choice.
            stops: Whether a completion ends with its reason, as well as at an end token.
        """
        torch.set_num_threads(self.threads_each)  # of the thread that this runs in
        shared = shared_length(prompts) if self._by_rows else 0
        inputs = self._inputs(prompts, shared)
        length = inputs["input_ids"].shape[1]
        sampling = {"do_sample": True, "temperature": temperature, "top_p": 1.0, "top_k": 0}
        criteria = [ReasonEnded(self._watch, length)] if stops else []
        decoding: dict[str, Any]
        if self._by_rows:
            decoding = {
                "custom_generate": decode_rows,
                "past_key_values": read_shared(
                    self.model, prompts[0][:shared], len(prompts), length + self.max_new_tokens
                ),
                "generator": torch.Generator(self.device).manual_seed(seed),
            }
        else:
            torch.manual_seed(seed)
            decoding = {"logits_to_keep": last_position(self.device)} if keeps_last(self.model) else {}
        output = self.model.generate(
            **inputs,
            **decoding,
            **(sampling if temperature else {"do_sample": False}),
            max_new_tokens=self.max_new_tokens,
            pad_token_id=self.tokenizer.pad_token_id,
            stopping_criteria=StoppingCriteriaList(criteria),
        )
        return [up_to_end(tokens, self._ends) for tokens in output[:, length:].tolist()]

    def _inputs(self, prompts: list[list[int]], shared: int) -> dict[str, torch.Tensor]:
        """Tokens and mask of a batch ``(B, T)``, padded between the ``shared`` first tokens and the others."""
        begin = torch.tensor([prompt[:shared] for prompt in prompts], dtype=torch.long)
        rest = self.tokenizer.pad({"input_ids": [prompt[shared:] for prompt in prompts]}, return_tensors="pt")
        return {
            "input_ids": torch.cat([begin, rest["input_ids"]], dim=1).to(self.device),
            "attention_mask": torch.cat([torch.ones_like(begin), rest["attention_mask"]], dim=1).to(self.device),
        }
