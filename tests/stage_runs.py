"""Runs of some of the stages, and what a language model learns from in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from recbole.data import create_dataset

from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines.curec import curec_pipeline
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.features import artifact_root, data_source
from recbole_curec.settings.travel import settings_of
from recbole_curec.training import sft
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import FAST, layered


def run_until(stage: str, atomic: AtomicDataset, folder: Path, **overrides: Any) -> dict[str, Artifact]:
    """A stage and those it needs, by settings under full or flat names; artifacts below ``folder``."""
    given = {**FAST, "data_path": str(atomic.root), "checkpoint_dir": str(folder)}
    config = load_config("CURec", atomic.name, (), layered(given, overrides))
    settings, history = settings_of(config), create_dataset(config).build()[0].train_history()
    pipeline = curec_pipeline(settings, data_source(config, history))
    return pipeline.run(settings, artifact_root(config), config["device"], [stage], show_progress=False)


def spy_on_alignment(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every completion that a language model is aligned to from now on."""
    learnt: list[str] = []
    original = sft.AlignTrainer

    def spy(*args: Any, **arguments: Any) -> Any:
        for row in arguments["train_dataset"]:
            told = [token for token, kept in zip(row["input_ids"], row["completion_mask"], strict=True) if kept]
            learnt.append(arguments["processing_class"].decode(told))
        return original(*args, **arguments)

    monkeypatch.setattr(sft, "AlignTrainer", spy)
    return learnt
