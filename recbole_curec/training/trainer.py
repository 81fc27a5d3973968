"""Common parts of SFT and GRPO: TRL arguments, resuming, saving, progress, and trainers without network access."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from recbole_curec.errors import CheckpointError, ConfigurationError
from recbole_curec.llm.dtypes import choose_dtype
from recbole_curec.llm.loading import BaseModel, save_model
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.processes import broadcast, is_sharded, on_main, share, world
from recbole_curec.settings.sections import TINY, LanguageModelSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.training.checkpoints import Checkpoints, last_checkpoint
from recbole_curec.training.divergence import Divergence

logger = logging.getLogger(__name__)

# What torch says of a file that was cut off or replaced.
_BROKEN_ARCHIVE = "PytorchStreamReader"
# Examples that a pretrained model computes at a time, unless the settings say otherwise.
_MICRO_BATCH = 4
# Tokens of which the length of a batch is a multiple on a CPU: a few lengths in place of hundreds.
_LENGTHS = 64
ROLLOUTS = "reinforce.prompts * reinforce.generations"


class OfflineTrainerMixin:
    """Stops a TRL trainer from sending telemetry and from writing model cards."""

    def _send_telemetry(self) -> None:
        """Do nothing: TRL would send usage data from every trainer's constructor."""

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the artifact's ``run.json`` replaces a model card."""


class ProgressBar(TrainerCallback):
    """One bar over optimiser steps that shows the latest logged value, in place of the trainer's printed dicts.

    Attributes:
        description: Its label, the name of the stage.
    """

    def __init__(self, description: str, shown: str, enabled: bool) -> None:
        self.description, self._shown, self._enabled = description, shown, enabled
        self._bar: tqdm[Any] | None = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the bar where a resumed run left off."""
        self._bar = tqdm(
            total=state.max_steps,
            initial=state.global_step,
            desc=self.description,
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
    """Train, from the last complete checkpoint if there is one.

    Raises:
        CheckpointError: A file of the checkpoint is damaged, or holds more than plain data.
        DivergedError: The weights are no longer finite.
    """
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(bar)
    trainer.add_callback(Divergence(bar.description))
    trainer.add_callback(Checkpoints(scratch))
    # All processes resume from the checkpoint that rank 0 finds, because files may still be being written.
    checkpoint = broadcast((last_checkpoint(scratch) or "") if world().is_main else "")
    try:
        trainer.train(resume_from_checkpoint=checkpoint or None)
    except (UnpicklingError, SafetensorError, EOFError, OSError, RuntimeError) as error:
        if not checkpoint or not _tells_of_damage(error):
            raise
        raise CheckpointError(
            f"'{checkpoint}' cannot be read ({type(error).__name__}): delete it and run the same command, which goes "
            "on from an earlier checkpoint or trains this stage again."
        ) from error


def _tells_of_damage(error: Exception) -> bool:
    """Whether torch or safetensors raises this for a file that is cut off or no archive of plain data."""
    if isinstance(error, OSError):
        return error.errno == errno.EINVAL  # torch looks for the end of an archive before its beginning
    return not isinstance(error, RuntimeError) or _BROKEN_ARCHIVE in str(error)


def save_trained(trainer: Any, tokenizer: PreTrainedTokenizerBase, folder: Path, base: BaseModel | None) -> Any:
    """Save the trained language model, gathered from all processes if sharded, and return it without wrappers."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    state = None
    if is_sharded():
        wrapped = trainer.deepspeed if trainer.is_deepspeed_enabled else trainer.model
        state = trainer.accelerator.get_state_dict(wrapped)
    on_main(lambda: save_model(model, tokenizer, folder, base, state))
    return model


def check_launch(settings: Settings) -> None:
    """Check the settings against the number of processes and their launcher before anything is loaded.

    Raises:
        ConfigurationError: A batch cannot be split evenly over the processes or into micro-batches, or the language
            model cannot be sharded.
    """
    align, reinforce, llm = settings.align, settings.reinforce, settings.llm
    micro_batches(llm, "align.batch_size", align.batch_size, align.micro_batch_size)
    micro_batches(llm, ROLLOUTS, reinforce.prompts * reinforce.generations, reinforce.micro_batch_size)
    if is_sharded() and (llm.name == TINY or llm.quantization != "none"):
        what = "llm: tiny" if llm.name == TINY else f"quantization: {llm.quantization}"
        raise ConfigurationError(
            f"{what} cannot be split over processes (FSDP, DeepSpeed): start it with torchrun, or with the accelerate "
            "configuration ddp.yaml."
        )


def common_arguments(
    llm: LanguageModelSettings, workspace: Workspace, *, steps: int, save_steps: int
) -> dict[str, Any]:
    """Trainer arguments shared by both stages.

    Args:
        llm: Settings of the language model.
        workspace: Device, folder of checkpoints, and seed.
        steps: Optimiser steps.
        save_steps: Steps between checkpoints.
    """
    device = workspace.device
    on_cpu = device.type == "cpu"
    checkpointing = not on_cpu if llm.gradient_checkpointing is None else llm.gradient_checkpointing
    return {
        "output_dir": str(workspace.scratch),
        "max_steps": steps,
        "save_steps": save_steps,
        "save_total_limit": None,  # Checkpoints deletes them
        "logging_steps": max(1, min(10, steps // 10)),
        "seed": workspace.seed,
        "data_seed": workspace.seed,
        "report_to": [],
        "disable_tqdm": True,
        "use_cpu": on_cpu,
        "bf16": choose_dtype(llm, device) == torch.bfloat16,
        "gradient_checkpointing": checkpointing,
        "gradient_checkpointing_kwargs": {"use_reentrant": False} if checkpointing else None,
        "dataloader_pin_memory": not on_cpu,
        # oneDNN keeps a kernel and its memory for every length of a batch that it meets.
        "pad_to_multiple_of": _LENGTHS if on_cpu and llm.is_pretrained else None,
        "lr_scheduler_type": "cosine",
    }


def micro_batches(llm: LanguageModelSettings, name: str, total: int, size: int | None) -> dict[str, int]:
    """Trainer arguments that compute a batch a few examples at a time, and take one optimiser step for all of it.

    Args:
        llm: Settings of the language model; the tiny one computes the whole batch at once unless told otherwise.
        name: Setting of the batch size, for the message.
        total: Batch size of the whole run.
        size: Examples at a time; None takes the largest number up to four that divides the batch evenly.

    Raises:
        ConfigurationError: The batch cannot be split evenly.
    """
    own = share(name, total)
    even = [count for count in range(1, own + 1) if own % count == 0]
    if size is None:
        size = own if llm.name == TINY else max(count for count in even if count <= _MICRO_BATCH)
    if size not in even:
        raise ConfigurationError(
            f"{name.partition('.')[0]}.micro_batch_size: {size} does not divide the {own} examples that a process "
            f"computes per step ({name}): give one of {', '.join(map(str, even))}."
        )
    return {"per_device_train_batch_size": size, "gradient_accumulation_steps": own // size}
