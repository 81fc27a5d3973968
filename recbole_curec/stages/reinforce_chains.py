"""RecCoT's stage ``reinforce``: GRPO per fold on reviews of the other folds, measured on reviews of the fold itself."""

from __future__ import annotations

import logging
import shutil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.lengths import read_length, write_length
from recbole_curec.llm.loading import BaseModel, load_model
from recbole_curec.pipeline.stage import Job, Stage, StageResult, Workspace
from recbole_curec.processes import is_sharded, on_main
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.prompts import chain_prompt, shown_text
from recbole_curec.reviews.rewards.chosen import chain_rewards
from recbole_curec.reviews.rewards.reward import ChainReward, chain_columns
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.sections import TINY, GenerateSettings, LanguageModelSettings, ReinforceSettings
from recbole_curec.stages.folds import fold_folder, fold_place, keep_report, kept_report
from recbole_curec.training.chain_held_out import ChainHeldOut
from recbole_curec.training.curves import FONTS, PLOT, TABLE, curves_table, plot_curves
from recbole_curec.training.grpo import ReinforceTrainer, grpo_arguments, new_trainer
from recbole_curec.training.kl import mean_kl
from recbole_curec.training.rollouts import RolloutLog, Watch
from recbole_curec.training.trainer import ProgressBar, run_trainer, save_trained

logger = logging.getLogger(__name__)

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
    totals = {policy.replace("_", " "): rewards["total"] for policy, rewards in gaming.items()}
    if winners := [name for name, total in totals.items() if total >= min(before["total"], after["total"])]:
        logger.warning("Reward gaming pays: %s would score at least what the model's chains do.", " and ".join(winners))
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
    settings, aligned = job.settings.of(ReinforceSettings), fold_folder(job.inputs["align"], fold)
    model, tokenizer = load_model(aligned, trainable=True, device=place.device)
    taught, scale, rewards = _rewards(job, table, fold)
    held_out = _held_out(job, table, fold, tokenizer, scale, rewards)
    written = on_main(lambda: held_out.write(model)) or []
    before = on_main(lambda: {**held_out.measure(written), "kl": 0.0}) or {}
    report = {"probe_prompts": len(held_out.rows), "before": before, "gaming": on_main(held_out.gaming) or {}}
    if settings.steps:
        trained = _train(job, table, fold, held_out, taught, model, tokenizer)
        report["after"] = on_main(lambda: _measure_end(held_out, trained, aligned, tokenizer, place)) or {}
    else:
        on_main(lambda: shutil.copytree(aligned, place.folder, dirs_exist_ok=True))
        report["after"] = before
    on_main(lambda: keep_report(place, _REPORT, report))
    return report


def _rewards(job: Job, table: ReviewTable, fold: int) -> tuple[NDArray[np.int64], RatingScale, dict[str, ChainReward]]:
    """The reviews that the fold's model learns from, their rating scale, and the rewards made from them."""
    chains = job.settings.of(ChainSettings)
    taught = table.taught(fold)
    scale = RatingScale.of(table.ratings[taught])
    shown = [shown_text(text, chains.review_words) for text in table.texts[taught]]
    opinions = OpinionWords.fit(shown, table.ratings[taught].tolist(), scale)
    return taught, scale, chain_rewards(chains, scale, opinions)


def _held_out(
    job: Job,
    table: ReviewTable,
    fold: int,
    tokenizer: PreTrainedTokenizerBase,
    scale: RatingScale,
    rewards: dict[str, ChainReward],
) -> ChainHeldOut:
    """Reviews of the fold, drawn at random; of all reviews if there is but one fold."""
    settings, place = job.settings.of(ReinforceSettings), job.workspace
    rows = table.rows(fold, inside=True)
    drawn = np.random.default_rng([place.seed, fold, 4]).permutation(rows)[: settings.probe_prompts]

    def engine(model: Any) -> TransformersEngine:
        return TransformersEngine(
            model,
            tokenizer,
            place.device,
            max_new_tokens=_lengths(job, fold).longest_reason,
            batch_size=job.settings.of(GenerateSettings).batch_size,
        )

    return ChainHeldOut(
        rows=_prompt_rows(job, table, drawn, scale),
        rewards=rewards,
        weights=_weights(job),
        scale=scale,
        writer=engine,
        temperature=job.settings.of(GenerateSettings).temperature,
        seed=f"{place.seed}/probe/{fold}",
    )


def _weights(job: Job) -> dict[str, float]:
    return {str(name): weight for name, weight in job.settings.of(ChainSettings).weights.items()}


def _prompt_rows(job: Job, table: ReviewTable, rows: NDArray[np.int64], scale: RatingScale) -> list[dict[str, Any]]:
    """Dataset rows of reviews; number and id of a review stand for its user and item in the log of rollouts."""
    words, begins = job.settings.of(ChainSettings).review_words, job.settings.of(LanguageModelSettings).is_pretrained
    return [
        {
            "prompt": chain_prompt(str(table.texts[row]), words, scale, begins_thinking=begins),
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
    held_out: ChainHeldOut,
    taught: NDArray[np.int64],
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
) -> Any:
    """Train, save and return the fold's model."""
    settings, place, llm = job.settings.of(ReinforceSettings), fold_place(job.workspace, fold), _lengths(job, fold)
    aligned, weights = fold_folder(job.inputs["align"], fold), held_out.weights
    used = {name: reward for name, reward in held_out.rewards.items() if weights.get(name, 0.0)}
    rng = np.random.default_rng([place.seed, fold, 5])
    rows = rng.choice(taught, size=settings.steps * settings.prompts, replace=True)
    trainer = new_trainer(
        model,
        tokenizer,
        _prompt_rows(job, table, rows, held_out.scale),
        used,
        grpo_arguments(settings, llm, place, [weights[name] for name in used]),
        tiny_folder=aligned if llm.name == TINY else None,
    )
    trainer.rollouts = RolloutLog(place.scratch, settings, table.users, table.items)
    # A process that holds only a shard of the language model cannot generate with it by itself.
    watched = _first(held_out, settings.watch_prompts) if settings.watch_prompts and not is_sharded() else None
    begun = (
        (on_main(lambda: watched.measure(watched.write(trainer.accelerator.unwrap_model(trainer.model)))) or {})
        if (watched)
        else {}
    )
    watch = Watch(watched, settings.save_steps, place.scratch, trainer.accelerator.unwrap_model)
    trainer.add_callback(watch)
    run_trainer(trainer, place.scratch, ProgressBar("reinforce", "reward", place.show_progress))
    trained = save_trained(trainer, tokenizer, place.folder, BaseModel.read(aligned))
    on_main(lambda: write_length(llm, place.folder))
    on_main(lambda: _write_curves(trainer, place, {**({0: begun} if begun else {}), **watch.scores()}))
    return trained


def _first(held_out: ChainHeldOut, count: int) -> ChainHeldOut:
    return ChainHeldOut(**{**vars(held_out), "rows": held_out.rows[:count]})


def _lengths(job: Job, fold: int) -> LanguageModelSettings:
    return read_length(job.settings.of(LanguageModelSettings), fold_folder(job.inputs["align"], fold))


def _write_curves(trainer: ReinforceTrainer, place: Workspace, scores: dict[int, dict[str, float]]) -> None:
    used = trainer.reward_func_names
    assert trainer.rollouts is not None  # noqa: S101 - _train() sets it
    trainer.rollouts.collect(place.folder)
    table = curves_table(trainer.state.log_history, used, scores)
    table.to_csv(place.folder / TABLE, index=False)
    plot_curves(table, used, place.folder / PLOT, place.scratch / FONTS)


def _measure_end(
    held_out: ChainHeldOut, trained: Any, aligned: Any, tokenizer: PreTrainedTokenizerBase, place: Workspace
) -> dict[str, float]:
    if is_sharded():
        trained, _ = load_model(place.folder, device=place.device)
    written = held_out.write(trained)
    reference, _ = load_model(aligned, device=place.device)
    prompts = [row["prompt"] for row in held_out.rows]
    return {
        **held_out.measure(written),
        "kl": mean_kl(trained, reference, prompts, written, tokenizer, place.device),
    }


REINFORCE_CHAINS = Stage(
    name="reinforce",
    run=run,
    settings=(ReinforceSettings, ChainSettings, GenerateSettings, LanguageModelSettings),
    inputs=("read", "align"),
    distributed=True,
)
