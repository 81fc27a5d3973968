"""What SFT and GRPO have in common: TRL arguments for this machine, resuming, and a quiet trainer."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback

logger = logging.getLogger(__name__)


class OfflineTrainerMixin:
    """Keeps a TRL trainer from calling home and from writing model cards."""

    def _send_telemetry(self) -> None:
        """TRL posts usage data from every trainer's constructor; a run makes no network calls."""

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """The artifact's ``run.json`` takes the place of a model card."""


class ProgressBar(TrainerCallback):
    """One bar over optimiser steps that shows the latest logged value, in place of the trainer's printed dicts."""

    def __init__(self, description: str, shown: str, enabled: bool) -> None:
        self._description, self._shown, self._enabled = description, shown, enabled
        self._bar: tqdm[Any] | None = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar where a resumed run left off."""
        self._bar = tqdm(
            total=state.max_steps,
            initial=state.global_step,
            desc=self._description,
            unit="step",
            disable=not self._enabled,
        )

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Advance."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Show the latest value."""
        value = (kwargs.get("logs") or {}).get(self._shown)
        if self._bar is not None and value is not None:
            self._bar.set_postfix({self._shown: f"{float(value):.3f}"})

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()


def run_trainer(trainer: Any, scratch: Path, bar: ProgressBar) -> None:
    """Train, from the last complete checkpoint if there is one."""
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(bar)
    trainer.train(resume_from_checkpoint=last_checkpoint(scratch))


def common_arguments(scratch: Path, device: torch.device, *, steps: int, save_steps: int, seed: int) -> dict[str, Any]:
    """Trainer arguments both stages share.

    Args:
        scratch: Where checkpoints go.
        device: CPU or CUDA; bf16 and gradient checkpointing are used on CUDA only.
        steps: Optimiser steps.
        save_steps: Steps between checkpoints.
        seed: Seed of data order, sampling and dropout.
    """
    on_cpu = device.type == "cpu"
    return {
        "output_dir": str(scratch),
        "max_steps": steps,
        "save_steps": save_steps,
        "save_total_limit": 2,
        "logging_steps": max(1, min(10, steps // 10)),
        "seed": seed,
        "data_seed": seed,
        "report_to": [],
        "disable_tqdm": True,
        "use_cpu": on_cpu,
        "bf16": not on_cpu and torch.cuda.is_bf16_supported(),
        "gradient_checkpointing": not on_cpu,
        "dataloader_pin_memory": not on_cpu,
        "lr_scheduler_type": "cosine",
    }


def last_checkpoint(scratch: Path) -> str | None:
    """The newest complete checkpoint an interrupted run left, if any."""
    complete = [path for path in scratch.glob("checkpoint-*") if _is_complete(path)]
    if not complete:
        return None
    newest = max(complete, key=lambda path: int(path.name.rsplit("-", 1)[1]))
    logger.info("continuing from %s", newest.name)
    return str(newest)


def _is_complete(checkpoint: Path) -> bool:
    # The trainer's state is written last; a kill may have cut it off or left it out.
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
