"""The search over all rows, each with the same budget of trials."""

from __future__ import annotations

import importlib.metadata
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from tqdm import tqdm

from recbole_curec.benchmark.runs import data_hashes
from recbole_curec.benchmark.source_commit import source_commit
from recbole_curec.errors import ConfigurationError
from recbole_curec.hardware import hardware, package_versions
from recbole_curec.plugin.checkpoints import to_plain
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.tune.optuna_search import OptunaSearch, check_optuna
from recbole_curec.tune.recbole_search import RecBoleSearch, check_hyperopt
from recbole_curec.tune.rows import TunedRow
from recbole_curec.tune.study_folder import StudyFolder
from recbole_curec.tune.trials import Trial, best_of, settings_text

logger = logging.getLogger(__name__)

STUDIES = "studies"
ENGINES = {"optuna": check_optuna, "recbole": check_hyperopt}
SEARCHES = ("tpe", "random")
_MOST_TRIALS = 10_000


@dataclass(frozen=True)
class Budget:
    """What every row gets.

    Attributes:
        trials: Trials of a row; the first is its settings as they are.
        engine: ``optuna`` or ``recbole``.
        search: ``tpe`` or ``random``.
        prune: Whether trials end early; Optuna alone can.
    """

    trials: int = 20
    engine: str = "optuna"
    search: str = "tpe"
    prune: bool = True

    def check(self) -> None:
        """Check that a search can be made with it.

        Raises:
            ConfigurationError: A value cannot be used, or the engine is not installed.
        """
        if isinstance(self.trials, bool) or not isinstance(self.trials, int) or not 1 <= self.trials <= _MOST_TRIALS:
            raise ConfigurationError(
                f"trials={self.trials!r} cannot be used: it must be a whole number from 1 to {_MOST_TRIALS}."
            )
        for name, value, words in (("engine", self.engine, tuple(ENGINES)), ("search", self.search, SEARCHES)):
            if value not in words:
                raise ConfigurationError(f"{name}={value!r} cannot be used: it must be one of {', '.join(words)}.")
        if not isinstance(self.prune, bool):
            raise ConfigurationError(f"prune={self.prune!r} cannot be used: give true or false.")
        ENGINES[self.engine]()

    @property
    def prunes(self) -> bool:
        """Whether trials can end early."""
        return self.prune and self.engine == "optuna"


@dataclass(frozen=True)
class RowSearch:
    """The finished search of one row.

    Attributes:
        row: The row.
        trials: Its trials, as many as the budget says.
        best: The finished trial with the best validation score.
    """

    row: TunedRow
    trials: Sequence[Trial]
    best: Trial

    @property
    def as_is(self) -> Trial:
        """The trial of the row's settings as they are."""
        return next(trial for trial in self.trials if trial.as_is)

    def count(self, state: str) -> int:
        """How many trials ended in a state."""
        return sum(trial.state == state for trial in self.trials)


@dataclass(frozen=True)
class Tuning:
    """A finished search over all rows.

    Attributes:
        dataset: Name of the dataset.
        budget: What every row got.
        seed: Seed of every training and of the search.
        metric: The validation metric that chose.
        rows: One search per row.
        facts: Data, versions, commit and hardware of the process that writes the table.
    """

    dataset: str
    budget: Budget
    seed: int
    metric: str
    rows: Sequence[RowSearch]
    facts: Mapping[str, Any]


class _Search(Protocol):
    """What an engine offers; see :class:`OptunaSearch`."""

    def work(self, budget: int, ended: Callable[[Trial], None]) -> None: ...

    def wait(self) -> None: ...

    def trials(self) -> list[Trial]: ...


def tune(rows: Sequence[TunedRow], budget: Budget, folder: Path) -> Tuning:
    """Search the best settings of every row, on the validation split alone.

    A search that is there goes on: the same call again trains only what is missing, and several processes share the
    trials (Optuna). More trials can be asked for later.

    Args:
        rows: The rows.
        budget: What each of them gets.
        folder: Folder of all searches, by dataset.

    Raises:
        CURecError: A row cannot be trained, or a search that is there was begun with something else.
    """
    budget.check()
    check_output_folder("tune_dir", folder)
    dataset = str(rows[0].config["dataset"])
    places = [_place(row, folder / dataset) for row in rows]
    plans = [_plan(row, budget) for row in rows]
    for place, plan in zip(places, plans, strict=True):  # all of them before the first is begun
        place.check(plan)
    searches: list[_Search] = []
    for row, place, plan in zip(rows, places, plans, strict=True):
        place.begin(plan)
        searches.append(_search(row, place, budget))
    for row, search in zip(rows, searches, strict=True):
        _work(row, search, budget)
    for row, search in zip(rows, searches, strict=True):
        # A process that others waited for may have been killed: then its trial is left to do.
        while len(search.trials()) < budget.trials:
            search.wait()
            _work(row, search, budget)
    found = [_finished(row, search.trials()[: budget.trials]) for row, search in zip(rows, searches, strict=True)]
    config = rows[0].config
    facts = {
        "data": data_hashes(to_plain(config)),
        "commit": source_commit(),
        "packages": {**package_versions(), **_engine_version(budget.engine)},
        "hardware": hardware(torch.device(config["device"])),
    }
    return Tuning(dataset, budget, rows[0].asked.seed, str(config["valid_metric"]), found, facts)


def _engine_version(engine: str) -> dict[str, str]:
    package = {"recbole": "hyperopt"}.get(engine, engine)
    return {package: importlib.metadata.version(package)}


def _place(row: TunedRow, folder: Path) -> StudyFolder:
    return StudyFolder(folder / STUDIES / row.row.name, row.row.title)


def _plan(row: TunedRow, budget: Budget) -> dict[str, Any]:
    return {
        "engine": budget.engine,
        "search": budget.search,
        "prune": budget.prunes,
        "seed": row.asked.seed,
        "space": row.space.record(),
        "key": row.key,
    }


def _search(row: TunedRow, place: StudyFolder, budget: Budget) -> _Search:
    if budget.engine == "recbole":
        return RecBoleSearch(row, place, search=budget.search)
    return OptunaSearch(row, place, search=budget.search, prune=budget.prunes)


def _work(row: TunedRow, search: _Search, budget: Budget) -> None:
    title, metric = row.row.title, str(row.config["valid_metric"])
    bigger = bool(row.config["valid_metric_bigger"])
    seen = search.trials()
    before = len(seen)
    if before < budget.trials:
        logger.info(
            "%s: %d of %d trials to do, space: %s", title, budget.trials - before, budget.trials, row.space.source
        )
    with _bar(title, budget.trials, before, bool(row.config["show_progress"])) as bar:

        def ended(trial: Trial) -> None:
            seen.append(trial)
            best = best_of(seen, bigger)
            said = trial.note if trial.score is None else f"{metric} {trial.score:.4f} ({trial.epochs} epochs)"
            logger.info(
                "%s, trial %d of %d, %s: %s, %s, %.1f s%s",
                title, trial.number, budget.trials, settings_text(trial.settings), trial.state, said, trial.seconds,
                f"; best {best.score:.4f}" if best is not None and best.score is not None else "",
            )  # fmt: skip
            bar.update(1)

        search.work(budget.trials, ended)


@contextmanager
def _bar(title: str, total: int, done: int, shown: bool) -> Iterator[Any]:
    with tqdm(total=total, initial=min(done, total), desc=title, unit="trial", disable=not shown) as bar:
        yield bar


def _finished(row: TunedRow, trials: Sequence[Trial]) -> RowSearch:
    best = best_of(trials, bool(row.config["valid_metric_bigger"]))
    if best is None:
        raise ConfigurationError(
            f"Row '{row.row.title}': none of {len(trials)} trials finished, the last because: {trials[-1].note} Give "
            "settings that train, a narrower space, and another --tune_dir."
        )
    return RowSearch(row, trials, best)
