"""The record of a run beside its checkpoint: which models were trained together, and their metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import write_text
from recbole_curec.errors import CheckpointError
from recbole_curec.pipeline.hashes import checksum_fits, with_checksum

# Roles of the models of a run.
FULL, TEXT_ONLY, IDS_ONLY = "full", "text only", "ids only"


@dataclass(frozen=True)
class RecordedModel:
    """One model of a run.

    Attributes:
        role: :data:`FULL`, :data:`TEXT_ONLY` or :data:`IDS_ONLY`.
        name: Its name in tables.
        checkpoint: Its checkpoint.
        valid: Validation metrics of the best epoch.
        test: Test metrics of that epoch's checkpoint.
        test_without_history: The same with the user's history left out of the list; empty for models whose lists
            never hold it, and in records from before it was measured.
    """

    role: str
    name: str
    checkpoint: Path
    valid: Mapping[str, float]
    test: Mapping[str, float]
    test_without_history: Mapping[str, float] = field(default_factory=dict)


def record_path(checkpoint: Path) -> Path:
    """Where the record of a run lies whose requested model has this checkpoint."""
    return checkpoint.with_suffix(".run.json")


def write_run_record(models: Sequence[RecordedModel]) -> None:
    """Write the record beside the first model's checkpoint; checkpoints are named without their folder."""
    rows = [
        {
            "role": model.role,
            "name": model.name,
            "checkpoint": model.checkpoint.name,
            "valid": {metric: float(value) for metric, value in model.valid.items()},
            "test": {metric: float(value) for metric, value in model.test.items()},
            **_given("test_without_history", model.test_without_history),
        }
        for model in models
    ]
    write_text(record_path(models[0].checkpoint), json.dumps(with_checksum({"models": rows}), indent=2) + "\n")


def _given(name: str, metrics: Mapping[str, float]) -> dict[str, dict[str, float]]:
    return {name: {metric: float(value) for metric, value in metrics.items()}} if metrics else {}


def read_run_record(checkpoint: Path) -> list[RecordedModel]:
    """The models of the run that wrote a checkpoint, the requested one first; empty if there is no record.

    Raises:
        CheckpointError: The record is damaged.
    """
    path = record_path(checkpoint)
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not checksum_fits(content):
            raise ValueError("it was altered")
        return [_model(row, path.parent) for row in content["models"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"'{path}' is not the record of a run ({type(error).__name__}): delete it, which leaves out the models "
            "that were trained beside this one, or train again."
        ) from error


def _model(row: Mapping[str, Any], folder: Path) -> RecordedModel:
    # Only the name is taken: a record names files of its own folder.
    checkpoint = folder / Path(str(row["checkpoint"])).name
    parts = (row["valid"], row["test"], row.get("test_without_history", {}))
    metrics = [{str(name): float(value) for name, value in part.items()} for part in parts]
    return RecordedModel(str(row["role"]), str(row["name"]), checkpoint, *metrics)
