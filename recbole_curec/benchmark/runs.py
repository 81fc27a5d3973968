"""One run of a benchmark: a row under one seed, stored when finished and reused afterwards."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from recbole_curec.benchmark.ranks import check_against, test_ranks
from recbole_curec.benchmark.rows import Row
from recbole_curec.benchmark.slices import item_slices, training_counts
from recbole_curec.benchmark.source_commit import source_commit
from recbole_curec.benchmark.targets import Targets, check_same_targets
from recbole_curec.evaluation.ranking_metrics import RANK, WITHOUT_HISTORY
from recbole_curec.hardware import hardware, package_versions, peak_memory_mib
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.fingerprint import cached_file_hash, fingerprint
from recbole_curec.plugin.checkpoints import to_plain
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.ranked_here import RankedHere
from recbole_curec.plugin.trained_model import TrainedModel, split_data, stage_artifacts, train
from recbole_curec.settings.group import fact
from recbole_curec.settings.sections import STATIC_GROUPS
from recbole_curec.version import __version__

logger = logging.getLogger(__name__)

CUTOFF = 10
_RANKS = "ranks.parquet"
# Raised when a stored run holds something else than before; then all runs are made again.
_FORMAT = 2
# Files of a dataset that a result depends on; rows do not read others, such as exported vectors.
_DATA_FILES = ("inter", "item", "user")
# Settings that change only locations of files or output, never a result.
NO_RESULT = frozenset(
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
        facts: Content of ``run.json``: settings, metrics, versions, hardware, data.
        ranks: Columns user, item, slice, rank and, for sequential models, rank_without_history, one row per test
            interaction.
    """

    facts: dict[str, Any]
    ranks: pd.DataFrame

    @classmethod
    def read(cls, stored: Artifact) -> FinishedRun:
        """A run from where it is stored."""
        return cls(stored.manifest(), pd.read_parquet(stored.folder / _RANKS))

    @property
    def key(self) -> str:
        """Fingerprint of everything the run depends on."""
        return str(self.facts["fingerprint"])

    @property
    def protocols(self) -> list[str]:
        """The columns of ranks: one per protocol."""
        return [column for column in (RANK, WITHOUT_HISTORY) if column in self.ranks]

    def targets(self, title: str) -> Targets:
        """What the run was tested on."""
        return Targets(title, str(self.facts["settings"]["model"]), self.ranks[["user", "item"]])


def run_place(row: Row, seed: int, config: Any, folder: Path) -> Artifact:
    """Where the run of a row under one seed is stored, whether it is there or not.

    Args:
        row: The row.
        seed: The seed.
        config: The row's config under this seed.
        folder: Folder of finished runs.
    """
    return Artifact(f"{row.name}-seed{seed}", run_key(config), folder)


def run_row(
    row: Row, seed: int, config: Any, folder: Path, *, expected: Targets | None = None, wait: bool = True
) -> FinishedRun | None:
    """Train and test a row under one seed, or read the stored result of an earlier run.

    Args:
        row: The row.
        seed: The seed.
        config: The row's config under this seed.
        folder: Folder of finished runs.
        expected: What other rows are tested on under this seed.
        wait: Whether to wait where another process is making the same run; if not, the result is then None.

    Raises:
        DataError: The row is tested on other items than expected; nothing is trained then.
    """
    stored = run_place(row, seed, config, folder)
    title = f"{row.title}, seed {seed}"
    with stored.locked(wait=wait) as held:
        if not held:
            return None
        if stored.is_complete():
            logger.info("%s: reused", title)
        else:
            logger.info("%s: started", title)
            stored.open()
            facts = _make(row, seed, config, stored.partial, expected)
            stored.close(facts)
            logger.info("%s: %s", title, ", ".join(f"{name} {value}" for name, value in facts["test"].items()))
    return FinishedRun.read(stored)


def run_key(config: Any) -> str:
    """Fingerprint of everything a run's result depends on: its settings, the data files and the package's version."""
    ours = {
        f"{group.section}.{name}"
        for group in STATIC_GROUPS
        for name, field in group.model_fields.items()
        if fact(field, "changes_result") is False
    }
    left_out = NO_RESULT | (ours - _RESOLVED)
    settings = {key: value for key, value in to_plain(config).items() if key not in left_out}
    return fingerprint(
        {"format": _FORMAT, "version": __version__, "settings": settings, "data": data_hashes(to_plain(config))}
    )


def data_hashes(settings: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of every file of the dataset that a result depends on, by name.

    Args:
        settings: The config as plain data.
    """
    files = [Path(str(settings["data_path"])) / f"{settings['dataset']}.{suffix}" for suffix in _DATA_FILES]
    return {file.name: cached_file_hash(file) for file in files if file.is_file()}


def _make(row: Row, seed: int, config: Any, folder: Path, expected: Targets | None) -> dict[str, Any]:
    """Train, test, store the ranks, and return the facts."""
    settings = to_plain(config)  # RecBole writes into a config while it runs
    splits = split_data(config)
    if expected is not None:  # before the training
        check_same_targets(expected, Targets.of_split(row.title, str(config["model"]), dataset_of(splits[2])))
    ranks, ranking = pd.DataFrame(), RankedHere(config, splits)

    def look(trainer: Any, test: Any) -> None:
        nonlocal ranks
        ranking(trainer, test)
        with ranking.in_use(trainer):
            ranks = test_ranks(trainer, test)

    trained = train(config, row.title, splits, inspect=look)
    if ranking.record is not None and ranking.record.on:
        found = ranking.record.test
        trained = replace(trained, test=found["recbole"], test_without_history=found["without_history"])
    dataset = dataset_of(splits[0])
    store_ranks(ranks, (trained.test, trained.test_without_history), config, dataset, folder)
    return {
        **run_facts(row, seed, settings, trained, torch.device(config["device"])),
        "candidates": int(dataset.item_num) - 1,
        "stages": {stage: made.manifest()["summary"] for stage, made in stage_artifacts(config, dataset).items()},
        "checkpoint": str(trained.checkpoint),
        **({} if ranking.record is None else {"rank": asdict(ranking.record)}),
    }


def store_ranks(
    ranks: pd.DataFrame, reported: Sequence[Mapping[str, float]], config: Any, training: Any, folder: Path
) -> None:
    """Write the ranks of a run with the slice of every item, after a check against RecBole's own figures.

    Args:
        ranks: Result of :func:`~recbole_curec.benchmark.ranks.test_ranks`.
        reported: RecBole's metrics by its protocol, and with histories left out.
        config: RecBole's config.
        training: Dataset of the training split.
        folder: Where they are written.

    Raises:
        CURecError: Ranks and figures do not agree.
    """
    for column, metrics in zip((RANK, WITHOUT_HISTORY), reported, strict=True):
        if column in ranks:
            check_against(metrics, ranks, CUTOFF, int(config["metric_decimal_place"]), column)
    slices = item_slices(training_counts(training), training.field2id_token[training.iid_field])
    numbers = [training.token2id(training.iid_field, item) for item in ranks["item"]]
    ranks.assign(slice=slices[numbers]).to_parquet(folder / _RANKS, index=False)


def run_facts(row: Row, seed: int, settings: Any, trained: TrainedModel, device: torch.device) -> dict[str, Any]:
    """What ``run.json`` says of any run: settings, metrics by RecBole, data, versions, hardware, time and memory.

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
        "test_without_history": dict(trained.test_without_history),
        "epochs": trained.epochs,
        "parameters": trained.parameters,
        "data": data_hashes(settings),
        "commit": source_commit(),
        "packages": package_versions(),
        "hardware": hardware(device),
        "wall_seconds": round(trained.seconds, 1),
        "peak_memory_mib": peak_memory_mib(),
    }
