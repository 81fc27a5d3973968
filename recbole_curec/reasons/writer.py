"""Writing of reasons with a language model: builds prompts that fit from evidence, and runs the engine."""

from __future__ import annotations

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.engines.engine import Engine
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.fitting import fit_request
from recbole_curec.reasons.prompts import PromptBuilder, ReasonRequest


class ReasonWriter:
    """Writes reasons with one language model.

    Args:
        engine: Runs the language model.
        tokenizer: Its tokenizer.
        prompts: Builds prompts from evidence.
        max_prompt_tokens: Longest prompt, in tokens.
        temperature: Sampling temperature.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizer: PreTrainedTokenizerBase,
        prompts: PromptBuilder,
        *,
        max_prompt_tokens: int,
        temperature: float,
    ) -> None:
        self.engine, self.tokenizer, self.prompts = engine, tokenizer, prompts
        self.max_prompt_tokens, self.temperature = max_prompt_tokens, temperature

    def prompt(self, request: ReasonRequest) -> list[Message]:
        """The prompt of a request, shortened until it fits."""
        return fit_request(self.tokenizer, self.prompts, request, self.max_prompt_tokens)

    def write(
        self,
        requests: Sequence[ReasonRequest],
        seed: str,
        *,
        temperature: float | None = None,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        """One completion per request.

        Args:
            requests: The requested reasons.
            seed: Name of this call; it seeds every random choice.
            temperature: Sampling temperature, where it differs from the writer's.
            description: Label of the progress bar.
            progress: Whether to draw it.
        """
        prompts = [self.prompt(request) for request in requests]
        chosen = self.temperature if temperature is None else temperature
        return self.engine.write(prompts, temperature=chosen, seed=seed, description=description, progress=progress)
