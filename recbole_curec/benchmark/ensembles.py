"""Rows that train nothing: sums of the scores of other rows' finished runs, each standardised per user.

Scores of all items for all test users are large (a gigabyte for 22,000 users and 12,000 items), so they are not stored:
they are computed again from the runs' checkpoints, batch by batch.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.benchmark.ranks import CollectedRanks
from recbole_curec.benchmark.rows import PROTOCOL, Row
from recbole_curec.benchmark.runs import FinishedRun, store_ranks
from recbole_curec.benchmark.source_commit import source_commit
from recbole_curec.benchmark.targets import Targets, check_same_targets, pairs_of
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.hardware import hardware, package_versions, peak_memory_mib
from recbole_curec.model.standard_scores import standard_scores
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.plugin.history_mask import tested
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.loading import LoadedRun, load_run
from recbole_curec.plugin.new_trainers import trainer_of
from recbole_curec.settings.travel import settings_of
from recbole_curec.version import __version__

logger = logging.getLogger(__name__)

_REVISION = 1
_VALID, _TEST = 1, 2
_CHECKPOINT = "checkpoint"


def members_under(row: Row, seed: int, seeds: Sequence[int]) -> list[tuple[str, int]]:
    """The runs that a row sums under one seed: name of the member row, and its seed.

    A row that is listed several times is taken under as many seeds: this one and those after it, from the last back to
    the first.
    """
    place, taken, found = seeds.index(seed), Counter[str](), []
    for name in row.ensemble:
        found.append((name, seeds[(place + taken[name]) % len(seeds)]))
        taken[name] += 1
    return found


def check_seeds(row: Row, seeds: Sequence[int]) -> None:
    """Check that a row sums different runs, and not the same ones under every seed.

    Raises:
        ConfigurationError: There are too few seeds.
    """
    times = Counter(row.ensemble)
    name, most = times.most_common(1)[0]
    needed = max(most, min(times.values()) + 1) if most > 1 else 1
    if len(seeds) < needed:
        raise ConfigurationError(
            f"Row '{row.name}': ensemble lists '{name}' {most} times, which sums {most} seeds of it, and with "
            f"{len(seeds)} in all not every seed has a sum of its own: give --seeds={needed} or more."
        )


def check_split(row: Row, config: Any) -> None:
    """Check that a row does not sum runs of which one was trained on test items of another.

    Args:
        row: The row.
        config: Config of one of the rows that it sums; all have the same protocol.

    Raises:
        ConfigurationError: It sums two seeds of a row, and every seed has a split of its own.
    """
    name, most = Counter(row.ensemble).most_common(1)[0]
    if most > 1 and config["eval_args"]["order"] == "RO" and config["benchmark_filename"] is None:
        raise ConfigurationError(
            f"Row '{row.name}': ensemble lists '{name}' {most} times, which sums seeds of it, and eval_args.order: RO "
            "makes a split for every seed, so that one is trained on test items of another: set order: TO, or list it "
            "once."
        )


def check_members(row: Row, configs: Mapping[str, Any]) -> None:
    """Check that the scores of the rows that are summed are what orders their lists.

    Args:
        row: The row.
        configs: Config of every row that it sums, by name.

    Raises:
        ConfigurationError: One is ranked again.
    """
    for name, config in configs.items():
        if config["model"] in OUR_MODELS and settings_of(config).rank.is_used:
            raise ConfigurationError(
                f"Row '{row.name}': ensemble sums scores, and '{name}' is ranked again (rank.use: "
                f"{settings_of(config).rank.use}), which is an order and no score: sum a row with rank.use: off."
            )


def ensemble_place(row: Row, seed: int, keys: Sequence[str], folder: Path) -> Artifact:
    """Where a sum is stored, whether it is there or not.

    Args:
        row: The row.
        seed: The seed.
        keys: Fingerprints of the runs that are summed.
        folder: Folder of finished runs.
    """
    key = fingerprint({"ensemble": list(keys), "revision": _REVISION, "version": __version__})
    return Artifact(f"{row.name}-seed{seed}", key, folder)


def check_checkpoint(row: Row, member: Artifact) -> None:
    """Check that the scores of a finished run can be computed again; to be called where a sum is still to be made.

    Raises:
        ConfigurationError: Its checkpoint is gone.
    """
    checkpoint = Path(str(member.manifest()[_CHECKPOINT]))
    if not checkpoint.is_file():
        raise ConfigurationError(
            f"Row '{row.name}': the checkpoint '{checkpoint}' of the run '{member.folder.name}', whose scores are "
            f"summed, is gone: put it back, or delete {member.folder}, so that the run is made again."
        )


def run_ensemble(row: Row, seed: int, members: Sequence[FinishedRun], config: Any, folder: Path) -> FinishedRun:
    """Sum the scores of finished runs and test the sum, or read the stored result.

    Args:
        row: The row.
        seed: The seed.
        members: The runs, in the row's order.
        config: Config of the first of them, which says where data lie now.
        folder: Folder of finished runs.

    Raises:
        CURecError: A checkpoint cannot be used, or two runs rank other items or users.
    """
    stored = ensemble_place(row, seed, [member.key for member in members], folder)
    with stored.locked():
        if stored.is_complete():
            logger.info("%s, seed %d: reused", row.title, seed)
        else:
            logger.info("%s, seed %d: %d runs are summed", row.title, seed, len(members))
            stored.open()
            stored.close(_make(row, seed, members, config, stored.partial))
    return FinishedRun.read(stored)


def _make(row: Row, seed: int, members: Sequence[FinishedRun], config: Any, folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    moved = {"data_path": str(Path(str(config["data_path"])).parent), "checkpoint_dir": config["checkpoint_dir"]}
    runs = [load_run(str(member.facts[_CHECKPOINT]), moved) for member in members]
    for split in (_VALID, _TEST):
        _check_held_out(runs, split)
    first, trainers = runs[0], [trainer_of(run.config, run.model, run.splits[0]) for run in runs]
    trainer = trainers[0]
    scores = trainer._full_sort_batch_eval
    trainer._full_sort_batch_eval = _summed(scores, trainers, runs, _VALID)
    valid = dict(trainer.evaluate(first.splits[_VALID], load_best_model=False) or {})
    trainer._full_sort_batch_eval = _summed(scores, trainers, runs, _TEST)
    ranks = CollectedRanks(trainer, first.splits[_TEST])
    found = tested(trainer, first.splits[0], first.splits[_TEST], load_best_model=False, watch=ranks.observe)
    store_ranks(ranks.table(), (found.recbole, found.without_history), first.config, first.training, folder)
    facts = [member.facts for member in members]
    return {
        "summary": ", ".join(f"{name} {value}" for name, value in found.recbole.items()),
        "figures": found.recbole,
        "row": row.name,
        "seed": seed,
        "settings": _settings(facts),
        "valid": valid,
        "test": found.recbole,
        "test_without_history": found.without_history,
        "epochs": 0,
        "parameters": sum(int(one["parameters"]) for one in facts),
        "data": facts[0]["data"],
        "commit": source_commit(),
        "packages": package_versions(),
        "hardware": hardware(torch.device(first.config["device"])),
        "wall_seconds": round(time.perf_counter() - began, 1),
        "peak_memory_mib": peak_memory_mib(),
        "candidates": int(first.training.item_num) - 1,
        "stages": {},
    }


def _check_held_out(runs: Sequence[LoadedRun], split: int) -> None:
    """Check that all runs hold out the same interactions: none is trained on what another is tested on."""
    first, *others = (
        Targets.of_split(Path(run.checkpoint).stem, str(run.config["model"]), dataset_of(run.splits[split]))
        for run in runs
    )
    for other in others:
        check_same_targets(first, other)


def _settings(members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The protocol, which all rows share, and what was summed."""
    shared: Mapping[str, Any] = members[0]["settings"]
    summed = [{"row": one["row"], "seed": one["seed"], "fingerprint": one["fingerprint"]} for one in members]
    return {"model": shared["model"], **{key: shared.get(key) for key in PROTOCOL}, "ensemble": summed}


def _summed(
    scores: Callable[[Any], Any], trainers: Sequence[Any], runs: Sequence[LoadedRun], split: int
) -> Callable[[Any], Any]:
    """What takes the place of the first trainer's ``_full_sort_batch_eval``: it adds the scores of the others.

    Args:
        scores: The first trainer's own method.
        trainers: A trainer per run.
        runs: The runs.
        split: Number of the split.
    """
    loaders = [run.splits[split] for run in runs]
    others = [_Other(trainer, loader, loaders[0]) for trainer, loader in zip(trainers[1:], loaders[1:], strict=True)]
    done = 0

    def summed(batch: Any) -> Any:
        nonlocal done
        interaction, history, row, item = batch
        total = standard_scores(scores((interaction, None, row, item))[1])  # (B, n_items)
        for other in others:
            total += other.scores(slice(done, done + len(interaction))).to(total.device)
        done += len(interaction)
        total[:, 0] = -torch.inf
        if history is not None:
            total[history] = -torch.inf
        return interaction, total, row, item

    return summed


class _Other:
    """Scores of a further run for the rows and in the item order of the first.

    Args:
        trainer: Its trainer.
        loader: Its loader.
        first: The first run's loader of the same split.

    Raises:
        DataError: It ranks other items, or other rows.
    """

    def __init__(self, trainer: Any, loader: Any, first: Any) -> None:
        self._trainer, self._loader = trainer, loader
        self._rows = _places(_rows(loader), _rows(first), "users or test items")
        self._items = torch.from_numpy(_places(_items(loader), _items(first), "items"))
        trainer.item_tensor = dataset_of(loader).get_item_feature().to(trainer.device)
        trainer.tot_item_num = dataset_of(loader).item_num

    def scores(self, rows: slice) -> torch.Tensor:
        """Standardised scores, shape ``(B, n_items)``."""
        interaction, _, row, item = self._loader.collate_fn(self._rows[rows])
        found = standard_scores(self._trainer._full_sort_batch_eval((interaction, None, row, item))[1])
        return found[:, self._items.to(found.device)]


def _rows(loader: Any) -> pd.Index:
    """What the rows of a full-sort loader are of: users, or test interactions of a sequential model."""
    dataset = dataset_of(loader)
    found: pd.Index
    if not loader.is_sequential:
        found = pd.Index(dataset.id2token(dataset.uid_field, loader.uid_list.numpy()))
        return found
    table = pd.DataFrame(dict(zip(("user", "item"), pairs_of(dataset), strict=True)))
    found = pd.MultiIndex.from_frame(table.assign(time=table.groupby(["user", "item"]).cumcount()))
    return found


def _items(loader: Any) -> pd.Index:
    dataset = dataset_of(loader)
    found: pd.Index = pd.Index(dataset.field2id_token[dataset.iid_field])
    return found


def _places(theirs: pd.Index, ours: pd.Index, what: str) -> Any:
    """Place of each of ours among theirs."""
    found = theirs.get_indexer(ours)
    if len(theirs) != len(ours) or (found < 0).any():
        raise DataError(
            f"Scores cannot be summed: the runs rank other {what}: give all rows the same data and filters."
        )
    return found
