"""Stage 4, ``reinforce``: GRPO (Shao et al. 2024, arXiv:2402.03300; TRL) against the named rewards."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase
from trl import GRPOConfig, GRPOTrainer

from recbole_curec.artifacts import MANIFEST
from recbole_curec.data.collect import Collected
from recbole_curec.distributed import is_sharded, on_main, share, world
from recbole_curec.reasons.chat import prompt_tokens
from recbole_curec.reasons.engines.transformers_engine import TransformersEngine
from recbole_curec.reasons.generate import fit_reason_prompt
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.language_model import BaseModel, load_model
from recbole_curec.reasons.llm_name import TINY
from recbole_curec.reasons.prompts import Message, PromptBuilder
from recbole_curec.reasons.tiny_model import freeze_terms
from recbole_curec.reasons.training import OfflineTrainerMixin, ProgressBar, common_arguments, run_trainer, save_trained
from recbole_curec.rewards.functions import RewardFunction, columns, evaluate, reward_functions
from recbole_curec.rewards.scorer import RewardScorer
from recbole_curec.settings import Settings
from recbole_curec.stage import StageContext, StageResult

_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-4, 1e-5
# Share of users whose prompts are kept out of RL, to measure reward before and after.
_PROBE_USERS = 0.1


class ReinforceTrainer(OfflineTrainerMixin, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPO trainer, offline, over the same tokens of a prompt as every other stage."""

    def _tokenize_prompts(self, prompts: list[list[Message]]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [prompt_tokens(self.processing_class, prompt) for prompt in prompts], None, {}


def run(context: StageContext) -> StageResult:
    """Train the aligned model against the reward and measure reward on held-out users before and after."""
    settings = context.settings
    collected = Collected.load(context.inputs["collect"])
    scorer = RewardScorer.load(context.inputs["reward"], collected.history)
    functions = reward_functions(scorer, GroundingChecker(collected.catalog))
    model, tokenizer = load_model(context.inputs["align"], trainable=True, device=context.device)
    train_rows, probe_rows = _prompts(collected, settings, tokenizer, context.seed)
    before = on_main(lambda: _measure(model, tokenizer, probe_rows, functions, context)) or {}
    if not settings.reinforce.rl_steps:
        return on_main(lambda: _handed_on(context, before, len(probe_rows))) or StageResult("")

    weights = settings.reinforce.weights
    used = [name for name in functions if weights.get(name, 0.0)]
    trainer = ReinforceTrainer(
        # The tiny model goes in by path: with beta > 0 the frozen reference is loaded from there too.
        model=str(context.inputs["align"]) if settings.align.llm == TINY else model,
        reward_funcs=[_named(functions[name], name) for name in used],
        args=grpo_arguments(context, [weights[name] for name in used]),
        train_dataset=Dataset.from_list(train_rows),
        processing_class=tokenizer,
    )
    if settings.align.llm == TINY:
        freeze_terms(trainer.model, tokenizer)
    run_trainer(trainer, context.scratch, ProgressBar("reinforce", "reward", context.show_progress))
    trained = save_trained(trainer, tokenizer, context.folder, BaseModel.read(context.inputs["align"]))
    if not world().is_main:
        return StageResult("")
    if is_sharded():
        trained, _ = load_model(context.folder, device=context.device)
    after = _measure(trained, tokenizer, probe_rows, functions, context)
    return _result(trainer, before, after, len(probe_rows))


def grpo_arguments(context: StageContext, weights: list[float]) -> GRPOConfig:
    """TRL's arguments for this stage; one generation per optimiser step, so every checkpoint resumes exactly."""
    settings = context.settings.reinforce
    tiny = context.settings.align.llm == TINY
    return GRPOConfig(
        **common_arguments(context, steps=settings.rl_steps, save_steps=settings.rl_save_steps),
        per_device_train_batch_size=share("rl_prompts * rl_generations", settings.rl_prompts * settings.rl_generations),
        num_generations=settings.rl_generations,
        max_completion_length=context.settings.align.max_reason_tokens,
        learning_rate=settings.rl_learning_rate or (_TINY_LEARNING_RATE if tiny else _LORA_LEARNING_RATE),
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


def _prompts(
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


def _measure(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    rows: list[dict[str, Any]],
    functions: dict[str, RewardFunction],
    context: StageContext,
) -> dict[str, float]:
    # Whatever the engine of other stages: what is measured are the weights in memory, as they are being trained.
    completions = TransformersEngine.for_stage(context, model, tokenizer).write(
        [row["prompt"] for row in rows],
        temperature=context.settings.generate.generation_temperature,
        seed=f"{context.seed}/probe",
    )
    columns_only = [{key: value for key, value in row.items() if key != "prompt"} for row in rows]
    values = evaluate(functions, context.settings.reinforce.weights, completions, columns_only)
    return {name: float(np.mean(rewards)) for name, rewards in values.items()}


def _handed_on(context: StageContext, measured: dict[str, float], probes: int) -> StageResult:
    """Copy the aligned model, byte for byte: it is its own result."""
    shutil.copytree(
        context.inputs["align"], context.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST)
    )
    figures = {"probe_prompts": probes, "before": measured, "after": measured, "curve": []}
    named = ", ".join(f"{name} {value:+.3f}" for name, value in measured.items() if name != "total")
    summary = (
        f"no steps, the aligned model is handed on as it is; on {probes} prompts of held-out users reward "
        f"{measured['total']:.3f} ({named})"
    )
    return StageResult(summary, figures)


def _result(trainer: Any, before: dict[str, float], after: dict[str, float], probes: int) -> StageResult:
    curve = [entry for entry in trainer.state.log_history if "reward" in entry]
    figures = {"probe_prompts": probes, "before": before, "after": after, "curve": curve}
    named = ", ".join(f"{name} {before[name]:+.3f} -> {after[name]:+.3f}" for name in before if name != "total")
    kl = next((entry["kl"] for entry in reversed(curve) if "kl" in entry), 0.0)
    summary = (
        f"{trainer.state.global_step} steps; on {probes} prompts of held-out users reward "
        f"{before['total']:.3f} -> {after['total']:.3f} ({named}), KL {kl:.3f}"
    )
    return StageResult(summary, figures)
