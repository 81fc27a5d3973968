"""Small runs of the whole pipeline: one for the whole session, which nobody may change, and others from there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.data import create_dataset
from recbole.utils import init_seed

import recbole_curec as curec
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin import features
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.experiment import RunResult
from tests.atomic_dataset import AtomicDataset

FAST: dict[str, Any] = {
    "tiny": {"hidden_size": 32, "layers": 1, "vocab_size": 400},
    "llm.max_reason_tokens": 24,
    "align": {"steps": 6, "batch_size": 8, "save_steps": 3},
    "reward": {"positives": 24, "base_epochs": 1, "epochs": 2, "text_dim": 8, "hidden_size": 8, "probes": 2},
    "guard": {
        "floors": {"auc": 0.0, "another_user": 0.0, "another_item": 0.0, "shuffled": 0.0}, "calibration_ceiling": 1.0,
    },
    "reinforce": {
        "steps": 4, "prompts": 2, "generations": 2, "save_steps": 2, "probe_prompts": 4, "watch_prompts": 2,
    },
    "select": {"reasons_per_item": 2}, "correct": {"rounds": 1, "candidates": 1},
    "generate.batch_size": 8,
    "encode.feature_dim": 8,
    "epochs": 1, "show_progress": False, "hidden_size": 16, "inner_size": 16, "n_layers": 1, "n_heads": 1,
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


@dataclass(frozen=True)
class SharedRun:
    """The session's run of CURec over SASRec on the topics; everything below ``folder`` is read-only.

    Attributes:
        result: What :func:`recbole_curec.run` returned.
        dataset: The data.
        folder: Where it lies.
    """

    result: RunResult
    dataset: AtomicDataset
    folder: Path

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """The artifacts by stage."""
        found = {}
        for stage, folder in self.result.artifacts.items():
            found[stage] = Artifact(stage, folder.name.removeprefix(f"{stage}-"), folder.parent)
        return found

    def copy_to(self, checkpoints: Path) -> None:
        """Give a run of the same data with this ``checkpoint_dir`` all stages to reuse."""
        for artifact in self.artifacts.values():
            target = checkpoints / "curec" / self.dataset.name / artifact.folder.name
            shutil.copytree(artifact.folder, target, copy_function=shutil.copyfile)
            for path in [target, *target.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture(scope="session")
def shared_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedRun]:
    """One run for every test that only reads."""
    folder = tmp_path_factory.mktemp("shared")
    run = make_run(folder)
    _set_writable(folder, False)
    yield run
    _set_writable(folder, True)


def make_run(folder: Path) -> SharedRun:
    """The run behind ``shared_run`` and the golden trajectory."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    dataset = AtomicDataset(folder / "atomic", "topics")
    write_topics(dataset)
    places = {"data_path": str(dataset.root), "checkpoint_dir": str(folder / "saved")}
    given = {**FAST, "train_batch_size": 64, "epochs": 3, "MAX_ITEM_LIST_LENGTH": 5, "state": "ERROR"}
    result = curec.run("CURec", dataset.name, config={**given, **places, "run.log_dir": str(folder / "log")})
    torch.set_num_threads(threads)
    return SharedRun(result, dataset, folder)


def _set_writable(folder: Path, writable: bool) -> None:
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o200 if writable else mode & ~0o222)


def run_stages(
    atomic: AtomicDataset, folder: Path, start_from: SharedRun | None = None, **overrides: Any
) -> dict[str, Artifact]:
    """Stages 1-6 for CURec over SASRec; artifacts below ``folder``.

    Args:
        atomic: The data.
        folder: The run's ``checkpoint_dir``.
        start_from: A run whose stages are copied first; those that the overrides do not concern are then reused.
        overrides: Settings, by full or flat names.
    """
    if start_from is not None and not (folder / "curec").exists():
        start_from.copy_to(folder)
    given = {**FAST, "data_path": str(atomic.root), "checkpoint_dir": str(folder)}
    config = load_config("CURec", atomic.name, (), layered(given, overrides))
    init_seed(config["seed"], config["reproducibility"])
    splits = create_dataset(config).build()
    return features.run_stages(config, splits[0].train_history())


def layered(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two layers of settings as one, merged setting by setting."""
    from recbole_curec.plugin.recbole_keys import known_keys
    from recbole_curec.settings.settings import canonical

    return {**canonical(below, known_keys())[0], **canonical(above, known_keys())[0]}


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
