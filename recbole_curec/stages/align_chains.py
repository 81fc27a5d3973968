"""RecCoT's stage ``align``: supervised fine-tuning of a language model per fold on chains about the other folds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.llm.messages import Message
from recbole_curec.llm.server import ServerSettings
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.pipeline.stage import Job, Stage, StageResult, Workspace
from recbole_curec.processes import on_main
from recbole_curec.reasons.teachers.openai import OpenAITeacherSettings
from recbole_curec.reviews.prompts import ChainPrompts
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.teachers.openai import OpenAIChainTeacher
from recbole_curec.reviews.teachers.ridge import RidgeTeacher
from recbole_curec.reviews.teachers.teacher import ChainTeacher
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.sections import (
    AlignSettings,
    LanguageModelSettings,
    LoraSettings,
    TinySettings,
)
from recbole_curec.stages.align import language_model
from recbole_curec.stages.folds import fold_place, keep_report, kept_report
from recbole_curec.training.sft import fine_tune

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
    examples, rejected = _examples(job, table, fold, place)
    base = BaseModel.of(job.settings.of(LanguageModelSettings), place.device)
    model, tokenizer = _model(job, examples, base)
    report = {
        "examples": len(examples),
        "aspects": float(np.mean([example.completion.count('"') / 2 for example in examples])),
        "rejected": rejected,
        **fine_tune(examples, model, tokenizer, base, job.settings, place),
    }
    on_main(lambda: keep_report(place, _REPORT, report))
    return report


def _examples(job: Job, table: ReviewTable, fold: int, place: Workspace) -> tuple[list[ChainExample], dict[str, int]]:
    """Examples for all steps, from the reviews of the other folds in random order, each once before any comes again."""
    settings = job.settings.of(AlignSettings)
    rows, ratings = table.taught(fold), table.ratings[table.taught(fold)]
    prompts = ChainPrompts.of(job.settings, table.taught_scale(fold))
    texts = [prompts.shown(text) for text in table.texts[rows]]
    rng = np.random.default_rng([place.seed, fold])
    count = settings.steps * settings.batch_size
    passes = -(-count // len(rows))
    order = np.concatenate([rng.permutation(len(rows)) for _ in range(passes)])[:count]
    drawn = np.unique(order)
    ridge = RidgeTeacher.fit(texts, ratings.tolist(), prompts.scale, job.settings.of(ChainSettings).aspects)
    taught = _teacher(job, fold, place, ridge, prompts.scale).write(
        [texts[row] for row in drawn], ratings[drawn].tolist()
    )
    learnt = {
        row: ChainExample(prompts.about(texts[row]), completion)
        for row, completion in zip(drawn.tolist(), taught.completions, strict=True)
    }
    examples = [learnt[row] for row in order.tolist()]
    return examples, dict(taught.rejected)


def _teacher(job: Job, fold: int, place: Workspace, ridge: RidgeTeacher, scale: RatingScale) -> ChainTeacher:
    if job.settings.of(ChainSettings).teacher == "ridge":
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
