"""``run_tuning``: the best settings of several rows on the validation split, each with the same budget."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.checks.ranges import check_range
from recbole_curec.tune.report import page, trials_csv, write_report
from recbole_curec.tune.rows import Asked, rows_of, tuned_rows
from recbole_curec.tune.tuning import Budget, Tuning, tune

FOLDER = "tune"
SEED = 2020


@dataclass(frozen=True)
class TuneReport:
    """A finished search and the files that were written.

    Attributes:
        tuning: The search of every row.
        folder: Folder of the studies and of the tables.
        files: The page, tables of rows and trials, ``tuned.yaml`` for ``config_files``, and a tuned file per row.
    """

    tuning: Tuning
    folder: Path
    files: Sequence[Path]

    def table(self) -> pd.DataFrame:
        """Every trial of every row, as in ``trials.csv``; settings as JSON."""
        return pd.read_csv(io.StringIO(trials_csv(self.tuning)))

    def __str__(self) -> str:
        """The page, and where the files are."""
        return "\n".join([page(self.tuning, self.folder), *map(str, self.files)])


def run_tuning(
    rows: Sequence[str | Path] = (),
    dataset: str | None = None,
    config_files: Sequence[str | Path] = (),
    config: Mapping[str, Any] | None = None,
    *,
    models: Sequence[str] = (),
    space: str | Path | None = None,
    folder: str | Path = FOLDER,
    trials: int = 20,
    engine: str = "optuna",
    search: str = "tpe",
    prune: bool = True,
) -> TuneReport:
    """Search the settings of every row, or go on searching, and write the tables.

    Args:
        rows: Config files, one per row, or folders of them.
        dataset: Dataset name; None takes it from the files.
        config_files: Config files of lower precedence than the rows' own.
        config: Settings that override the rows' files; what they set is not searched.
        models: Models that are rows without a file.
        space: File or folder of search spaces in the place of those that come with the backbones.
        folder: Folder of the studies and of the tables.
        trials: Trials of every row; the first is its settings as they are.
        engine: ``optuna`` or ``recbole``.
        search: ``tpe`` or ``random``.
        prune: Whether trials end early; Optuna alone can.

    Raises:
        CURecError: A row, a space or the budget cannot be used.
    """
    given = dict(config or {})
    budget = Budget(trials, engine, search, prune)
    budget.check()
    seed = seed_of(given.pop("seed", SEED))
    asked = Asked(dataset, [str(file) for file in config_files], given, seed)
    place = user_path("folder", folder)
    found = rows_of([str(row) for row in rows], models)
    tuning = tune(tuned_rows(found, asked, None if space is None else str(space)), budget, place)
    return TuneReport(tuning, place, write_report(tuning, place))


def seed_of(seed: Any) -> int:
    """The seed of every training and of the search.

    Raises:
        ConfigurationError: It is none.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ConfigurationError(f"seed={seed!r} cannot be used: give a whole number.")
    check_range("seed", seed)
    return seed
