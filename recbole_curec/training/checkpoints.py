"""Checkpoints of a language model in training: sealed when they are whole, known by their step, never by their time."""

from __future__ import annotations

import json
import logging
import re
import shutil
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from recbole_curec.pipeline.seals import SEAL, folder_fault, seal_folder
from recbole_curec.processes import on_main, wait_for_all

logger = logging.getLogger(__name__)

_KEPT = 2
_NAME = re.compile(r"checkpoint-(\d+)")


class Checkpoints(TrainerCallback):
    """Seals every checkpoint when all processes have written it, and deletes those before the last two.

    The trainer itself deletes by modification time: after the clock was set back, that is the one just written.

    Args:
        scratch: Folder of the checkpoints.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Seal the checkpoint of this step."""
        wait_for_all()
        on_main(lambda: self._seal(state.global_step))

    def _seal(self, step: int) -> None:
        found = _by_step(self._scratch)
        seal_folder(found[step])
        for other in sorted(found, key=lambda other: (other <= step, other))[:-_KEPT]:
            shutil.rmtree(found[other])


def last_checkpoint(scratch: Path) -> str | None:
    """The newest undamaged checkpoint of an interrupted run; None if there is none. A damaged one is warned of."""
    found = _by_step(scratch)
    for step in sorted(found, reverse=True):
        if not _is_complete(found[step]):
            continue
        if fault := folder_fault(found[step]):
            logger.warning("%s is damaged (%s): it is left out, and its steps are trained again.", found[step], fault)
            continue
        logger.info("continuing from %s", found[step].name)
        return str(found[step])
    return None


def _by_step(scratch: Path) -> dict[int, Path]:
    named = ((_NAME.fullmatch(path.name), path) for path in scratch.glob("checkpoint-*"))
    return {int(match[1]): path for match, path in named if match}


def _is_complete(checkpoint: Path) -> bool:
    """Whether every file that a resumed training reads exists and is not empty.

    The trainer's state is written last; after a crash or on a full disk it may be truncated or missing.
    """
    try:
        state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(state, dict) or "global_step" not in state:
        return False
    files = [path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL]
    weights = any(path.suffix in (".safetensors", ".bin", ".pt", ".distcp") for path in files)
    return weights and all(path.stat().st_size for path in files)
