"""Examples per second of SFT, beside TRL's own trainer, and completions per second of GRPO."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from measuring import summary
from recbole_curec.rewards.functions import reward_functions
from transformers import TrainerCallback
from trl import SFTTrainer

from recbole_curec.data.collected import Collected
from recbole_curec.llm.loading import load_model
from recbole_curec.llm.tiny_model import freeze_terms
from recbole_curec.pipeline.stage import StageContext
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.settings.sections import TINY
from recbole_curec.settings.settings import Settings
from recbole_curec.training.grpo import new_trainer, prompt_rows
from recbole_curec.training.sft import AlignTrainer, draw_examples, sft_arguments, supervised
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


def sft(
    steps: int, rounds: int, collected: Collected, settings: Settings, context: Callable[..., StageContext]
) -> dict[str, Any]:
    """Examples per second of our SFT trainer and of TRL's, in turn."""
    changed = settings.model_copy(update={"align": settings.align.model_copy(update={"sft_steps": steps + _WARM})})
    examples, *_ = draw_examples(collected, changed, context("sft").seed, progress=False)
    speeds: dict[str, list[float]] = {"curec": [], "trl": []}
    for turn in range(rounds):
        for name, trainer_class in (("curec", AlignTrainer), ("trl", PlainTrainer)):
            here = context(f"sft-{name}-{turn}", changed)
            model, tokenizer = load_model(here.inputs["align"], trainable=True, device=here.device)
            if settings.align.llm == TINY:
                freeze_terms(model, tokenizer)
            trainer = trainer_class(
                model=model,
                args=sft_arguments(changed.align, here),
                train_dataset=supervised(examples, tokenizer, changed.align),
                processing_class=tokenizer,
            )
            timed = _timed(trainer, here, f"sft, {name}")
            speeds[name] += [settings.align.sft_batch_size / one for one in timed.seconds]
    figures = {name: summary(values) for name, values in speeds.items()}
    ratio = figures["curec"]["median"] / figures["trl"]["median"]
    return {"examples_per_second": figures, "batch": settings.align.sft_batch_size, "ratio": round(ratio, 2)}


def grpo(steps: int, collected: Collected, settings: Settings, context: Callable[..., StageContext]) -> dict[str, Any]:
    """Completions per second of GRPO, generation and rewards included."""
    changed = settings.model_copy(
        update={"reinforce": settings.reinforce.model_copy(update={"rl_steps": steps + _WARM})}
    )
    here = context("grpo", changed)
    functions = reward_functions(
        RewardScorer.load(here.inputs["reward"], collected.history), GroundingChecker(collected.catalog)
    )
    model, tokenizer = load_model(here.inputs["align"], trainable=True, device=here.device)
    rows, _ = prompt_rows(collected, changed, tokenizer, here.seed)
    trainer = new_trainer(here, model, tokenizer, rows, functions)
    timed = _timed(trainer, here, "grpo")
    size = settings.reinforce.rl_prompts * settings.reinforce.rl_generations
    return {"completions_per_second": summary([size / one for one in timed.seconds]), "completions_per_step": size}


def _timed(trainer: Any, context: StageContext, description: str) -> StepTimes:
    times = StepTimes()
    trainer.add_callback(times)
    run_trainer(trainer, context.scratch, ProgressBar(description, "loss", False))
    return times
