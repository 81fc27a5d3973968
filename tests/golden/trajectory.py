"""The trajectory of a small run, and how it is recorded: losses, rewards, reasons, features and metrics.

    python -m tests.golden.trajectory

writes ``trajectory.json`` beside this file. Record it again only where a change is meant to change results, in a commit
that says so.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import recbole_curec as curec
from tests.pipeline_runs import SharedRun, make_run

TRAJECTORY = Path(__file__).with_name("trajectory.json")


def trajectory(shared: SharedRun) -> dict[str, Any]:
    """What every stage of a run of CURec over SASRec on sixteen items computed."""
    run = shared.result
    figures = {name: json.loads((path / "run.json").read_text())["figures"] for name, path in run.artifacts.items()}
    curves = pd.read_csv(run.artifacts["reinforce"] / "training_curves.csv")
    reasons, features = curec.load_reasons(run), curec.load_features(run)
    return {
        "sft_losses": figures["align"].pop("loss_by_step"),
        "figures": figures,
        "curves": {name: [None if pd.isna(value) else float(value) for value in curves[name]] for name in curves},
        "reasons": [
            {name: row[name] for name in ("user", "item", "position", "draft", "text", "outcome", "rewards")}
            for row in reasons.to_dict("records")
        ],
        "features": {name: getattr(features, name).astype(float).round(6).tolist() for name in ("item", "user")},
        "metrics": {
            model.name: {
                split: {name: float(value) for name, value in getattr(model, split).items()}
                for split in ("valid", "test")
            }
            for model in run.models
        },
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        recorded = trajectory(make_run(Path(place)))
        TRAJECTORY.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
