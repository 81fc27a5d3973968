"""RecCoT's stage ``align``: supervised fine-tuning of a language model per fold on chains about the other folds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recbole_curec.llm.lengths import fit_length, write_length
from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.llm.messages import Message
from recbole_curec.llm.server import ServerSettings
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.processes import on_main
from recbole_curec.reasons.teachers.openai import OpenAITeacherSettings
from recbole_curec.reviews.prompts import chain_prompt, shown_text
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.teachers.openai import OpenAIChainTeacher
from recbole_curec.reviews.teachers.ridge import RidgeTeacher
from recbole_curec.reviews.teachers.teacher import ChainTeacher
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.sections import (
    TINY,
    AlignSettings,
    LanguageModelSettings,
    LoraSettings,
    TinySettings,
)
from recbole_curec.stages.align import language_model
from recbole_curec.stages.folds import fold_place, keep_report, kept_report
from recbole_curec.training.sft import AlignTrainer, lora_config, sft_arguments, supervised
from recbole_curec.training.trainer import ProgressBar, run_trainer, save_trained

_REPORT = "aligned.json"


@dataclass(frozen=True)
class ChainExample:
    """One supervised example: a review and the chain about it."""

    prompt: list[Message]
    completion: str


def run(job: Job) -> StageResult:
    """Fine-tune and save a language model per fold; a fold that an interrupted run finished is kept."""
    table = ReviewTable.load(job.inputs["read"])
    reports = [_align(job, table, fold) for fold in range(table.n_folds)]
    rejected = sum((Counter(report["rejected"]) for report in reports), Counter[str]())
    losses = ", ".join(f"{report['loss_first']:.2f} -> {report['loss_last']:.2f}" for report in reports)
    first = reports[0]
    summary = (
        f"{len(reports)} models of {first['parameters'] / 1e6:.1f}M parameters, each on {first['examples']:,} chains "
        f"of the other folds ({first['aspects']:.1f} aspects each"
        f"{f'; {rejected.total():,} answers of the teacher replaced' if rejected else ''}), loss {losses}"
    )
    return StageResult(summary, {"folds": reports, "rejected": dict(rejected)})


def _align(job: Job, table: ReviewTable, fold: int) -> dict[str, Any]:
    place = fold_place(job.workspace, fold)
    if (report := kept_report(place, _REPORT)) is not None:
        return report
    settings, llm = job.settings.of(AlignSettings), job.settings.of(LanguageModelSettings)
    examples, rejected = _examples(job, table, fold)
    base = BaseModel.of(llm, place.device)
    model, tokenizer = _model(job, examples, base)
    llm, cut = fit_length([example.completion for example in examples], tokenizer, llm)
    trainer = AlignTrainer(
        model=model,
        args=sft_arguments(settings, llm, place),
        train_dataset=supervised(examples, tokenizer, llm),
        processing_class=tokenizer,
        peft_config=None if llm.name == TINY else lora_config(job.settings.of(LoraSettings)),
    )
    run_trainer(trainer, place.scratch, ProgressBar("align", "loss", place.show_progress))
    save_trained(trainer, tokenizer, place.folder, base)
    on_main(lambda: write_length(llm, place.folder))
    curve = [[entry["step"], entry["loss"]] for entry in trainer.state.log_history if "loss" in entry]
    report = {
        "examples": len(examples),
        "aspects": float(np.mean([example.completion.count('"') / 2 for example in examples])),
        "rejected": rejected,
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "loss_first": curve[0][1],
        "loss_last": curve[-1][1],
        "loss_by_step": curve,
        "max_reason_tokens": llm.longest_reason,
        "targets_cut": cut,
    }
    on_main(lambda: keep_report(place, _REPORT, report))
    return report


def _examples(job: Job, table: ReviewTable, fold: int) -> tuple[list[ChainExample], dict[str, int]]:
    """Examples for all steps, from the reviews of the other folds in random order, each once before any comes again."""
    settings, chains = job.settings.of(AlignSettings), job.settings.of(ChainSettings)
    begins = job.settings.of(LanguageModelSettings).is_pretrained
    rows = table.taught(fold)
    scale = RatingScale.of(table.ratings[rows])
    texts = [shown_text(text, chains.review_words) for text in table.texts[rows]]
    rng = np.random.default_rng([job.workspace.seed, fold])
    count = settings.steps * settings.batch_size
    passes = -(-count // len(rows))
    order = np.concatenate([rng.permutation(len(rows)) for _ in range(passes)])[:count]
    drawn = np.unique(order)
    teacher = _teacher(job, fold, texts, table.ratings[rows], scale)
    taught = teacher.write([texts[row] for row in drawn], table.ratings[rows][drawn].tolist())
    written = dict(zip(drawn.tolist(), taught.completions, strict=True))
    prompts = {
        row: chain_prompt(texts[row], chains.review_words, scale, begins_thinking=begins) for row in drawn.tolist()
    }
    examples = [ChainExample(prompts[row], written[row]) for row in order.tolist()]
    return examples, dict(taught.rejected)


def _teacher(job: Job, fold: int, texts: Sequence[str], ratings: Any, scale: RatingScale) -> ChainTeacher:
    chains, place = job.settings.of(ChainSettings), fold_place(job.workspace, fold)
    ridge = RidgeTeacher.fit(texts, ratings.tolist(), scale, chains.aspects)
    if chains.teacher == "ridge":
        return ridge
    return OpenAIChainTeacher.prepare(
        job.settings,
        place.scratch,
        f"{place.seed}/chains/{fold}",
        scale,
        ridge,
        show_progress=place.show_progress,
    )


def _model(job: Job, examples: Sequence[ChainExample], base: BaseModel | None) -> tuple[Any, Any]:
    if base is not None:
        return load_pretrained(base, job.workspace.device)
    llm = job.settings.of(LanguageModelSettings)
    texts = [example.prompt[-1]["content"] for example in examples] + [example.completion for example in examples]
    longest = llm.max_prompt_tokens + llm.longest_reason
    return build_tiny(texts, (), job.settings.of(TinySettings), longest, job.workspace.seed, copies_words=True)


ALIGN_CHAINS = Stage(
    name="align",
    run=run,
    settings=(
        AlignSettings,
        ChainSettings,
        LanguageModelSettings,
        TinySettings,
        LoraSettings,
        OpenAITeacherSettings,
        ServerSettings,
    ),
    inputs=("read",),
    resolved=language_model,
    distributed=True,
)
