"""Logs of GRPO: rollouts and held-out scores, one file per step, so that a resumed run has each step once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from recbole_curec.atomic_write import write_text_to
from recbole_curec.errors import in_one_line
from recbole_curec.llm.messages import without_begun
from recbole_curec.pipeline.seals import sealed_fault, sealed_files, write_sealed
from recbole_curec.rewards.reward import completion_text
from recbole_curec.settings.sections import ReinforceSettings
from recbole_curec.training.held_out_prompts import HeldOutPrompts

logger = logging.getLogger(__name__)

COMPLETIONS = "completions.parquet"


@dataclass(frozen=True)
class Rollout:
    """One completion of a step of GRPO.

    Attributes:
        user: User id.
        item: Item id.
        prompt: Chat messages.
        completion: The completion, as TRL's messages or as a string.
        rewards: Rewards by name.
        advantage: Advantage computed from the rewards of the group.
    """

    user: int
    item: int
    prompt: Any
    completion: Any
    rewards: Mapping[str, float]
    advantage: float


class RolloutLog:
    """Keeps the rollouts of evenly spread steps.

    A step's file is written before any checkpoint that includes the step; a step that a resumed run repeats overwrites
    the file.

    Args:
        scratch: Folder of the files.
        settings: Number of steps, and of rollouts that may be kept.
        user_tokens: Original ids of users.
        item_tokens: Original ids of items.
    """

    def __init__(
        self, scratch: Path, settings: ReinforceSettings, user_tokens: NDArray[np.str_], item_tokens: NDArray[np.str_]
    ) -> None:
        self._scratch, self._user_tokens, self._item_tokens = scratch, user_tokens, item_tokens
        size, limit = settings.prompts * settings.generations, settings.logged_completions
        kept = min(settings.steps, limit // size)
        # Step k * steps / kept, rounded up, for k = 1 .. kept: the last step is always among them.
        self.steps = {-(-number * settings.steps // kept) for number in range(1, kept + 1)} if kept else set()

    def write(self, step: int, rollouts: Sequence[Rollout]) -> None:
        """Write the rollouts of a step, if it is one of the kept steps."""
        if step not in self.steps:
            return
        rows = [
            {
                "step": step,
                "user": str(self._user_tokens[one.user]),
                "item": str(self._item_tokens[one.item]),
                "prompt": str(without_begun(one.prompt)[-1]["content"]),
                "completion": completion_text(one.completion),
                **{f"reward_{name}": value for name, value in one.rewards.items()},
                "advantage": one.advantage,
            }
            for one in rollouts
        ]
        table = pd.DataFrame(rows)
        write_sealed(self._path(step), lambda path: table.to_parquet(path, index=False))

    def collect(self, folder: Path) -> None:
        """Write all kept rollouts to one file of the artifact, in the order of the steps.

        A step whose file is missing or damaged is left out with a warning, since it cannot be repeated.
        """
        parts = [part for step in sorted(self.steps) if (part := self._read(step)) is not None]
        if parts:
            pd.concat(parts, ignore_index=True).to_parquet(folder / COMPLETIONS, index=False)

    def _read(self, step: int) -> pd.DataFrame | None:
        path = self._path(step)
        try:
            if not (fault := sealed_fault(path)):
                return pd.read_parquet(path)
        except (OSError, ValueError) as error:  # pyarrow's errors are among these
            fault = in_one_line(error)
        logger.warning("the rollouts of step %d are left out of the log: %s", step, fault)
        return None

    def _path(self, step: int) -> Path:
        return self._scratch / f"completions-{step:07d}.parquet"


class Watch(TrainerCallback):
    """Measures held-out prompts during training, to reveal reward gaming early.

    Args:
        held_out: The prompts; None measures nothing.
        every: Steps between two measurements; the last step is always measured.
        scratch: Folder of the scores, which are written before the step's checkpoint.
        unwrap: Returns the language model without the trainer's wrappers.
    """

    def __init__(
        self,
        held_out: HeldOutPrompts | None,
        every: int,
        scratch: Path,
        unwrap: Callable[[Any], Any] = lambda model: model,
    ) -> None:
        self._held_out, self._every, self._scratch, self._unwrap = held_out, every, scratch, unwrap

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Generate for the held-out prompts and measure the completions, without effect on the training."""
        due = state.global_step % self._every == 0 or state.global_step == state.max_steps
        if not due or self._held_out is None or not state.is_world_process_zero:
            return
        model = self._unwrap(kwargs["model"])
        training = model.training
        cuda = [args.device.index or 0] if args.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):
            measured = self._held_out.measure(self._held_out.write(model))
        model.train(training)
        write_sealed(self._path(state.global_step), write_text_to(json.dumps(measured)))

    def scores(self) -> dict[int, dict[str, float]]:
        """Measurements by step; a damaged file is left out with a warning."""
        found: dict[int, dict[str, float]] = {}
        for path in sealed_files(self._scratch, "held-out-*.json"):
            try:
                if not (fault := sealed_fault(path)):
                    found[int(path.stem.rsplit("-", 1)[1])] = dict(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError) as error:
                fault = in_one_line(error)
            if fault:
                logger.warning("%s is left out of the curves: %s", path.name, fault)
        return found

    def _path(self, step: int) -> Path:
        return self._scratch / f"held-out-{step:07d}.json"
