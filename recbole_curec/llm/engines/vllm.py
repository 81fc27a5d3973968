"""``engine: vllm``: vLLM's offline engine (Kwon et al., 2023), for GPUs; https://docs.vllm.ai."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from transformers import PreTrainedTokenizerBase

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENGINES
from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import (
    Engine,
    EngineRequest,
    decode_completion,
    end_tokens,
    seed_number,
    whole_completion,
)
from recbole_curec.llm.loading import BaseModel, checked_generation, load_tokenizer
from recbole_curec.llm.messages import Message
from recbole_curec.llm.server import check_package
from recbole_curec.settings.group import SettingsGroup, setting

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings

_ADAPTER = "curec"
# Adapter ranks for which vLLM has kernels.
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)


class VLLMSettings(SettingsGroup):
    """``engine: vllm``."""

    section: ClassVar[str] = "vllm"
    memory_share: float = setting(
        0.9,
        "Share of the GPU's memory that vLLM may take.",
        alias="vllm_memory_share",
        advanced=True,
        changes_result=False,
        gt=0,
        le=1,
    )
    gpus: int = setting(
        1, "GPUs over which vLLM splits the model.", alias="vllm_gpus", advanced=True, changes_result=False, ge=1
    )


@ENGINES.register
class VLLMEngine(Engine):
    """Generates with vLLM, which forms batches itself; every prompt has a seed of its own.

    Args:
        llm: A ``vllm.LLM``.
        tokenizer: The model's tokenizer.
        ends: Tokens that end a completion.
        max_prompt_tokens: Longest prompt, in tokens.
        max_new_tokens: Longest completion, in tokens.
        adapter: A ``LoRARequest``; None for a full model.
    """

    name: ClassVar[str] = "vllm"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (VLLMSettings,)

    def __init__(
        self,
        llm: Any,
        tokenizer: PreTrainedTokenizerBase,
        ends: Sequence[int],
        *,
        max_prompt_tokens: int,
        max_new_tokens: int,
        adapter: Any = None,
    ) -> None:
        self.llm, self.tokenizer, self.ends = llm, tokenizer, list(ends)
        self.max_prompt_tokens, self.max_new_tokens, self.adapter = max_prompt_tokens, max_new_tokens, adapter

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check that the package is installed."""
        check_package("vllm", "engine: vllm", "engine: transformers")

    @classmethod
    def open(cls, request: EngineRequest) -> VLLMEngine:
        """An engine over the model of an artifact; an adapter is applied to its base by vLLM."""
        from vllm import LLM
        from vllm.lora.request import LoRARequest

        folder, settings = request.weights, request.settings.of(VLLMSettings)
        tokenizer, base = load_tokenizer(folder), BaseModel.read(folder)
        has_adapter = base is not None and base.adapter
        adapted = {} if not has_adapter else {"enable_lora": True, "max_lora_rank": _kernel_rank(folder)}
        generation = checked_generation(folder)  # before vLLM takes the GPU
        llm = LLM(
            model=str(folder) if base is None else base.source,
            revision=None if base is None else base.revision,
            tokenizer=str(folder),
            trust_remote_code=False,
            max_model_len=request.llm.max_prompt_tokens + request.llm.longest_reason,
            gpu_memory_utilization=settings.memory_share,
            tensor_parallel_size=settings.gpus,
            seed=request.seed,
            **adapted,
        )
        return cls(
            llm,
            tokenizer,
            end_tokens(tokenizer, generation),
            max_prompt_tokens=request.llm.max_prompt_tokens,
            max_new_tokens=request.llm.longest_reason,
            adapter=LoRARequest(_ADAPTER, 1, str(folder)) if has_adapter else None,
        )

    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        """See :meth:`~recbole_curec.llm.engines.engine.Engine.write`; vLLM draws its own progress bar.

        Raises:
            ConfigurationError: A prompt is longer than the longest prompt of the settings.
        """
        from vllm import SamplingParams

        sampling = [
            SamplingParams(
                temperature=temperature,
                top_p=1.0,
                top_k=0,
                max_tokens=self.max_new_tokens,
                seed=seed_number(seed, number),
                stop_token_ids=self.ends,
                skip_special_tokens=False,
            )
            for number in range(len(prompts))
        ]
        tokens = [prompt_tokens(self.tokenizer, prompt) for prompt in prompts]
        if (longest := max(map(len, tokens), default=0)) > self.max_prompt_tokens:
            raise ConfigurationError(
                f"engine: vllm has no room for a prompt of {longest} tokens, which is long even without its history: "
                f"set max_prompt_tokens (now {self.max_prompt_tokens}) to at least {longest}."
            )
        outputs = self.llm.generate(
            [{"prompt_token_ids": one} for one in tokens],
            sampling,
            use_tqdm=progress,
            lora_request=self.adapter,
        )
        written = (decode_completion(self.tokenizer, output.outputs[0].token_ids, self.ends) for output in outputs)
        return [whole_completion(prompt, text) for prompt, text in zip(prompts, written, strict=True)]


def _kernel_rank(folder: Path) -> int:
    rank = int(json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["r"])
    return next((known for known in _RANKS if known >= rank), rank)
