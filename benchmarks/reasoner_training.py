"""Examples per second of SFT and completions per second of GRPO, beside what TRL does of them."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from finished_run import FinishedRun
from measuring import summary
from transformers import TrainerCallback
from trl import SFTTrainer

from recbole_curec.correction.select import run_selection
from recbole_curec.data.user_split import UserSplit
from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.engines.in_memory import InMemoryEngines
from recbole_curec.llm.loading import load_model
from recbole_curec.llm.tiny_model import freeze_terms
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.fitting import fit_prompt
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.tasks import Example, ExampleFactory
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.reward import RewardRequest, prepare_rewards, weights_by_name
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.sections import TINY
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.align import draw_examples
from recbole_curec.stages.reinforce import prompt_rows
from recbole_curec.training.grpo import ReinforceTrainer, grpo_arguments, new_trainer
from recbole_curec.training.sft import AlignTrainer, sft_arguments, supervised
from recbole_curec.training.trainer import OfflineTrainerMixin, ProgressBar, run_trainer

# Steps that are not timed: the first ones allocate memory.
_WARM = 3


class StepTimes(TrainerCallback):
    """Seconds of every optimiser step but the first ones.

    Attributes:
        seconds: One per timed step.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._start = 0.0

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the clock; a step's data is generated within it."""
        self._start = perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop the clock."""
        if state.global_step > _WARM:
            self.seconds.append(perf_counter() - self._start)


class PlainTrainer(OfflineTrainerMixin, SFTTrainer):  # type: ignore[misc]
    """TRL's SFT trainer as it is, but offline."""


def sft(steps: int, rounds: int, run: FinishedRun) -> dict[str, Any]:
    """Examples per second of our SFT trainer and of TRL's, in turn."""
    settings = run.changed(align={"steps": steps + _WARM})
    examples = _examples(run, settings)
    speeds: dict[str, list[float]] = {"curec": [], "trl": []}
    for turn in range(rounds):
        for name, trainer_class in (("curec", AlignTrainer), ("trl", PlainTrainer)):
            workspace = run.workspace(f"sft-{name}-{turn}")
            model, tokenizer = load_model(run.artifacts["align"].folder, trainable=True, device=run.device)
            if settings.llm.name == TINY:
                freeze_terms(model, tokenizer)
            trainer = trainer_class(
                model=model,
                args=sft_arguments(settings.align, settings.llm, workspace),
                train_dataset=supervised(examples, tokenizer, settings.llm),
                processing_class=tokenizer,
            )
            timed = _timed(trainer, workspace, f"sft, {name}")
            speeds[name] += [settings.align.batch_size / one for one in timed.seconds]
    figures = {name: summary(values) for name, values in speeds.items()}
    ratio = figures["curec"]["median"] / figures["trl"]["median"]
    return {"examples_per_second": figures, "batch": settings.align.batch_size, "ratio": round(ratio, 2)}


def grpo(steps: int, rounds: int, run: FinishedRun) -> dict[str, Any]:
    """Completions per second of GRPO, generation and rewards included.

    It is taken in turn with the same trainer that leaves generation to transformers and pads, every rollout with a copy
    of its prompt, as TRL does.
    """
    settings = run.changed(reinforce={"steps": steps + _WARM})
    size = settings.reinforce.prompts * settings.reinforce.generations
    speeds: dict[str, list[float]] = {"curec": [], "padded": []}
    for turn in range(rounds):
        for name in speeds:
            workspace = run.workspace(f"grpo-{name}-{turn}")
            trainer = _grpo_trainer(run, settings, workspace, padded=name == "padded")
            speeds[name] += [size / one for one in _timed(trainer, workspace, f"grpo, {name}").seconds]
    figures = {name: summary(values) for name, values in speeds.items()}
    ratio = figures["curec"]["median"] / figures["padded"]["median"]
    return {"completions_per_second": figures, "completions_per_step": size, "ratio": round(ratio, 2)}


def _grpo_trainer(run: FinishedRun, settings: Settings, workspace: Workspace, *, padded: bool) -> ReinforceTrainer:
    folders = {name: made.folder for name, made in run.artifacts.items()}
    scorer = RewardScorer.load(folders["reward"], run.collected.history)
    weights = weights_by_name(settings.reinforce.weights)
    request = RewardRequest(scorer, checker_of(run.collected.catalog), settings)
    rewards = prepare_rewards(settings.reinforce.weights, request)
    used = {name: reward for name, reward in rewards.items() if weights.get(name, 0.0)}
    model, tokenizer = load_model(folders["align"], trainable=True, device=run.device)
    prompts, longest = prompt_builder(settings), settings.llm.max_prompt_tokens

    def write(request: ReasonRequest) -> Any:
        return fit_prompt(tokenizer, prompts.reason(request.evidence, request.earlier, request.failure), longest)

    rows, _ = prompt_rows(_mix(run, settings), UserSplit.load(folders["reward"]), settings.reinforce, write, run.seed)
    trainer = new_trainer(
        model,
        tokenizer,
        rows,
        used,
        grpo_arguments(settings.reinforce, settings.llm, workspace, [weights[name] for name in used]),
        tiny_folder=folders["align"] if settings.llm.name == TINY else None,
    )
    if padded:
        trainer.packs = False
    else:
        opened = EngineRequest(folders["align"], "reinforce", workspace.scratch, run.seed, run.device, settings)
        engines = InMemoryEngines(ENGINE.entries(settings)[0], opened, tokenizer)
        trainer.sampler = engines.sampler(model, settings.reinforce.generations, settings.reinforce.temperature)
    return trainer


def _examples(run: FinishedRun, settings: Settings) -> list[Example]:
    """As many alignment examples as stage 2 would draw for its steps."""
    factory = ExampleFactory(
        run.collected.builder(settings.collect),
        _teacher(run),
        _mix(run, settings),
        prompt_builder(settings),
        np.random.default_rng(run.seed),
    )
    return draw_examples(factory, settings.align, settings.llm, progress=False)


def _mix(run: FinishedRun, settings: Settings) -> PromptMix:
    """What the prompts of training show."""
    rows = run_selection(run.collected.history, settings.select, run.seed)
    return PromptMix(rows, run.collected.builder(settings.collect), _teacher(run), settings.select)


def _teacher(run: FinishedRun) -> EvidenceTeacher:
    return EvidenceTeacher(checker_of(run.collected.catalog), run.seed)


def _timed(trainer: Any, workspace: Workspace, description: str) -> StepTimes:
    times = StepTimes()
    trainer.add_callback(times)
    run_trainer(trainer, workspace.scratch, ProgressBar(description, "loss", False))
    return times
