"""Stage 4, ``reinforce``: tune the language model by GRPO against the configured rewards, and measure the effect."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from recbole_curec.correction.select import run_selection
from recbole_curec.data.collected import Collected
from recbole_curec.data.user_split import UserSplit
from recbole_curec.llm.engines.batched import BatchedEngine
from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.llm.engines.in_memory import InMemoryEngines
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.lengths import read_length, write_length
from recbole_curec.llm.loading import BaseModel, load_model
from recbole_curec.pipeline.artifacts import MANIFEST
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.processes import is_sharded, on_main
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.fitting import fit_request
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.model.floors import check_reward
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.model.train import JUDGE
from recbole_curec.rewards.reward import ALWAYS, RewardRequest, columns, prepare_rewards, weights_by_name
from recbole_curec.settings.choices import ENGINE, REWARD
from recbole_curec.settings.sections import (
    TINY,
    CollectSettings,
    GenerateSettings,
    LanguageModelSettings,
    ReinforceSettings,
    SelectSettings,
)
from recbole_curec.stages.engines import in_memory_engines
from recbole_curec.stages.evidence import evidence_builder, evidence_from
from recbole_curec.training.curves import save_curves
from recbole_curec.training.grpo import ReinforceTrainer, grpo_arguments, new_trainer
from recbole_curec.training.held_out import HeldOut
from recbole_curec.training.held_out_prompts import gaming_totals
from recbole_curec.training.rollouts import RolloutLog, Watch
from recbole_curec.training.trainer import ProgressBar, run_trainer, save_trained


def run(job: Job) -> StageResult:
    """Train the aligned language model against the reward; measure it on held-out users before, during and after."""
    settings, workspace = job.settings.of(ReinforceSettings), job.workspace
    collected = Collected.load(job.inputs["collect"])
    model, tokenizer = load_model(job.inputs["align"], trainable=True, device=workspace.device)
    engines = in_memory_engines(job, tokenizer, job.inputs["align"], workspace)
    train_rows, probe_rows = _prompt_rows(job, collected, tokenizer)
    held_out = _held_out(job, collected, tokenizer, probe_rows, engines)
    written = on_main(lambda: held_out.written_by(_engine_over(job, job.inputs["align"], model, held_out))) or []
    start = on_main(lambda: _measure_start(held_out, written)) or _Start({}, {})
    if not settings.steps:
        return on_main(lambda: _copy_aligned(job, start, len(probe_rows))) or StageResult("")

    trainer = _trainer(job, collected, held_out, model, train_rows)
    if not is_sharded():
        trainer.sampler = engines.sampler(model, settings.generations, settings.temperature)
    # A process that holds only a shard of the language model cannot generate with it by itself.
    watched = held_out.first(settings.watch_prompts) if settings.watch_prompts and not is_sharded() else None
    # The curve is written with one engine from its first point on.
    same = engines.writes_as_saved
    begun = written[: settings.watch_prompts] if same or not watched else on_main(lambda: watched.write(model)) or []
    watch = Watch(watched, settings.save_steps, workspace.scratch, trainer.accelerator.unwrap_model)
    trainer.add_callback(watch)
    run_trainer(trainer, workspace.scratch, ProgressBar("reinforce", "reward", workspace.show_progress))
    engines.close()
    trained = save_trained(trainer, tokenizer, workspace.folder, BaseModel.read(job.inputs["align"]))
    on_main(lambda: write_length(_lengths(job), workspace.folder))
    scores = {0: watched.measure(begun)} if watched and begun else {}

    def report() -> StageResult:
        _write_curves(job, trainer, {**scores, **watch.scores()})
        after = _measure_end(job, held_out, trained)
        return _result(trainer.state.global_step, start, after, len(probe_rows))

    return on_main(report) or StageResult("")


def _held_out(
    job: Job,
    collected: Collected,
    tokenizer: PreTrainedTokenizerBase,
    rows: list[dict[str, Any]],
    engines: InMemoryEngines,
) -> HeldOut:
    """The prompts of users that neither the reward model nor RL sees, with what measures the answers."""
    scorer = RewardScorer.load(job.inputs["reward"], collected.history)
    request = RewardRequest(scorer, checker_of(collected.catalog), job.settings)
    weights = job.settings.of(ReinforceSettings).weights
    return HeldOut(
        rows=rows,
        rewards=prepare_rewards(weights, request),
        weights=weights_by_name(weights),
        scorer=scorer,
        judge=RewardScorer.load(job.inputs["reward"] / JUDGE, collected.history),
        checker=request.checker,
        tokenizer=tokenizer,
        device=job.workspace.device,
        writer=engines.over,
        temperature=job.settings.of(GenerateSettings).temperature,
        seed=f"{job.workspace.seed}/probe",
    )


def _trainer(
    job: Job, collected: Collected, held_out: HeldOut, model: Any, rows: list[dict[str, Any]]
) -> ReinforceTrainer:
    """The trainer of the aligned model, with the rewards that have a weight and the log of its rollouts."""
    settings, llm, workspace = job.settings.of(ReinforceSettings), _lengths(job), job.workspace
    weights, history = held_out.weights, collected.history
    used = {name: reward for name, reward in held_out.rewards.items() if weights.get(name, 0.0)}
    trainer = new_trainer(
        model,
        held_out.tokenizer,
        rows,
        used,
        grpo_arguments(settings, llm, workspace, [weights[name] for name in used]),
        tiny_folder=job.inputs["align"] if llm.name == TINY else None,
    )
    trainer.rollouts = RolloutLog(workspace.scratch, settings, history.user_tokens, history.item_tokens)
    return trainer


def _lengths(job: Job) -> LanguageModelSettings:
    """Settings of the language model, with the length of completions that it was aligned with."""
    return read_length(job.settings.of(LanguageModelSettings), job.inputs["align"])


def _prompt_rows(
    job: Job, collected: Collected, tokenizer: PreTrainedTokenizerBase
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    select, seed = job.settings.of(SelectSettings), job.workspace.seed
    teacher = EvidenceTeacher(checker_of(collected.catalog), seed)
    selection = run_selection(collected.history, select, seed)
    mix = PromptMix(selection, evidence_builder(job, collected), teacher, select)
    prompts, longest = prompt_builder(job.settings), job.settings.of(LanguageModelSettings).max_prompt_tokens
    split = UserSplit.load(job.inputs["reward"])

    def write(request: ReasonRequest) -> Any:
        return fit_request(tokenizer, prompts, request, longest)

    return prompt_rows(mix, split, job.settings.of(ReinforceSettings), write, seed)


def _measure_end(job: Job, held_out: HeldOut, trained: Any) -> dict[str, float]:
    if is_sharded():
        trained, _ = load_model(job.workspace.folder, device=job.workspace.device)
    written = held_out.written_by(_engine_over(job, job.workspace.folder, trained, held_out))
    reference, _ = load_model(job.inputs["align"], device=job.workspace.device)
    return {**held_out.measure(written), "kl": held_out.kl(trained, reference, written)}


def _engine_over(job: Job, weights: Path, model: Any, held_out: HeldOut) -> Engine:
    """The engine that will write in later stages, over saved weights, or the one that measures during training.

    Args:
        job: The stage's job.
        weights: Folder of the language model.
        model: The same model in memory. It writes where the engine does not run in this process: a server may not
            have the new weights yet, and vLLM would take the GPU from the training.
        held_out: Makes the engine over the model in memory.
    """
    entry, workspace = job.settings.entry(ENGINE), job.workspace
    if entry is TransformersEngine or not issubclass(entry, BatchedEngine):
        return held_out.writer(model)
    request = EngineRequest(weights, "reinforce", workspace.scratch, workspace.seed, workspace.device, job.settings)
    return entry.open(request)


def _write_curves(job: Job, trainer: ReinforceTrainer, scores: dict[int, dict[str, float]]) -> None:
    used, folder = trainer.reward_func_names, job.workspace.folder
    assert trainer.rollouts is not None  # noqa: S101 - run() sets it
    trainer.rollouts.collect(folder)
    save_curves(trainer.state.log_history, used, scores, folder, folder.parent)


def prompt_rows(
    mix: PromptMix, split: UserSplit, settings: ReinforceSettings, write: Callable[[ReasonRequest], Any], seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Table rows for GRPO and for the probe: a prompt as the ``correct`` stage will send it, and the reward's columns.

    Args:
        mix: The interactions that will get a reason, and the content of their prompts.
        split: The split of users; the probe's users occur in no training row.
        settings: Numbers of rows.
        write: Makes a prompt that fits the longest prompt of the settings.
        seed: Seed of every choice.

    Returns:
        Training rows, and rows of held-out users.
    """
    history, rng = mix.history, np.random.default_rng([seed, 4])
    selected = np.zeros(history.n_interactions, dtype=bool)
    selected[mix.rows] = True
    held_out = np.isin(history.users, split.probe)
    train = _first_nonempty(selected & ~held_out, ~held_out, selected)
    # Held-out users may have too few selected interactions; their other interactions then fill the probe.
    order = np.concatenate([rng.permutation(np.flatnonzero(part & held_out)) for part in (selected, ~selected)])
    chosen = rng.choice(train, size=settings.steps * settings.prompts, replace=True)

    def rows(interactions: NDArray[np.int64]) -> list[dict[str, Any]]:
        found = []
        for row in interactions:
            user, item, position = history.interaction(int(row))
            request = mix.request(user, item, position, rng)
            found.append({"prompt": write(request), **columns(request.evidence, user, item, position)})
        return found

    return rows(chosen), rows(order[: settings.probe_prompts])


def _first_nonempty(*masks: NDArray[np.bool_]) -> NDArray[np.int64]:
    return next(rows for mask in masks if len(rows := np.flatnonzero(mask)))


@dataclass(frozen=True)
class _Start:
    """Measurements before RL begins.

    Attributes:
        measured: Measures of the aligned language model's reasons on held-out prompts.
        gaming: Rewards of policies built to exploit the rewards, by policy.
    """

    measured: dict[str, float]
    gaming: dict[str, dict[str, float]]


def _measure_start(held_out: HeldOut, written: list[str]) -> _Start:
    return _Start({**held_out.measure(written), "kl": 0.0}, held_out.gaming())


def _copy_aligned(job: Job, start: _Start, probes: int) -> StageResult:
    """Copy the aligned language model unchanged: with no steps it is the result."""
    shutil.copytree(
        job.inputs["align"], job.workspace.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST)
    )
    result = _result(0, start, start.measured, probes)
    return replace(result, summary=f"no steps, the aligned model is handed on as it is; {result.summary}")


def _result(steps: int, start: _Start, after: dict[str, float], probes: int) -> StageResult:
    before, gaming = start.measured, start.gaming
    figures = {"probe_prompts": probes, "before": before, "after": after, "gaming": gaming}
    totals = gaming_totals(gaming, before["total"], after["total"], "reasons")

    def change(name: str, form: str) -> str:
        first, last = (format(values[name], form) for values in (before, after))
        return f"{first} -> {last}" if steps else first

    named = ", ".join(f"{name} {change(name, '+.3f')}" for name in ALWAYS)
    summary = (
        f"{f'{steps} steps; ' if steps else ''}on {probes} prompts of held-out users reward "
        f"{change('total', '.3f')} ({named}), judge {change('judge', '+.3f')}, grounded {change('grounded', '.1%')}, "
        f"generic {change('generic', '.1%')}, "
        f"personal {change('personal', '.1%')} (adds {change('lift', '+.3f')} for the own user, "
        f"{change('shuffled_lift', '+.3f')} for a shuffled one), {change('words', '.1f')} words, KL {after['kl']:.3f}; "
        f"gaming it gets {', '.join(f'{total:.3f} ({name})' for name, total in totals.items())}"
    )
    return StageResult(summary, figures)


REINFORCE = Stage(
    name="reinforce",
    run=run,
    settings=(ReinforceSettings, SelectSettings, CollectSettings, GenerateSettings, LanguageModelSettings),
    choices=(ENGINE, REWARD),
    inputs=evidence_from("collect", "align", "reward"),
    revision=8,
    precondition=check_reward,
    distributed=True,
)
