"""Search by Optuna: resumable, pruned, and shared by several processes.

The study of a row is an SQLite file. Every trial draws from a generator of its own, seeded by the seed and the number
of trials before it, so that a search that was killed goes on with what it would have drawn.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from recbole_curec.errors import ConfigurationError, DataError, first_line
from recbole_curec.tune.rows import TunedRow
from recbole_curec.tune.spaces import Choice, LogUniform, Space, Stepped
from recbole_curec.tune.study_folder import StudyFolder, try_lock
from recbole_curec.tune.trials import FINISHED, PRUNED, PruneError, Trial, repeated, run_trial

logger = logging.getLogger(__name__)

DATABASE = "study.db"
_STUDY = "tune"
_AS_IS, _OUTCOME = "as_is", "outcome"
_LOCKED_SECONDS = 60
# Epochs before which no trial is pruned, and finished trials that there must be.
_WARM_UP, _FINISHED_FIRST = 5, 5


def check_optuna() -> None:
    """Check that Optuna is installed.

    Raises:
        ConfigurationError: It is not.
    """
    if importlib.util.find_spec("optuna") is None:
        raise ConfigurationError(
            "engine: optuna needs the package 'optuna', which is not installed: pip install 'recbole-curec[tune]'."
        )


@dataclass(frozen=True)
class _Claim:
    """A trial that this process runs.

    Attributes:
        trial: Optuna's trial.
        settings: What was drawn.
        lock: The lock that says that a process runs it.
        earlier: The trials that have ended.
        number: Its place among those and the trials that run.
    """

    trial: Any
    settings: dict[str, Any]
    lock: FileLock
    earlier: Sequence[Trial]
    number: int


class OptunaSearch:
    """The search of one row.

    Args:
        row: The row.
        folder: Its folder, begun already.
        search: ``tpe`` or ``random``.
        prune: Whether trials end early that are worse than the median of the finished ones at the same epoch.

    Raises:
        DataError: The study cannot be read.
    """

    def __init__(self, row: TunedRow, folder: StudyFolder, *, search: str, prune: bool) -> None:
        self._row, self._folder, self._search, self._prune = row, folder, search, prune
        self._path = folder.path / DATABASE
        with folder.locked(), _readable(self._path):
            self._study = _open(self._path, bool(row.config["valid_metric_bigger"]))
            if not self._study.get_trials(deepcopy=False):
                self._study.enqueue_trial({}, user_attrs={_AS_IS: True})

    def work(self, budget: int, ended: Callable[[Trial], None]) -> None:
        """Run trials until none is left to begin; others may still be running theirs.

        Args:
            budget: Number of trials of the row.
            ended: Called with every trial that this process has run.

        Raises:
            CURecError: The row cannot be trained at all.
        """
        while (claim := self._claim(budget)) is not None:
            try:
                trial = self._run(claim)
            finally:
                claim.lock.release()
            ended(trial)

    def wait(self) -> None:
        """Wait for the trials that other processes run."""
        with _readable(self._path):
            running = [one.number for one in self._frozen() if one.state.name == "RUNNING"]
        for number in running:
            with self._folder.trial_lock(number):
                pass

    def trials(self) -> list[Trial]:
        """The trials that have ended, in order, numbered from 1."""
        with _readable(self._path):
            return _ended(self._frozen())

    def _frozen(self) -> list[Any]:
        return sorted(self._study.get_trials(deepcopy=False), key=lambda one: int(one.number))

    def _claim(self, budget: int) -> _Claim | None:
        with self._folder.locked(), _readable(self._path):
            found = self._hand_back_lost()
            earlier = _ended(found)
            taken = len(earlier) + sum(one.state.name == "RUNNING" for one in found)
            if taken >= budget:
                return None
            self._study.sampler = _sampler(self._search, self._row.asked.seed, taken)
            trial = self._study.ask()
            lock = self._folder.trial_lock(trial.number)
            lock.acquire()
            drawn = {} if trial.user_attrs.get(_AS_IS) else _drawn(trial, self._row.space)
            return _Claim(trial, drawn, lock, earlier, taken + 1)

    def _hand_back_lost(self) -> list[Any]:
        """Hand back the trials of processes that have ended: the same settings are the next to be tried.

        Returns:
            All trials of the study.
        """
        found, lost = self._frozen(), 0
        for one in found:
            if one.state.name != "RUNNING":
                continue
            lock = self._folder.trial_lock(one.number)
            if try_lock(lock):
                try:
                    self._study.tell(one.number, state=_state("FAIL"))
                    as_is = {_AS_IS: True} if one.user_attrs.get(_AS_IS) else {}
                    self._study.enqueue_trial(dict(one.params), user_attrs=as_is)
                finally:
                    lock.release()
                lost += 1
                logger.info("%s: a trial that was interrupted is begun again", self._row.row.title)
        return self._frozen() if lost else found

    def _run(self, claim: _Claim) -> Trial:
        def watch(epoch: int, score: float) -> None:
            with _readable(self._path):
                claim.trial.report(score, epoch)
                pruned = self._prune and claim.settings and claim.trial.should_prune()
            if pruned:
                raise PruneError

        same = repeated(claim.settings, claim.earlier)
        trial = replace(same or run_trial(self._row, claim.settings, watch), number=claim.number)
        with _readable(self._path):
            claim.trial.set_user_attr(_OUTCOME, trial.record())
            if trial.state == FINISHED:
                self._study.tell(claim.trial, trial.score)
            else:
                self._study.tell(claim.trial, state=_state("PRUNED" if trial.state == PRUNED else "FAIL"))
        return trial


def _ended(found: Sequence[Any]) -> list[Trial]:
    """The trials of a study that have ended, numbered in order."""
    # One that was interrupted has no outcome, and one that was killed while it was told has no final state.
    outcomes = [one.user_attrs[_OUTCOME] for one in found if _OUTCOME in one.user_attrs and one.state.is_finished()]
    return [replace(Trial.read(outcome), number=number) for number, outcome in enumerate(outcomes, start=1)]


def _open(path: Path, bigger: bool) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        storage=_storage(path),
        study_name=_STUDY,
        direction="maximize" if bigger else "minimize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_FINISHED_FIRST, n_warmup_steps=_WARM_UP),
        load_if_exists=True,
    )


def _storage(path: Path) -> Any:
    import optuna
    from sqlalchemy import URL

    url = URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
    return optuna.storages.RDBStorage(url, engine_kwargs={"connect_args": {"timeout": _LOCKED_SECONDS}})


def _sampler(search: str, seed: int, number: int) -> Any:
    import optuna

    own = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    if search == "random":
        return optuna.samplers.RandomSampler(seed=own)
    # Each setting for itself: the trial as it is has none, and settings drawn together need those of all trials.
    return optuna.samplers.TPESampler(seed=own, multivariate=False)


def _state(name: str) -> Any:
    import optuna

    return optuna.trial.TrialState[name]


def _drawn(trial: Any, space: Space) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for name, one in space.dimensions.items():
        if isinstance(one, Choice):
            drawn[name] = trial.suggest_categorical(name, one.labels)
        elif isinstance(one, Stepped) and isinstance(one.step, int):
            drawn[name] = trial.suggest_int(name, int(one.low), int(one.high), step=one.step)
        elif isinstance(one, Stepped):
            drawn[name] = trial.suggest_float(name, one.low, one.high, step=one.step)
        else:
            drawn[name] = trial.suggest_float(name, one.low, one.high, log=isinstance(one, LogUniform))
    return space.settings(drawn)


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what SQLAlchemy and Optuna say of a file that is no study into one sentence."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        cause = error.__cause__ or error
        raise DataError(
            f"The study '{path}' cannot be read or written ({type(cause).__name__}: {first_line(cause)[:200]}): if it "
            "is damaged, move its folder away to begin anew; if another program holds it, end that."
        ) from error
