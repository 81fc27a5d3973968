"""One run of a benchmark: a row under one seed, stored when finished and reused afterwards."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from recbole_curec.benchmark.ranks import check_against, test_ranks
from recbole_curec.benchmark.rows import Row
from recbole_curec.benchmark.slices import item_slices, training_counts
from recbole_curec.hardware import hardware, package_versions, peak_memory_mib
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.fingerprint import cached_file_hash, fingerprint
from recbole_curec.plugin.checkpoints import to_plain
from recbole_curec.plugin.experiment import RankedHere, TrainedModel, split_data, stage_artifacts, train
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.settings.group import fact
from recbole_curec.settings.sections import STATIC_GROUPS
from recbole_curec.version import __version__

logger = logging.getLogger(__name__)

CUTOFF = 10
_RANKS = "ranks.parquet"
# Files of a dataset that a result depends on; rows do not read others, such as exported vectors.
_DATA_FILES = ("inter", "item", "user")
# Settings that change only locations of files or output, never a result.
_NO_RESULT = frozenset(
    {
        "benchmark_dir", "checkpoint_dir", "data_path", "dataloaders_save_path", "dataset_save_path", "device",
        "gpu_id", "log_wandb", "save_dataloaders", "save_dataset", "show_progress", "state", "use_gpu", "wandb_project",
        "worker",
    }
)  # fmt: skip


# Settings marked as not changing a result because stage fingerprints contain the value resolved from them; here the
# setting itself is used.
_RESOLVED = frozenset({"encode.text_encoder", "llm.dtype", "llm.name", "run.extra_stages"})


@dataclass(frozen=True)
class FinishedRun:
    """A stored run.

    Attributes:
        facts: Content of ``run.json``: settings, metrics, versions, hardware.
        ranks: Columns user, item, rank and slice, one row per test interaction.
    """

    facts: dict[str, Any]
    ranks: pd.DataFrame


def run_row(row: Row, seed: int, config: Any, folder: Path) -> FinishedRun:
    """Train and test a row under one seed, or read the stored result of an earlier run.

    Args:
        row: The row.
        seed: The seed.
        config: The row's config under this seed.
        folder: Folder of finished runs.
    """
    stored = Artifact(f"{row.name}-seed{seed}", run_key(config), folder)
    title = f"{row.title}, seed {seed}"
    with stored.locked():  # another process may be making the same run
        if stored.is_complete():
            logger.info("%s: reused", title)
        else:
            logger.info("%s: started", title)
            stored.open()
            facts = _make(row, seed, config, stored.partial)
            stored.close(facts)
            logger.info("%s: %s", title, ", ".join(f"{name} {value}" for name, value in facts["test"].items()))
    return FinishedRun(stored.manifest(), pd.read_parquet(stored.folder / _RANKS))


def run_key(config: Any) -> str:
    """Fingerprint of everything a run's result depends on: its settings, the data files and the package's version."""
    ours = {
        f"{group.section}.{name}"
        for group in STATIC_GROUPS
        for name, field in group.model_fields.items()
        if fact(field, "changes_result") is False
    }
    left_out = _NO_RESULT | (ours - _RESOLVED)
    settings = {key: value for key, value in to_plain(config).items() if key not in left_out}
    files = [Path(config["data_path"]) / f"{config['dataset']}.{suffix}" for suffix in _DATA_FILES]
    data = {file.name: cached_file_hash(file) for file in files if file.is_file()}
    return fingerprint({"version": __version__, "settings": settings, "data": data})


def _make(row: Row, seed: int, config: Any, folder: Path) -> dict[str, Any]:
    """Train, test, store the ranks, and return the facts."""
    settings = to_plain(config)  # RecBole writes into a config while it runs
    splits = split_data(config)
    ranks, ranking = pd.DataFrame(), RankedHere(config, splits)

    def look(trainer: Any, test: Any) -> None:
        nonlocal ranks
        ranking(trainer, test)
        with ranking.in_use(trainer):
            ranks = test_ranks(trainer, test)

    trained = train(config, row.title, splits, inspect=look)
    if ranking.record is not None and ranking.record.on:
        trained = replace(trained, test=ranking.record.test["recbole"])
    check_against(dict(trained.test), ranks, CUTOFF, int(config["metric_decimal_place"]))
    dataset = dataset_of(splits[0])
    slices = item_slices(training_counts(dataset), dataset.field2id_token[dataset.iid_field])
    numbers = [dataset.token2id(dataset.iid_field, item) for item in ranks["item"]]
    ranks.assign(slice=slices[numbers]).to_parquet(folder / _RANKS, index=False)
    return {
        **run_facts(row, seed, settings, trained, torch.device(config["device"])),
        "candidates": int(dataset.item_num) - 1,
        "stages": {stage: made.manifest()["summary"] for stage, made in stage_artifacts(config, dataset).items()},
        "checkpoint": str(trained.checkpoint),
        **({} if ranking.record is None else {"rank": asdict(ranking.record)}),
    }


def run_facts(row: Row, seed: int, settings: Any, trained: TrainedModel, device: torch.device) -> dict[str, Any]:
    """What ``run.json`` says of any run: settings, metrics by RecBole, versions, hardware, time and memory.

    Args:
        row: The row of the table.
        seed: Its seed.
        settings: The config as plain data, from before the run.
        trained: The trained model.
        device: Where it ran.
    """
    return {
        "summary": ", ".join(f"{name} {value}" for name, value in trained.test.items()),
        "figures": dict(trained.test),
        "row": row.name,
        "seed": seed,
        "settings": settings,
        "valid": dict(trained.valid),
        "test": dict(trained.test),
        "packages": package_versions(),
        "hardware": hardware(device),
        "wall_seconds": round(trained.seconds, 1),
        "peak_memory_mib": peak_memory_mib(),
    }
