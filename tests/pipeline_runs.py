"""Small runs of the whole pipeline, shared by the tests of resume and of the time rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recbole.data import create_dataset
from recbole.utils import init_seed

from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines import curec as pipeline
from recbole_curec.plugin.config import load_config
from tests.conftest import AtomicDataset

FAST: dict[str, Any] = {
    "tiny_hidden_size": 32, "tiny_layers": 1, "tiny_vocab_size": 400, "sft_steps": 6, "sft_batch_size": 8,
    "sft_save_steps": 3, "max_reason_tokens": 24, "reward_positives": 24, "reward_base_epochs": 1, "reward_epochs": 2,
    "reward_text_dim": 8, "reward_hidden_size": 8, "reward_probes": 2, "rl_steps": 4, "rl_prompts": 2,
    "rl_generations": 2, "rl_save_steps": 2, "rl_probe_prompts": 4, "reasons_per_item": 2, "correct_rounds": 1,
    "correct_candidates": 1, "generation_batch_size": 8, "feature_dim": 8, "epochs": 1, "show_progress": False,
    "reward_floors": {"auc": 0.0, "another_user": 0.0, "another_item": 0.0, "shuffled": 0.0},
    "reward_calibration_ceiling": 1.0, "rl_watch_prompts": 2,
    "hidden_size": 16, "inner_size": 16, "n_layers": 1, "n_heads": 1,
}  # fmt: skip
TOPICS = ("crime", "space", "music", "garden")


def write_topics(atomic: AtomicDataset, rows: list[tuple[Any, ...]] | None = None) -> None:
    """Sixteen items of four topics; every user stays with one topic."""
    items = [(f"i{k}", f"{TOPICS[k % 4].title()} Story {k}", TOPICS[k % 4].title()) for k in range(16)]
    atomic.write("item", "item_id:token title:token_seq topic:token", items)
    columns = "user_id:token item_id:token timestamp:float review:token_seq"
    atomic.write("inter", columns, topic_rows() if rows is None else rows)


def topic_rows(n_users: int = 12, length: int = 6) -> list[tuple[Any, ...]]:
    """(user, item, time, review) in time order within every user."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(n_users):
        own = rng.permutation([k for k in range(16) if k % 4 == user % 4])
        others = rng.permutation([k for k in range(16) if k % 4 != user % 4])
        for time, item in enumerate([*own, *others][:length]):
            rows.append((f"u{user}", f"i{item}", 1000 + 10 * time + user, f"review {user} {time}"))
    return rows


def run_stages(atomic: AtomicDataset, folder: Path, **overrides: Any) -> dict[str, Artifact]:
    """Stages 1-6 for CURec over SASRec; artifacts below ``folder``."""
    # Without fusion the dataset does not run the stages itself, so that they run once and here.
    given = {**FAST, "fusion": "none", "data_path": str(atomic.root), "checkpoint_dir": str(folder), **overrides}
    config = load_config("CURec", atomic.name, (), given)
    init_seed(config["seed"], config["reproducibility"])
    splits = create_dataset(config).build()
    return pipeline.run_stages(config, splits[0].train_history())


def artifact_bytes(artifacts: dict[str, Artifact]) -> dict[str, bytes]:
    """Content of every artifact file but ``run.json``, which holds times."""
    return {
        f"{stage}/{path.relative_to(artifact.folder)}": path.read_bytes()
        for stage, artifact in artifacts.items()
        for path in sorted(artifact.folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def artifact_text(artifacts: dict[str, Artifact]) -> str:
    """All text in the artifacts: file names, JSON as it is, Parquet decoded, other files as latin-1."""
    parts = []
    for artifact in artifacts.values():
        for path in sorted(artifact.folder.rglob("*")):
            if path.suffix == ".parquet":
                parts.append(pd.read_parquet(path).to_json())
            elif path.is_file():
                parts.append(path.read_bytes().decode("latin-1"))
            parts.append(str(path))
    return "\n".join(parts)
