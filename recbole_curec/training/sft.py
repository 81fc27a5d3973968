"""Supervised fine-tuning (TRL, PEFT) on alignment examples."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from torch.nn import functional
from transformers import PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.chat import example_tokens
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.processes import share
from recbole_curec.reasons.fitting import fit_prompt
from recbole_curec.reasons.tasks import Example
from recbole_curec.settings.sections import TINY, AlignSettings, LanguageModelSettings, LoraSettings
from recbole_curec.training.trainer import OfflineTrainerMixin, common_arguments

logger = logging.getLogger(__name__)

_IGNORED = -100
_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-3, 2e-4


class AlignTrainer(OfflineTrainerMixin, SFTTrainer):  # type: ignore[misc]
    """TRL's SFT trainer without network access, which computes logits only at the positions of completions.

    TRL 1.16 computes logits at every position, prompts included, for entropy and accuracy, which takes two thirds of a
    step for a small language model on a CPU. The loss is the same.
    """

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Mean cross-entropy of the completion tokens of ``(B, L)`` sequences."""
        targets = inputs["labels"][:, 1:]  # (B, L - 1)
        positions = (targets != _IGNORED).any(dim=0).nonzero().squeeze(1)  # (P,)
        outputs = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            use_cache=False,
            logits_to_keep=positions,
        )
        kept = targets[:, positions]  # (B, P)
        counted = kept != _IGNORED
        loss = functional.cross_entropy(outputs.logits[counted].float(), kept[counted], reduction="sum")
        loss = loss / (counted.sum() if num_items_in_batch is None else num_items_in_batch)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            # Tokens are counted over all processes, and their gradients are averaged, not summed.
            loss = loss * self.accelerator.num_processes
        return (loss, outputs) if return_outputs else loss


def supervised(examples: Sequence[Example], tokenizer: PreTrainedTokenizerBase, llm: LanguageModelSettings) -> Dataset:
    """Dataset of token ids and the mask of completion tokens; TRL truncates longer examples.

    Raises:
        ConfigurationError: The prompts of all examples are too long for any completion token.
    """
    longest = llm.max_prompt_tokens + llm.max_reason_tokens
    lost = 0
    columns: dict[str, list[list[int]]] = {"input_ids": [], "completion_mask": []}
    for example in examples:
        prompt = fit_prompt(tokenizer, example.prompt, llm.max_prompt_tokens)
        tokens, shared = example_tokens(tokenizer, prompt, example.completion)
        lost += shared >= longest
        columns["input_ids"].append(tokens)
        columns["completion_mask"].append([0] * shared + [1] * (len(tokens) - shared))
    if lost == len(examples):
        raise ConfigurationError(
            f"max_prompt_tokens: {llm.max_prompt_tokens} leaves no room for any prompt, even without its history: "
            "raise it."
        )
    if lost:
        logger.warning(
            "%d of %d alignment examples are too long, even without their history, and are left out: raise "
            "max_prompt_tokens (%d).", lost, len(examples), llm.max_prompt_tokens,
        )  # fmt: skip
    return Dataset.from_dict(columns)


def lora_config(settings: LoraSettings) -> LoraConfig:
    """PEFT's configuration of the adapter of a pretrained language model."""
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=settings.targets,
        task_type="CAUSAL_LM",
    )


def sft_arguments(settings: AlignSettings, llm: LanguageModelSettings, workspace: Workspace) -> SFTConfig:
    """TRL's arguments for this training."""
    tiny = llm.name == TINY
    return SFTConfig(
        **common_arguments(llm, workspace, steps=settings.steps, save_steps=settings.save_steps),
        per_device_train_batch_size=share("align.batch_size", settings.batch_size),
        learning_rate=settings.learning_rate or (_TINY_LEARNING_RATE if tiny else _LORA_LEARNING_RATE),
        warmup_steps=max(1, settings.steps // 20),
        adam_beta2=0.98 if tiny else 0.999,
        max_length=llm.max_prompt_tokens + llm.max_reason_tokens,
        completion_only_loss=True,
    )
