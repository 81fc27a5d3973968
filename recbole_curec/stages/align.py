"""Stage 2, ``align``: supervised fine-tuning of the language model on reasons and on related tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from recbole_curec.correction.select import run_selection
from recbole_curec.data.collected import Collected
from recbole_curec.llm.dtypes import choose_dtype
from recbole_curec.llm.identity import language_model_contents
from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.processes import on_main
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.distillation import Rewritten, rewrite_reasons
from recbole_curec.reasons.failures import FailureFinder, FailureKind
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.tasks import Example, ExampleFactory
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.teachers.teacher import TeacherRequest
from recbole_curec.settings.choices import TEACHER
from recbole_curec.settings.sections import (
    TINY,
    AlignSettings,
    CollectSettings,
    LanguageModelSettings,
    LoraSettings,
    SelectSettings,
    TinySettings,
)
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.evidence import evidence_builder, evidence_from
from recbole_curec.training.sft import fine_tune


def run(job: Job) -> StageResult:
    """Draw examples, build or load the language model, fine-tune it, and save it."""
    settings, llm, workspace = job.settings.of(AlignSettings), job.settings.of(LanguageModelSettings), job.workspace
    collected = Collected.load(job.inputs["collect"])
    teacher = _offline_teacher(job, collected)
    builder, select = evidence_builder(job, collected), job.settings.of(SelectSettings)
    mix = PromptMix(run_selection(collected.history, select, workspace.seed), builder, teacher, select)
    factory = ExampleFactory(builder, teacher, mix, prompt_builder(job.settings), np.random.default_rng(workspace.seed))
    examples = draw_examples(factory, settings, llm, progress=workspace.show_progress)
    sentences, accepted = teacher.rejected, None  # only the answers of an online teacher are counted when accepted
    if not job.settings.entry(TEACHER).is_offline:
        asked = _ask_teacher(job, collected, examples)
        examples, sentences, accepted = asked.examples, asked.rejected, asked.accepted
    base = BaseModel.of(llm, workspace.device)
    model, tokenizer = _model(job, collected, examples, base)
    trained = fine_tune(examples, model, tokenizer, base, job.settings, workspace)
    return _result(trained, examples, factory.rejected, sentences, accepted)


def draw_examples(
    factory: ExampleFactory, settings: AlignSettings, llm: LanguageModelSettings, *, progress: bool = True
) -> list[Example]:
    """Alignment examples for all optimiser steps: steps times batch size."""
    return factory.draw(settings.shares(llm), settings.steps * settings.batch_size, progress=progress)


def _offline_teacher(job: Job, collected: Collected) -> EvidenceTeacher:
    """The teacher that writes while examples are drawn: the chosen one if it works offline, else ``evidence``."""
    entry = job.settings.entry(TEACHER)
    teacher: EvidenceTeacher = (entry if entry.is_offline else EvidenceTeacher).prepare(_request(job, collected))
    return teacher


def _request(job: Job, collected: Collected) -> TeacherRequest:
    workspace = job.workspace
    return TeacherRequest(
        catalog=collected.catalog,
        scratch=workspace.scratch,
        seed=workspace.seed,
        longest=job.settings.of(LanguageModelSettings).longest_reason,
        settings=job.settings,
        show_progress=workspace.show_progress,
    )


def _ask_teacher(job: Job, collected: Collected, examples: Sequence[Example]) -> Rewritten:
    """The examples, their reasons replaced by those of the chosen teacher."""
    entry = job.settings.entry(TEACHER)

    def ask() -> Rewritten:
        teacher = entry.prepare(_request(job, collected))
        return rewrite_reasons(examples, teacher, FailureFinder(checker_of(collected.catalog)))

    # One process asks the teacher; the others then read all answers from its log.
    return on_main(ask) or ask()


def _model(job: Job, collected: Collected, examples: Sequence[Example], base: BaseModel | None) -> tuple[Any, Any]:
    if base is not None:
        return load_pretrained(base, job.workspace.device)
    llm = job.settings.of(LanguageModelSettings)
    texts = [message["content"] for example in examples for message in example.prompt if message["role"] == "user"]
    texts += [example.completion for example in examples]
    longest = llm.max_prompt_tokens + llm.longest_reason
    return build_tiny(texts, collected.terms(), job.settings.of(TinySettings), longest, job.workspace.seed)


def _result(
    trained: dict[str, Any],
    examples: Sequence[Example],
    rejected: Counter[str],
    sentences: Counter[FailureKind],
    accepted: int | None,
) -> StageResult:
    tasks = Counter(example.task for example in examples)
    figures = {
        "examples": len(examples),
        "examples_by_task": dict(tasks),
        "teacher_rejected": dict(rejected),
        "sentences_rejected": dict(sentences),
        **({} if accepted is None else {"sentences_accepted": accepted}),
        **trained,
    }
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sentences.most_common())
    summary = (
        f"{len(examples):,} examples ({', '.join(f'{count:,} {task}' for task, count in tasks.most_common())}; "
        f"teacher rejected {sum(rejected.values()):,}"
        f"{f' and sentences: {kinds}' if kinds else ''}), {trained['parameters'] / 1e6:.1f}M "
        f"parameters, loss {trained['loss_first']:.2f} -> {trained['loss_last']:.2f}"
    )
    return StageResult(summary, figures)


def language_model(settings: Settings, device: torch.device) -> Mapping[str, Any]:
    """What the tuned model depends on beyond its settings: contents of the base model, and the dtype in use."""
    base: Mapping[str, Any] = {}
    if settings.llm.name != TINY:
        base = language_model_contents(settings.llm)
    return {**base, "dtype": str(choose_dtype(settings.llm, device)).removeprefix("torch.")}


ALIGN = Stage(
    name="align",
    run=run,
    settings=(AlignSettings, SelectSettings, CollectSettings, LanguageModelSettings, TinySettings, LoraSettings),
    choices=(TEACHER,),
    inputs=evidence_from("collect"),
    revision=4,
    resolved=language_model,
    distributed=True,
)
