"""Stops a training whose weights are no longer numbers, before such a model is saved or generates."""

from __future__ import annotations

from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from recbole_curec.errors import DivergedError


class Divergence(TrainerCallback):
    """Checks after every optimiser step that all trained weights are finite.

    Args:
        stage: Stage that trains, whose settings the message names.
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: Any
    ) -> None:
        """Check the weights.

        Raises:
            DivergedError: One of them is infinite or not a number.
        """
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if all(bool(torch.isfinite(parameter.detach()).all()) for parameter in trained):
            return
        raise DivergedError(
            f"The training of stage '{self._stage}' diverged at step {state.global_step} of {state.max_steps}: its "
            f"weights are no longer finite: lower {self._stage}.learning_rate (now {args.learning_rate:g}), or set "
            "llm.dtype: float32."
        )
