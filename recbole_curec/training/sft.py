"""Supervised fine-tuning (TRL, PEFT) on alignment examples."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from recbole_curec.errors import ConfigurationError
from recbole_curec.hardware import release_memory
from recbole_curec.llm.chat import example_tokens
from recbole_curec.llm.engines.in_threads import in_threads
from recbole_curec.llm.head import IGNORED, is_direct, read_head, score_tokens, unwrapped, vocabulary_size
from recbole_curec.llm.lengths import fit_length, write_length
from recbole_curec.llm.loading import BaseModel
from recbole_curec.llm.messages import Message
from recbole_curec.llm.packing import pack_groups, packs, shared_beginnings
from recbole_curec.llm.size import is_large
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.processes import is_sharded, on_main, world
from recbole_curec.reasons.fitting import fit_prompt
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.sections import TINY, AlignSettings, LanguageModelSettings, LoraSettings
from recbole_curec.training.trainer import (
    OfflineTrainerMixin,
    ProgressBar,
    common_arguments,
    micro_batches,
    run_trainer,
    save_trained,
)

logger = logging.getLogger(__name__)

_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-3, 2e-4


class SupervisedExample(Protocol):
    """A prompt and the completion to learn."""

    @property
    def prompt(self) -> list[Message]:
        """Chat messages."""

    @property
    def completion(self) -> str:
        """What the language model should write."""


class AlignTrainer(OfflineTrainerMixin, SFTTrainer):  # type: ignore[misc]
    """TRL's SFT trainer without network access, which computes the head only at the completions' tokens, in chunks.

    TRL 1.16 computes the head at every position on a CPU, prompts included, for entropy and accuracy, which takes two
    thirds of a step for a small language model. Where the model can read them so, sequences lie in one row without
    padding, and what prompts begin with alike, such as the instructions, is computed once. The loss is the same.

    Attributes:
        packs: Whether sequences lie in one row.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The completion tokens of all micro-batches are counted, for the loss below.
        self.model_accepts_loss_kwargs = True
        self._direct = is_direct(self.model)
        self.packs = not is_sharded() and packs(self.model)
        self._is_large = is_large(self.model)
        self.threads = torch.get_num_threads() if self._is_large and self._can_thread() else 1

    def _can_thread(self) -> bool:
        """Whether parts of a batch may be computed at a time: on a CPU by one process, without drawing at random."""
        drawn = any(isinstance(part, torch.nn.Dropout) and part.p > 0 for part in self.model.modules())
        drawn = drawn or getattr(unwrapped(self.model).config.get_text_config(), "attention_dropout", 0.0) > 0
        alone = self.args.device.type == "cpu" and world().size == 1
        return alone and not drawn and not self.args.gradient_checkpointing

    def training_step(
        self, model: Any, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """Add the gradients of a micro-batch to those of the step, and return its loss."""
        threads = min(self.threads, len(inputs["input_ids"]))
        if threads == 1 or num_items_in_batch is None:
            loss: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
        else:
            loss = self._step_in_threads(model, inputs, num_items_in_batch, threads)
        if self._is_large and self.args.device.type == "cpu" and self.accelerator.sync_gradients:
            release_memory()  # batches of many lengths leave gaps, a gigabyte in thirty steps with 135M parameters
        return loss

    def _step_in_threads(
        self, model: Any, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int, threads: int
    ) -> torch.Tensor:
        """Gradients and losses of parts of a micro-batch, a thread each, added in the order of the parts.

        Threads that share every operation wait for each other thousands of times in a step.
        """
        model.train()
        prepared = self._prepare_inputs(inputs)
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        split = {name: torch.tensor_split(value, threads) for name, value in prepared.items()}

        def gradients(part: int) -> tuple[torch.Tensor, Sequence[torch.Tensor | None]]:
            torch.set_num_threads(1)  # of the thread that this runs in
            rows = {name: values[part] for name, values in split.items()}
            loss = self.compute_loss(model, rows, num_items_in_batch=num_items_in_batch)
            return loss.detach(), torch.autograd.grad(loss, weights, allow_unused=True)

        done = dict(in_threads(gradients, range(threads), threads))
        for part in range(threads):
            for weight, gradient in zip(weights, done[part][1], strict=True):
                if gradient is not None:
                    weight.grad = gradient if weight.grad is None else weight.grad.add_(gradient)
        return torch.stack([done[part][0] for part in range(threads)]).sum()

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Mean cross-entropy of the completion tokens of ``(B, L)`` sequences."""
        read, targets = self._read(inputs)
        positions = (targets != IGNORED).any(dim=0).nonzero().squeeze(1)  # (P,)
        kept = targets[:, positions]  # (B, P)
        reading = score_tokens(kept, vocabulary_size(model))
        scores = read_head(model, read, positions, reading, direct=self._direct)  # (B, P, 1)
        loss = -scores.sum() / ((kept != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            # Tokens are counted over all processes, and their gradients are averaged, not summed.
            loss = loss * self.accelerator.num_processes
        return (loss, {"log_probabilities": scores}) if return_outputs else loss

    def _read(self, inputs: dict[str, torch.Tensor]) -> tuple[dict[str, Any], torch.Tensor]:
        """What the model reads, and the token that follows each place, -100 where it is not learnt."""
        labels, mask = inputs["labels"], inputs["attention_mask"]
        if not self.packs:
            return {"input_ids": inputs["input_ids"], "attention_mask": mask}, labels[:, 1:]
        tokens, kept = inputs["input_ids"], mask.bool()
        # The last token before what is learnt is not shared: several completions would be predicted in its place.
        longest = (kept.sum(dim=1) - (labels != IGNORED).sum(dim=1) - 1).clamp(min=1)
        shared = kept & (kept.cumsum(dim=1) <= shared_beginnings(tokens, mask, longest)[:, None])  # (B, L)
        rest = kept & ~shared
        row, before = pack_groups(tokens, shared, tokens, rest, multiple=self.args.pad_to_multiple_of)
        targets = torch.full_like(row.tokens, IGNORED)
        known = labels[rest]
        targets[0, before[known != IGNORED]] = known[known != IGNORED]
        return row.inputs, targets


def supervised(
    examples: Sequence[SupervisedExample], tokenizer: PreTrainedTokenizerBase, llm: LanguageModelSettings
) -> Dataset:
    """Dataset of token ids and the mask of completion tokens; TRL truncates longer examples.

    Raises:
        ConfigurationError: The prompts of all examples are too long for any completion token.
    """
    longest = llm.max_prompt_tokens + llm.longest_reason
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
        **micro_batches(llm, "align.batch_size", settings.batch_size, settings.micro_batch_size),
        learning_rate=settings.learning_rate or (_TINY_LEARNING_RATE if tiny else _LORA_LEARNING_RATE),
        warmup_steps=max(1, settings.steps // 20),
        adam_beta2=0.98 if tiny else 0.999,
        max_length=llm.max_prompt_tokens + llm.longest_reason,
        completion_only_loss=True,
    )


def fine_tune(
    examples: Sequence[SupervisedExample],
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    base: BaseModel | None,
    settings: SettingsReader,
    workspace: Workspace,
) -> dict[str, Any]:
    """Fine-tune a language model on examples and save it with the length of its completions.

    Args:
        examples: Prompts and completions for all steps.
        model: The tiny model, or a pretrained one without adapter.
        tokenizer: Its tokenizer.
        base: The pretrained model; None for the tiny one.
        settings: Settings of ``align``, ``llm`` and, for a pretrained model, ``lora``.
        workspace: Where it is trained and saved.

    Returns:
        Figures: parameters of the model, loss by step, the longest completion, and the share of targets that is longer.
    """
    align, llm = settings.of(AlignSettings), settings.of(LanguageModelSettings)
    llm, cut = fit_length([example.completion for example in examples], tokenizer, llm)
    trainer = AlignTrainer(
        model=model,
        args=sft_arguments(align, llm, workspace),
        train_dataset=supervised(examples, tokenizer, llm),
        processing_class=tokenizer,
        peft_config=None if llm.name == TINY else lora_config(settings.of(LoraSettings)),
    )
    run_trainer(trainer, workspace.scratch, ProgressBar("align", "loss", workspace.show_progress))
    save_trained(trainer, tokenizer, workspace.folder, base)
    on_main(lambda: write_length(llm, workspace.folder))
    curve = [[entry["step"], entry["loss"]] for entry in trainer.state.log_history if "loss" in entry]
    return {
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "loss_first": curve[0][1],
        "loss_last": curve[-1][1],
        "loss_by_step": curve,
        "max_reason_tokens": llm.longest_reason,
        "targets_cut": cut,
    }
