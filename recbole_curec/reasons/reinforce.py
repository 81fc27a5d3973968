"""Stage 4, ``reinforce``: GRPO (Shao et al. 2024, arXiv:2402.03300; TRL) against the named rewards."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from accelerate.utils import gather_object
from datasets import Dataset
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase
from trl import GRPOConfig, GRPOTrainer

from recbole_curec.artifacts import MANIFEST
from recbole_curec.data.collect import Collected
from recbole_curec.distributed import is_sharded, on_main, share
from recbole_curec.reasons.chat import prompt_tokens
from recbole_curec.reasons.generate import fit_reason_prompt
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.held_out import HeldOut
from recbole_curec.reasons.language_model import BaseModel, load_model
from recbole_curec.reasons.llm_name import TINY
from recbole_curec.reasons.prompts import Message, PromptBuilder
from recbole_curec.reasons.rollouts import RolloutLog, Watch
from recbole_curec.reasons.tiny_model import freeze_terms
from recbole_curec.reasons.training import OfflineTrainerMixin, ProgressBar, common_arguments, run_trainer, save_trained
from recbole_curec.reasons.training_curves import FONTS, PLOT, TABLE, curves_table, plot_curves
from recbole_curec.rewards.functions import NAMES, RewardFunction, columns, reward_functions
from recbole_curec.rewards.scorer import RewardScorer
from recbole_curec.rewards.train import JUDGE
from recbole_curec.settings import Settings
from recbole_curec.stage import StageContext, StageResult

logger = logging.getLogger(__name__)

_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-4, 1e-5
# Share of users whose prompts are kept out of RL, to measure reward before and after.
_PROBE_USERS = 0.1


class ReinforceTrainer(OfflineTrainerMixin, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPO trainer, offline, over the same tokens of a prompt as every other stage.

    Attributes:
        rollouts: Where completions are logged, if they are.
    """

    rollouts: RolloutLog | None = None

    def _tokenize_prompts(self, prompts: list[list[Message]]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [prompt_tokens(self.processing_class, prompt) for prompt in prompts], None, {}

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        # TRL's own log is written where the values of a step may already be gone, and prints tables.
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        if self.rollouts is None:
            return output
        users, items = (gather_object([row[key] for row in inputs]) for key in ("user", "item"))
        if self.accelerator.is_main_process:
            logs = self._logs
            self.rollouts.write(
                self.state.global_step + 1,
                list(logs["prompt"])[-len(users) :],
                list(logs["completion"])[-len(users) :],
                {name: list(logs["rewards"][name])[-len(users) :] for name in self.reward_func_names},
                list(logs["advantages"])[-len(users) :],
                users,
                items,
            )
        return output


def run(context: StageContext) -> StageResult:
    """Train the aligned model against the reward and measure it on held-out users before, during and after."""
    settings = context.settings
    collected = Collected.load(context.inputs["collect"])
    scorer = RewardScorer.load(context.inputs["reward"], collected.history)
    judge = RewardScorer.load(context.inputs["reward"] / JUDGE, collected.history)
    functions = reward_functions(scorer, GroundingChecker(collected.catalog))
    model, tokenizer = load_model(context.inputs["align"], trainable=True, device=context.device)
    train_rows, probe_rows = prompt_rows(collected, settings, tokenizer, context.seed)
    held_out = HeldOut(probe_rows, functions, scorer, judge, tokenizer, context)
    written = on_main(lambda: held_out.write(model)) or []
    start = on_main(lambda: _first_look(held_out, written)) or _Look({}, {})
    if not settings.reinforce.rl_steps:
        return on_main(lambda: _handed_on(context, start, len(probe_rows))) or StageResult("")

    trainer = new_trainer(context, model, tokenizer, train_rows, functions)
    history = collected.history
    trainer.rollouts = RolloutLog(context.scratch, settings.reinforce, history.user_tokens, history.item_tokens)
    count = settings.reinforce.rl_watch_prompts
    # One process alone cannot write with a model of which it holds a part.
    watched = held_out.first(count) if count and not is_sharded() else None
    watch = Watch(watched, settings.reinforce.rl_save_steps, context.scratch, trainer.accelerator.unwrap_model)
    trainer.add_callback(watch)
    run_trainer(trainer, context.scratch, ProgressBar("reinforce", "reward", context.show_progress))
    base = BaseModel.read(context.inputs["align"])
    trained = save_trained(trainer, tokenizer, context.folder, base)
    scores = {0: watched.measure(written[:count])} if watched and written else {}

    def report() -> StageResult:
        _write_curves(context, trainer, {**scores, **watch.scores()})
        after = _last_look(context, held_out, trained)
        return _result(trainer.state.global_step, start, after, len(probe_rows))

    return on_main(report) or StageResult("")


def _last_look(context: StageContext, held_out: HeldOut, trained: Any) -> dict[str, float]:
    if is_sharded():
        trained, _ = load_model(context.folder, device=context.device)
    written = held_out.write(trained)
    reference, _ = load_model(context.inputs["align"], device=context.device)
    return {**held_out.measure(written), "kl": held_out.kl(trained, reference, written)}


def _write_curves(context: StageContext, trainer: Any, scores: dict[int, dict[str, float]]) -> None:
    used = trainer.reward_func_names
    trainer.rollouts.collect(context.folder)
    table = curves_table(trainer.state.log_history, used, scores)
    table.to_csv(context.folder / TABLE, index=False)
    plot_curves(table, used, context.folder / PLOT, context.folder.parent / FONTS)


def new_trainer(
    context: StageContext,
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    rows: list[dict[str, Any]],
    functions: Mapping[str, RewardFunction],
) -> ReinforceTrainer:
    """The trainer of this stage, over the rewards that weigh something.

    Args:
        context: The stage.
        model: The aligned model, loaded for training.
        tokenizer: Its tokenizer.
        rows: Prompts to train on, with their columns.
        functions: Every reward by name.
    """
    tiny, weights = context.settings.align.llm == TINY, context.settings.reinforce.weights
    used = [name for name in functions if weights.get(name, 0.0)]
    trainer = ReinforceTrainer(
        # The tiny model goes in by path: with beta > 0 the frozen reference is loaded from there too.
        model=str(context.inputs["align"]) if tiny else model,
        reward_funcs=[_named(functions[name], name) for name in used],
        args=grpo_arguments(context, [weights[name] for name in used]),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    if tiny:
        freeze_terms(trainer.model, tokenizer)
    return trainer


def grpo_arguments(context: StageContext, weights: list[float]) -> GRPOConfig:
    """TRL's arguments for this stage; one generation per optimiser step, so every checkpoint resumes exactly."""
    settings = context.settings.reinforce
    tiny = context.settings.align.llm == TINY
    shared = common_arguments(context, steps=settings.rl_steps, save_steps=settings.rl_save_steps)
    # Every step is logged: metrics gathered over several would be lost when a run is cut off between them.
    shared["logging_steps"] = 1
    return GRPOConfig(
        **shared,
        per_device_train_batch_size=share("rl_prompts * rl_generations", settings.rl_prompts * settings.rl_generations),
        num_generations=settings.rl_generations,
        max_completion_length=context.settings.align.max_reason_tokens,
        learning_rate=settings.rl_learning_rate or (_TINY_LEARNING_RATE if tiny else _LORA_LEARNING_RATE),
        loss_type=settings.rl_loss,
        # Dr. GRPO (Liu et al. 2025, arXiv:2503.20783) drops both biases: of length and of a group's spread.
        scale_rewards="none" if settings.rl_loss == "dr_grpo" else "group",
        beta=settings.rl_beta,
        temperature=settings.rl_temperature,
        reward_weights=weights,
        log_completions=False,
    )


def _named(function: RewardFunction, name: str) -> RewardFunction:
    def reward(**arguments: Any) -> list[float]:
        return function(**arguments)

    reward.__name__ = name  # TRL logs a reward under its function's name
    return reward


def prompt_rows(
    collected: Collected, settings: Settings, tokenizer: PreTrainedTokenizerBase, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows for training and for the probe, from disjoint users where there are at least two."""
    history = collected.history
    rng = np.random.default_rng([seed, 4])
    users = np.unique(history.users)
    probe_users = rng.permutation(users)[: max(1, int(_PROBE_USERS * len(users)))]
    is_probe = np.isin(history.users, probe_users)
    if is_probe.all():
        is_probe = np.zeros_like(is_probe)
    held_out = np.flatnonzero(is_probe) if is_probe.any() else np.arange(history.n_interactions)
    probe = rng.permutation(held_out)[: settings.reinforce.rl_probe_prompts]
    count = settings.reinforce.rl_steps * settings.reinforce.rl_prompts
    train = rng.choice(np.flatnonzero(~is_probe), size=count, replace=True)
    return _rows(train, collected, settings, tokenizer), _rows(probe, collected, settings, tokenizer)


def _rows(
    interactions: NDArray[np.int64], collected: Collected, settings: Settings, tokenizer: PreTrainedTokenizerBase
) -> list[dict[str, Any]]:
    history, builder = collected.history, collected.builder(settings.collect)
    prompts, users, positions = PromptBuilder(settings.collect), history.users, history.positions
    rows = []
    for row in interactions:
        user, item, position = int(users[row]), int(history.items[row]), int(positions[row])
        evidence = builder.build(user, item, position)
        messages = fit_reason_prompt(tokenizer, prompts, evidence, settings.align.max_prompt_tokens)
        rows.append({"prompt": messages, **columns(evidence, user, item, position)})
    return rows


@dataclass(frozen=True)
class _Look:
    """What is known before RL begins.

    Attributes:
        measured: The aligned model's reasons on held-out prompts.
        gaming: Rewards of the policies that game them.
    """

    measured: dict[str, float]
    gaming: dict[str, dict[str, float]]


def _first_look(held_out: HeldOut, written: list[str]) -> _Look:
    return _Look({**held_out.measure(written), "kl": 0.0}, held_out.gaming())


def _handed_on(context: StageContext, start: _Look, probes: int) -> StageResult:
    """Copy the aligned model, byte for byte: it is its own result."""
    shutil.copytree(
        context.inputs["align"],
        context.folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(MANIFEST),
    )
    result = _result(0, start, start.measured, probes)
    return replace(result, summary=f"no steps, the aligned model is handed on as it is; {result.summary}")


def _result(steps: int, start: _Look, after: dict[str, float], probes: int) -> StageResult:
    before, gaming = start.measured, start.gaming
    figures = {"probe_prompts": probes, "before": before, "after": after, "gaming": gaming}
    totals = {name.replace("_", " "): rewards["total"] for name, rewards in gaming.items()}
    if winners := [name for name, total in totals.items() if total >= min(before["total"], after["total"])]:
        logger.warning(
            "Reward gaming pays: %s would score at least what the model's reasons do.", " and ".join(winners)
        )

    def change(name: str, form: str) -> str:
        first, last = (format(values[name], form) for values in (before, after))
        return f"{first} -> {last}" if steps else first

    named = ", ".join(f"{name} {change(name, '+.3f')}" for name in NAMES)
    summary = (
        f"{f'{steps} steps; ' if steps else ''}on {probes} prompts of held-out users reward "
        f"{change('total', '.3f')} ({named}), judge {change('judge', '+.3f')}, grounded {change('grounded', '.1%')}, "
        f"personal {change('personal', '.1%')} (adds {change('lift', '+.3f')} for the own user, "
        f"{change('shuffled_lift', '+.3f')} for a shuffled one), {change('words', '.1f')} words, KL {after['kl']:.3f}; "
        f"gaming it gets {', '.join(f'{total:.3f} ({name})' for name, total in totals.items())}"
    )
    return StageResult(summary, figures)
