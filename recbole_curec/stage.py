"""What a pipeline stage is: the context it gets and the result it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from recbole_curec.artifacts import Artifact
from recbole_curec.data.history import TrainHistory
from recbole_curec.settings import Settings


@dataclass(frozen=True)
class DataSource:
    """What stage 1 reads: the training split and the item file, with how the file is written."""

    history: TrainHistory
    item_file: Path
    item_field: str
    separator: str = "\t"
    seq_separator: str = " "
    encoding: str = "utf-8"


@dataclass(frozen=True)
class StageContext:
    """Everything a stage may use.

    Attributes:
        settings: All settings.
        source: The dataset; only ``collect`` reads it.
        folder: Where the stage writes its artifact.
        scratch: Where it keeps checkpoints; what an interrupted run left is still there.
        inputs: Folder of every upstream artifact, by stage.
        seed: Seed of every random choice.
        device: Where models run.
        show_progress: Whether progress bars are drawn.
    """

    settings: Settings
    source: DataSource
    folder: Path
    scratch: Path
    inputs: Mapping[str, Path]
    seed: int
    device: torch.device
    show_progress: bool = True


@dataclass(frozen=True)
class StageResult:
    """What a stage reports: one line for people, figures for ``run.json``."""

    summary: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline.

    Attributes:
        name: Name, also of the artifact.
        groups: Settings groups whose values the artifact depends on.
        needs: Stages whose artifacts it reads.
        run: Makes the artifact.
        gate: Checks, at every run and before the stage is begun, whether earlier artifacts allow it.
        distributed: Whether it runs on every process of the run, not on the first one alone.
    """

    name: str
    groups: tuple[str, ...]
    needs: tuple[str, ...]
    run: Callable[[StageContext], StageResult]
    gate: Callable[[Settings, Mapping[str, Artifact]], None] | None = None
    distributed: bool = False
