"""The order in which the runs of a benchmark are made, and how several processes share them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recbole_curec.benchmark.ensembles import (
    check_checkpoint,
    check_seeds,
    ensemble_place,
    members_under,
    run_ensemble,
)
from recbole_curec.benchmark.rows import Row
from recbole_curec.benchmark.runs import FinishedRun, run_place, run_row
from recbole_curec.benchmark.targets import Targets, check_same_targets

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """All runs of a benchmark.

    Attributes:
        rows: Its rows.
        seeds: Its seeds.
        configs: Config of every row that trains, by name and seed.
        folder: Folder of finished runs.
    """

    rows: Sequence[Row]
    seeds: Sequence[int]
    configs: Mapping[tuple[str, int], Any]
    folder: Path

    @property
    def trained(self) -> list[Row]:
        """The rows that train a model."""
        return [row for row in self.rows if not row.ensemble]

    @property
    def summed(self) -> list[Row]:
        """The rows that sum the scores of others."""
        return [row for row in self.rows if row.ensemble]

    def row(self, name: str) -> Row:
        """A row by name."""
        return next(row for row in self.rows if row.name == name)


def finished_runs(plan: Plan) -> dict[str, list[FinishedRun]]:
    """The runs of every row by seed; those that are missing are made.

    Several processes, on one machine or on several that share the folder, can work on the same benchmark: each takes
    the next run that is neither there nor being made, and waits at the end for those that others make.

    Raises:
        CURecError: A row cannot be run.
    """
    _check_sums(plan)
    runs = _trained(plan)
    for seed in plan.seeds:
        for row in plan.summed:
            members = members_under(row, seed, plan.seeds)
            config = plan.configs[members[0]]
            runs[row.name, seed] = run_ensemble(row, seed, [runs[member] for member in members], config, plan.folder)
    return {row.name: [runs[row.name, seed] for seed in plan.seeds] for row in plan.rows}


def _trained(plan: Plan) -> dict[tuple[str, int], FinishedRun]:
    runs: dict[tuple[str, int], FinishedRun] = {}
    expected: dict[int, Targets] = {}
    # The outer loop goes over seeds, so that an unfinished benchmark already has every row.
    pending = [(row, seed) for seed in plan.seeds for row in plan.trained]
    for wait in (False, True):
        left = []
        for row, seed in pending:
            run = run_row(row, seed, plan.configs[row.name, seed], plan.folder, expected=expected.get(seed), wait=wait)
            if run is None:
                logger.info("%s, seed %d: another process is making it", row.title, seed)
                left.append((row, seed))
            else:
                targets = run.targets(row.title)
                check_same_targets(expected.setdefault(seed, targets), targets)
                runs[row.name, seed] = run
        pending = left
    return runs


def _check_sums(plan: Plan) -> None:
    """Check before anything is trained that all sums can be made.

    Raises:
        ConfigurationError: There are too few seeds, or the checkpoint of a finished run is gone.
    """
    for row in plan.summed:
        check_seeds(row, plan.seeds)
        for seed in plan.seeds:
            members = [
                run_place(plan.row(name), of, plan.configs[name, of], plan.folder)
                for name, of in members_under(row, seed, plan.seeds)
            ]
            if ensemble_place(row, seed, [member.key for member in members], plan.folder).folder.is_dir():
                continue
            for member in members:
                if member.is_complete():
                    check_checkpoint(row, member)
