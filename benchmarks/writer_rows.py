"""What the writers of one run write for the same held-out prompts, measured prompt by prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import torch
from finished_run import FinishedRun
from tqdm import tqdm

from recbole_curec.correction.corrector import Job
from recbole_curec.correction.select import run_selection
from recbole_curec.data.evidence import Evidence
from recbole_curec.data.user_split import UserSplit
from recbole_curec.hardware import peak_memory_mib
from recbole_curec.llm.engines.engine import Engine
from recbole_curec.llm.loading import BaseModel, load_tokenizer, save_untuned
from recbole_curec.reasoner import Reasoner
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.failures import FAILURE_KINDS
from recbole_curec.reasons.fitting import fit_request
from recbole_curec.reasons.parsing import ParsedReason, completion_naming, parse_reason, unquoted, words_of
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.rewards.assessment import Target
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.model.train import JUDGE
from recbole_curec.settings.sections import TINY
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.reinforce import prompt_rows
from recbole_curec.training.held_out import HeldOut

UNALIGNED = "unaligned"
WRITERS = (TINY, UNALIGNED, "aligned")
DRAFT, ALIGNED, REINFORCED, CORRECTED = "as released", "aligned", "+ RL", "+ correction"
LOW_REWARD = "low reward"
_DIGITS = 4


@dataclass(frozen=True)
class Prompts:
    """Held-out prompts of a run, and what measures the reasons written for them.

    Attributes:
        run: The run.
        reasoner: Its reward model, checks and corrector.
        held_out: The prompts.
        jobs: What correction is asked for, one per prompt.
    """

    run: FinishedRun
    reasoner: Reasoner
    held_out: HeldOut
    jobs: list[Job]

    @classmethod
    def of(cls, run: FinishedRun, count: int) -> Prompts:
        """The first ``count`` prompts, in a random order that depends only on the run's data and seed."""
        settings, reasoner = run.settings, run.reasoner()
        tokenizer = load_tokenizer(run.artifacts["align"].folder)
        builder, requests = prompt_builder(settings), list[ReasonRequest]()

        def write(request: ReasonRequest) -> Any:
            requests.append(request)
            return fit_request(tokenizer, builder, request, settings.llm.max_prompt_tokens)

        # Drafts of correction name no fault. The rows for training are not used: as few as possible.
        select = settings.select.model_copy(update={"fault_share": 0.0})
        sizes = settings.reinforce.model_copy(update={"steps": 1, "prompts": 1, "probe_prompts": count})
        history = run.collected.history
        selection = run_selection(history, select, settings.run.reason_seed)
        corrector = reasoner.corrector
        mix = PromptMix(selection, reasoner.builder, corrector.teacher, select)
        split = UserSplit.load(run.artifacts["reward"].folder)
        _, rows = prompt_rows(mix, split, sizes, write, settings.run.reason_seed)
        jobs = [
            Job(Target(row["user"], row["item"], row["position"], request.evidence), request.earlier)
            for row, request in zip(rows, requests[-len(rows) :], strict=True)
        ]
        reward = run.artifacts["reward"].folder
        held_out = HeldOut(
            rows=rows,
            rewards=corrector.assessor.rewards,
            weights=corrector.assessor.weights,
            scorer=RewardScorer.load(reward, history),
            judge=RewardScorer.load(reward / JUDGE, history),
            checker=checker_of(run.collected.catalog),
            tokenizer=tokenizer,
            device=run.device,
            writer=_itself,
            temperature=settings.generate.temperature,
            seed=f"{settings.run.reason_seed}/writers",
        )
        return cls(run, reasoner, held_out, jobs)

    def write(self, name: str, weights: Path) -> list[str]:
        """One draft per prompt, by the run's engine over a model."""
        return self.held_out.write(self.run.engine(name, self.run.settings, weights, name))

    def correct(self, drafts: Sequence[str]) -> list[str]:
        """The drafts after correction, as completions."""
        records = self.reasoner.corrector.correct(self.jobs, drafts, "writers")
        return [completion_naming(record.evidence.target, record.text) for record in records]

    def values(self, completion: str, row: dict[str, Any]) -> dict[str, float]:
        """Everything that is measured of one reason."""
        return replace(self.held_out, rows=[row]).measure([completion])


def rows(run: FinishedRun, writer: str, prompts: int, examples: int) -> list[dict[str, Any]]:
    """The writer's reasons at every step, measured on the same prompts.

    Args:
        run: The run.
        writer: One of ``WRITERS``.
        prompts: Number of prompts.
        examples: Number of reasons that are recorded as text.
    """
    asked = Prompts.of(run, prompts)
    if writer == UNALIGNED:
        released = save_released(run)
        return [_row(asked, DRAFT, lambda: asked.write(UNALIGNED, released), examples)[0]]
    folders = {name: run.artifacts[name].folder for name in ("align", "reinforce")}
    aligned, _ = _row(asked, ALIGNED, lambda: asked.write("align", folders["align"]), examples)
    reinforced, drafts = _row(asked, REINFORCED, lambda: asked.write("reinforce", folders["reinforce"]), examples)
    corrected, _ = _row(asked, CORRECTED, lambda: asked.correct(drafts), examples)
    return [aligned, reinforced, corrected]


def save_released(run: FinishedRun, settings: Settings | None = None) -> Path:
    """Save the pretrained model of a run, or of other settings, as it was released, for any engine to read."""
    base = BaseModel.of((settings or run.settings).llm, run.device)
    assert base is not None  # the writer is checked against the model
    folder = run.workspace("released").folder
    save_untuned(base, folder)
    return folder


def _itself(engine: Engine) -> Engine:
    return engine


def _row(asked: Prompts, step: str, write: Callable[[], list[str]], examples: int) -> tuple[dict[str, Any], list[str]]:
    """The row of one step, and its completions."""
    cuda = asked.run.device.type == "cuda"
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    start = perf_counter()
    completions = write()
    seconds = perf_counter() - start
    found = list(
        tqdm(
            map(asked.values, completions, asked.held_out.rows),
            desc=f"measuring {step}",
            total=len(completions),
            leave=False,
        )
    )
    finder, evidence = asked.reasoner.corrector.assessor.finder, [job.target.evidence for job in asked.jobs]
    parsed = [parse_reason(completion) for completion in completions]
    failures = [
        finder.failure(reason, facts, values["model"])
        for reason, facts, values in zip(parsed, evidence, found, strict=True)
    ]
    kinds = Counter(failure.kind for failure in failures if failure)
    true = [float(failure is None or failure.kind == LOW_REWARD) for failure in failures]
    chosen = sorted(Random(asked.run.seed).sample(range(len(completions)), min(examples, len(completions))))
    row = {
        "step": step,
        "faults": {kind: kinds[kind] for kind in FAILURE_KINDS},
        **_texts(parsed),
        # The store keeps no thinking of a corrected reason.
        "thinking_used": None if step == CORRECTED else _thinking_used(parsed, evidence),
        "seconds": round(seconds, 2),
        "peak_memory_mib": peak_memory_mib(),
        "gpu_memory_mib": int(torch.cuda.max_memory_allocated() / 2**20) if cuda else None,
        "prompts": [f"{facts.user}/{facts.item}/{facts.position}" for facts in evidence],
        "values": {
            "true": true,
            **{name: [round(values[name], _DIGITS) for values in found] for name in (found[0] if found else ())},
        },
        "examples": [
            {"completion": completions[k], "fault": failure.words if (failure := failures[k]) else None} for k in chosen
        ],
    }
    return row, completions


def _texts(parsed: Sequence[ParsedReason]) -> dict[str, Any]:
    """Number of distinct words outside of names, and share of distinct texts."""
    words = {word.lower() for reason in parsed for word in words_of(unquoted(reason.text))}
    return {
        "distinct_words": len(words),
        "distinct_texts": len({reason.text for reason in parsed}) / max(len(parsed), 1),
    }


def _thinking_used(parsed: Sequence[ParsedReason], evidence: Sequence[Evidence]) -> float | None:
    """Share of the well-formed reasons that name no item, but the target, that their thinking does not name."""
    thought = [
        all(name == facts.target or f'"{name}"' in (reason.think or "") for name in reason.names)
        for reason, facts in zip(parsed, evidence, strict=True)
        if reason.valid
    ]
    return sum(thought) / len(thought) if thought else None
