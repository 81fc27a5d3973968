"""What happens during GRPO: rollouts and held-out scores, a file per step, so that a resumed run repeats none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from recbole_curec.atomic_write import write_text, write_whole
from recbole_curec.rewards.reward import completion_text
from recbole_curec.settings.sections import ReinforceSettings
from recbole_curec.training.held_out import HeldOut

COMPLETIONS = "completions.parquet"


class RolloutLog:
    """Keeps the rollouts of evenly spread steps.

    A step's file is written before any checkpoint that holds the step; a step that a resumed run takes again writes
    the same file again.

    Args:
        scratch: Where the files go.
        settings: How many steps there are, and how many rollouts may be kept.
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

    def write(
        self,
        step: int,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        rewards: Mapping[str, Sequence[float]],
        advantages: Sequence[float],
        users: Sequence[int],
        items: Sequence[int],
    ) -> None:
        """Keep the rollouts of a step, if it is one of those that are kept."""
        if step not in self.steps:
            return
        table = pd.DataFrame(
            {
                "step": step,
                "user": [str(self._user_tokens[user]) for user in users],
                "item": [str(self._item_tokens[item]) for item in items],
                "prompt": [str(prompt[-1]["content"]) for prompt in prompts],
                "completion": [completion_text(completion) for completion in completions],
                **{f"reward_{name}": list(values) for name, values in rewards.items()},
                "advantage": list(advantages),
            }
        )
        write_whole({self._path(step): lambda path: table.to_parquet(path, index=False)})

    def collect(self, folder: Path) -> None:
        """Put all of them into the artifact, in the order of the steps."""
        if self.steps:
            parts = [pd.read_parquet(self._path(step)) for step in sorted(self.steps)]
            pd.concat(parts, ignore_index=True).to_parquet(folder / COMPLETIONS, index=False)

    def _path(self, step: int) -> Path:
        return self._scratch / f"completions-{step:07d}.parquet"


class Watch(TrainerCallback):
    """Scores held-out prompts while training, to show a reward that is gamed as it happens.

    Args:
        held_out: The prompts; None watches nothing.
        every: Steps between two looks; the last step is looked at too.
        scratch: Where the scores go, before the step's checkpoint.
        unwrap: Gives the language model inside what the trainer trains.
    """

    def __init__(
        self, held_out: HeldOut | None, every: int, scratch: Path, unwrap: Callable[[Any], Any] = lambda model: model
    ) -> None:
        self._held_out, self._every, self._scratch, self._unwrap = held_out, every, scratch, unwrap

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Write for the held-out prompts and score what was written; training goes on as if nothing had happened."""
        due = state.global_step % self._every == 0 or state.global_step == state.max_steps
        if not due or self._held_out is None or not state.is_world_process_zero:
            return
        model = self._unwrap(kwargs["model"])
        training = model.training
        cuda = [args.device.index or 0] if args.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):
            measured = self._held_out.measure(self._held_out.write(model))
        model.train(training)
        write_text(self._path(state.global_step), json.dumps(measured))

    def scores(self) -> dict[int, dict[str, float]]:
        """What was measured, by step."""
        return {
            int(path.stem.rsplit("-", 1)[1]): json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self._scratch.glob("held-out-*.json"))
        }

    def _path(self, step: int) -> Path:
        return self._scratch / f"held-out-{step:07d}.json"
