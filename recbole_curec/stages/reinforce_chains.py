"""RecCoT's stage ``reinforce``: GRPO per fold on reviews of the other folds, measured on reviews of the fold itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.engines.in_memory import InMemoryEngines
from recbole_curec.llm.lengths import read_length, write_length
from recbole_curec.llm.loading import BaseModel, load_model
from recbole_curec.pipeline.artifacts import fold_folder
from recbole_curec.pipeline.stage import Job, Stage, StageResult, Workspace
from recbole_curec.processes import is_sharded, on_main
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.prompts import ChainPrompts
from recbole_curec.reviews.rewards.chosen import chain_rewards
from recbole_curec.reviews.rewards.reward import chain_columns
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.sections import TINY, GenerateSettings, LanguageModelSettings, ReinforceSettings
from recbole_curec.stages.engines import in_memory_engines
from recbole_curec.stages.folds import fold_place, keep_report, kept_report
from recbole_curec.training.chain_held_out import ChainHeldOut
from recbole_curec.training.curves import save_curves
from recbole_curec.training.grpo import grpo_arguments, new_trainer
from recbole_curec.training.held_out_prompts import gaming_totals
from recbole_curec.training.rollouts import RolloutLog, Watch
from recbole_curec.training.trainer import ProgressBar, run_trainer, save_trained

_REPORT = "reinforced.json"
# Figures of the summary, with their names there and their forms.
_SHOWN = {
    "total": ("reward", ".3f"),
    "accuracy": ("accuracy", "+.3f"),
    "format": ("format", "+.3f"),
    "analysis": ("analysis", "+.3f"),
    "exact": ("exact rating", ".1%"),
    "off_by_one": ("at most one off", ".1%"),
    "macro_mae": ("macro-MAE", ".3f"),
    "aspects": ("aspects", ".1f"),
    "agrees": ("signs agree", ".1%"),
}


def run(job: Job) -> StageResult:
    """Train every fold's model against the rewards; a fold that an interrupted run finished is kept."""
    table = ReviewTable.load(job.inputs["read"])
    reports = [_reinforce(job, table, fold) for fold in range(table.n_folds)]
    before, after = (_mean([report[when] for report in reports]) for when in ("before", "after"))
    gaming = {policy: _mean([report["gaming"][policy] for report in reports]) for policy in reports[0]["gaming"]}
    totals = gaming_totals(gaming, before["total"], after["total"], "chains")
    steps = job.settings.of(ReinforceSettings).steps
    summary = (
        f"{f'{steps} steps per fold' if steps else 'no steps'}; on {reports[0]['probe_prompts']} reviews per fold that "
        f"its model never saw {_changes(before, after, moved=bool(steps))}, KL {after['kl']:.3f}; gaming it gets "
        f"{', '.join(f'{total:.3f} ({name})' for name, total in totals.items())}"
    )
    return StageResult(summary, {"folds": reports, "before": before, "after": after, "gaming": gaming})


def _changes(before: dict[str, float], after: dict[str, float], *, moved: bool) -> str:
    parts = []
    for figure, (name, form) in _SHOWN.items():
        if figure in before and figure in after:
            first, last = (format(values[figure], form) for values in (before, after))
            parts.append(f"{name} {f'{first} -> {last}' if moved else first}")
    return ", ".join(parts)


def _mean(reports: list[dict[str, float]]) -> dict[str, float]:
    """Means over the folds of the figures that all of them have."""
    return {
        name: float(np.mean([report[name] for report in reports]))
        for name in reports[0]
        if all(name in report for report in reports)
    }


def _reinforce(job: Job, table: ReviewTable, fold: int) -> dict[str, Any]:
    place = fold_place(job.workspace, fold)
    if (report := kept_report(place, _REPORT)) is not None:
        return report
    aligned = fold_folder(job.inputs["align"], fold)
    model, tokenizer = load_model(aligned, trainable=True, device=place.device)
    engines = in_memory_engines(job, tokenizer, aligned, place)
    held_out = _held_out(job, table, fold, tokenizer, engines)
    written = on_main(lambda: held_out.write(model)) or []
    before = on_main(lambda: {**held_out.measure(written), "kl": 0.0}) or {}
    report = {"probe_prompts": len(held_out.rows), "before": before, "gaming": on_main(held_out.gaming) or {}}
    if job.settings.of(ReinforceSettings).steps:
        trained = _train(job, table, fold, place, held_out, written, model, engines)
        report["after"] = on_main(lambda: _measure_end(held_out, trained, aligned, place)) or {}
    else:
        on_main(lambda: shutil.copytree(aligned, place.folder, dirs_exist_ok=True))
        report["after"] = before
    engines.close()
    on_main(lambda: keep_report(place, _REPORT, report))
    return report


def _held_out(
    job: Job, table: ReviewTable, fold: int, tokenizer: PreTrainedTokenizerBase, engines: InMemoryEngines
) -> ChainHeldOut:
    """Reviews of the fold, drawn at random, with the rewards made from the reviews that its model may learn from."""
    settings, place, chains = job.settings.of(ReinforceSettings), job.workspace, job.settings.of(ChainSettings)
    prompts = ChainPrompts.of(job.settings, table.taught_scale(fold))
    taught = table.taught(fold)
    opinions = OpinionWords.fit(
        [prompts.shown(text) for text in table.texts[taught]], table.ratings[taught].tolist(), prompts.scale
    )
    rows = np.random.default_rng([place.seed, fold, 4]).permutation(table.rows(fold))[: settings.probe_prompts]

    return ChainHeldOut(
        rows=_prompt_rows(table, rows, prompts),
        rewards=chain_rewards(chains, prompts.scale, opinions),
        weights={str(name): weight for name, weight in chains.weights.items()},
        tokenizer=tokenizer,
        device=place.device,
        writer=engines.over,
        temperature=job.settings.of(GenerateSettings).temperature,
        seed=f"{place.seed}/probe/{fold}",
        scale=prompts.scale,
    )


def _prompt_rows(table: ReviewTable, rows: NDArray[np.int64], prompts: ChainPrompts) -> list[dict[str, Any]]:
    """Dataset rows of reviews; the number of a review stands for its user and item in the log of rollouts."""
    return [
        {
            "prompt": prompts.about(str(table.texts[row])),
            "user": row,
            "item": row,
            **chain_columns(str(table.texts[row]), float(table.ratings[row])),
        }
        for row in rows.tolist()
    ]


def _train(
    job: Job,
    table: ReviewTable,
    fold: int,
    place: Workspace,
    held_out: ChainHeldOut,
    written: list[str],
    model: Any,
    engines: InMemoryEngines,
) -> Any:
    """Train, save and return the fold's model."""
    settings, llm = job.settings.of(ReinforceSettings), _lengths(job, fold)
    aligned, weights = fold_folder(job.inputs["align"], fold), held_out.weights
    used = {name: reward for name, reward in held_out.rewards.items() if weights.get(name, 0.0)}
    rng = np.random.default_rng([place.seed, fold, 5])
    rows = rng.choice(table.taught(fold), size=settings.steps * settings.prompts, replace=True)
    trainer = new_trainer(
        model,
        held_out.tokenizer,
        _prompt_rows(table, rows, ChainPrompts.of(job.settings, held_out.scale)),
        used,
        grpo_arguments(settings, llm, place, [weights[name] for name in used]),
        tiny_folder=aligned if llm.name == TINY else None,
    )
    if not is_sharded():
        trainer.sampler = engines.sampler(model, settings.generations, settings.temperature)
    rollouts = trainer.rollouts = RolloutLog(place.scratch, settings, table.users, table.items)
    # A process that holds only a shard of the language model cannot generate with it by itself.
    watched = held_out.first(settings.watch_prompts) if settings.watch_prompts and not is_sharded() else None
    begun = written[: settings.watch_prompts]
    watch = Watch(watched, settings.save_steps, place.scratch, trainer.accelerator.unwrap_model)
    trainer.add_callback(watch)
    run_trainer(trainer, place.scratch, ProgressBar("reinforce", "reward", place.show_progress))
    trained = save_trained(trainer, held_out.tokenizer, place.folder, BaseModel.read(aligned))
    on_main(lambda: write_length(llm, place.folder))

    def report() -> None:
        rollouts.collect(place.folder)
        scores = {0: watched.measure(begun)} if watched and begun else {}
        log, names = trainer.state.log_history, trainer.reward_func_names
        save_curves(log, names, {**scores, **watch.scores()}, place.folder, job.workspace.folder.parent)

    on_main(report)
    return trained


def _lengths(job: Job, fold: int) -> LanguageModelSettings:
    return read_length(job.settings.of(LanguageModelSettings), fold_folder(job.inputs["align"], fold))


def _measure_end(held_out: ChainHeldOut, trained: Any, aligned: Path, place: Workspace) -> dict[str, float]:
    if is_sharded():
        trained, _ = load_model(place.folder, device=place.device)
    written = held_out.write(trained)
    reference, _ = load_model(aligned, device=place.device)
    return {**held_out.measure(written), "kl": held_out.kl(trained, reference, written)}


REINFORCE_CHAINS = Stage(
    name="reinforce",
    run=run,
    settings=(ReinforceSettings, ChainSettings, GenerateSettings, LanguageModelSettings),
    choices=(ENGINE,),
    inputs=("read", "align"),
    revision=2,
    distributed=True,
)
