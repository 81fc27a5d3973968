"""Stage 2, ``align``: supervised fine-tuning of the language model on reasons and the tasks around them (TRL, PEFT)."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from peft import LoraConfig
from torch.nn import functional
from transformers import PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from recbole_curec.data.collect import Collected
from recbole_curec.distributed import on_main, share
from recbole_curec.errors import ConfigurationError
from recbole_curec.reasons.chat import example_tokens, fit
from recbole_curec.reasons.failures import FailureFinder, FailureKind
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.language_model import BaseModel, load_pretrained
from recbole_curec.reasons.llm_name import TINY
from recbole_curec.reasons.openai_teacher import Rewritten, rewrite_reasons
from recbole_curec.reasons.tasks import Example, ExampleFactory
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.reasons.tiny_model import build_tiny
from recbole_curec.reasons.training import OfflineTrainerMixin, ProgressBar, common_arguments, run_trainer, save_trained
from recbole_curec.settings import AlignSettings, Settings
from recbole_curec.stage import StageContext, StageResult

logger = logging.getLogger(__name__)

_IGNORED = -100
_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-3, 2e-4


class AlignTrainer(OfflineTrainerMixin, SFTTrainer):  # type: ignore[misc]
    """TRL's SFT trainer, offline, with the same loss at the positions of completions only.

    TRL 1.16 projects every position on the vocabulary, prompts included, and derives entropy and accuracy from it: two
    thirds of a step for a small model on a CPU.
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
        told = kept != _IGNORED
        loss = functional.cross_entropy(outputs.logits[told].float(), kept[told], reduction="sum")
        loss = loss / (told.sum() if num_items_in_batch is None else num_items_in_batch)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            # Tokens are counted over all processes, and their gradients are averaged, not summed.
            loss = loss * self.accelerator.num_processes
        return (loss, outputs) if return_outputs else loss


def run(context: StageContext) -> StageResult:
    """Draw examples, build or load the model, fine-tune it, and save it."""
    settings = context.settings.align
    collected = Collected.load(context.inputs["collect"])
    examples, rejected, sentences = draw_examples(
        collected, context.settings, context.seed, progress=context.show_progress
    )
    accepted = None  # counted for answers of a server alone
    if settings.teacher == "openai":
        # One process asks; the others find every answer in its log and ask for none.
        asked = on_main(lambda: _ask_teacher(context, collected, examples)) or _ask_teacher(
            context, collected, examples
        )
        examples, sentences, accepted = asked.examples, asked.rejected, asked.accepted
    base = BaseModel.of(settings, context.device)
    model, tokenizer = _model(examples, collected, context, base)
    trainer = AlignTrainer(
        model=model,
        args=sft_arguments(settings, context),
        train_dataset=supervised(examples, tokenizer, settings),
        processing_class=tokenizer,
        peft_config=None if settings.llm == TINY else lora_config(settings),
    )
    run_trainer(trainer, context.scratch, ProgressBar("align", "loss", context.show_progress))
    save_trained(trainer, tokenizer, context.folder, base)
    return _result(trainer, examples, rejected, sentences, accepted)


def draw_examples(
    collected: Collected, settings: Settings, seed: int, *, progress: bool = True
) -> tuple[list[Example], Counter[str], Counter[FailureKind]]:
    """As many alignment examples as the steps will see, and what was rejected.

    Returns:
        Examples, wrong answers of the teacher by task, and sentences of the teacher by what was wrong with them.
    """
    teacher = EvidenceTeacher(GroundingChecker(collected.catalog), seed)
    factory = ExampleFactory(
        collected.history,
        collected.catalog,
        collected.builder(settings.collect),
        teacher,
        np.random.default_rng(seed),
    )
    count = settings.align.sft_steps * settings.align.sft_batch_size
    mix = {str(name): share for name, share in settings.align.sft_mix.items()}
    return factory.draw(mix, count, progress=progress), factory.rejected, teacher.rejected


def _ask_teacher(context: StageContext, collected: Collected, examples: list[Example]) -> Rewritten:
    # The package is an extra, and the engine imports it.
    from recbole_curec.reasons.engines.openai_engine import OpenAIEngine

    settings = context.settings.align
    return rewrite_reasons(
        examples,
        OpenAIEngine.for_model(context, settings.teacher_model or ""),
        FailureFinder(GroundingChecker(collected.catalog)),
        temperature=settings.teacher_temperature,
        seed=f"{context.seed}/teacher",
        progress=context.show_progress,
    )


def _model(
    examples: list[Example], collected: Collected, context: StageContext, base: BaseModel | None
) -> tuple[Any, Any]:
    if base is not None:
        return load_pretrained(base, context.device)
    texts = [message["content"] for example in examples for message in example.prompt if message["role"] == "user"]
    texts += [example.completion for example in examples]
    return build_tiny(texts, collected.terms(), context.settings.align, context.seed)


def supervised(examples: list[Example], tokenizer: PreTrainedTokenizerBase, settings: AlignSettings) -> Dataset:
    """Token ids, and which of them the loss counts; TRL cuts what is longer than prompt and completion may be.

    Raises:
        ConfigurationError: Not one example has room for its completion.
    """
    longest = settings.max_prompt_tokens + settings.max_reason_tokens
    lost = 0
    columns: dict[str, list[list[int]]] = {"input_ids": [], "completion_mask": []}
    for example in examples:
        prompt = fit(tokenizer, example.prompt, settings.max_prompt_tokens)
        tokens, shared = example_tokens(tokenizer, prompt, example.completion)
        lost += shared >= longest
        columns["input_ids"].append(tokens)
        columns["completion_mask"].append([0] * shared + [1] * (len(tokens) - shared))
    if lost == len(examples):
        raise ConfigurationError(
            f"max_prompt_tokens: {settings.max_prompt_tokens} leaves no room for any prompt, even without its history: "
            "raise it."
        )
    if lost:
        logger.warning(
            "%d of %d alignment examples are too long, even without their history, and are left out: raise "
            "max_prompt_tokens (%d).", lost, len(examples), settings.max_prompt_tokens,
        )  # fmt: skip
    return Dataset.from_dict(columns)


def lora_config(settings: AlignSettings) -> LoraConfig:
    """The adapter of a model that is not trained in full."""
    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=settings.lora_targets,
        task_type="CAUSAL_LM",
    )


def sft_arguments(settings: AlignSettings, context: StageContext) -> SFTConfig:
    """TRL's arguments for this stage."""
    tiny = settings.llm == TINY
    return SFTConfig(
        **common_arguments(context, steps=settings.sft_steps, save_steps=settings.sft_save_steps),
        per_device_train_batch_size=share("sft_batch_size", settings.sft_batch_size),
        learning_rate=settings.sft_learning_rate or (_TINY_LEARNING_RATE if tiny else _LORA_LEARNING_RATE),
        warmup_steps=max(1, settings.sft_steps // 20),
        adam_beta2=0.98 if tiny else 0.999,
        max_length=settings.max_prompt_tokens + settings.max_reason_tokens,
        completion_only_loss=True,
    )


def _result(
    trainer: Any,
    examples: list[Example],
    rejected: Counter[str],
    sentences: Counter[FailureKind],
    accepted: int | None,
) -> StageResult:
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    tasks = Counter(example.task for example in examples)
    parameters = sum(parameter.numel() for parameter in trainer.model.parameters())
    figures = {
        "examples": len(examples),
        "examples_by_task": dict(tasks),
        "teacher_rejected": dict(rejected),
        "sentences_rejected": dict(sentences),
        **({} if accepted is None else {"sentences_accepted": accepted}),
        "parameters": parameters,
        "loss_first": losses[0],
        "loss_last": losses[-1],
    }
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sentences.most_common())
    summary = (
        f"{len(examples):,} examples ({', '.join(f'{count:,} {task}' for task, count in tasks.most_common())}; "
        f"teacher rejected {sum(rejected.values()):,}"
        f"{f' and sentences: {kinds}' if kinds else ''}), {parameters / 1e6:.1f}M parameters, "
        f"loss {losses[0]:.2f} -> {losses[-1]:.2f}"
    )
    return StageResult(summary, figures)
