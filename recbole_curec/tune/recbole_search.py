"""Search by RecBole's own ``HyperTuning``, which is hyperopt: one process, no pruning.

RecBole reads a file of its own and evaluates it as code; here its class is given the space that was parsed and checked.
Its exhaustive search calls a generator of numbers that today's hyperopt no longer gives, so it is not offered.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from recbole_curec.atomic_write import write_text
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.tune.rows import TunedRow
from recbole_curec.tune.spaces import Choice, LogUniform, Space, Stepped
from recbole_curec.tune.study_folder import StudyFolder, try_lock
from recbole_curec.tune.trials import Trial, key_of, repeated, run_trial

TRIALS = "trials.json"
_ALGORITHMS = {"tpe": "bayes", "random": "random"}
_SEED = "HYPEROPT_FMIN_SEED"
# What a failed trial is told to hyperopt as: it has no state for one here, and only the order of scores counts.
_WORST = 1e9


def check_hyperopt() -> None:
    """Check that hyperopt is installed.

    Raises:
        ConfigurationError: It is not.
    """
    if importlib.util.find_spec("hyperopt") is None:
        raise ConfigurationError(
            "engine: recbole needs the package 'hyperopt', which is not installed: "
            "pip install 'recbole-curec[tune-recbole]'."
        )


class RecBoleSearch:
    """The search of one row; see :class:`~recbole_curec.tune.optuna_search.OptunaSearch`.

    Finished trials are stored. A search that was killed draws the same again and takes their outcomes from there.

    Args:
        row: The row.
        folder: Its folder, begun already.
        search: ``tpe`` or ``random``.

    Raises:
        DataError: The stored trials cannot be read.
    """

    def __init__(self, row: TunedRow, folder: StudyFolder, *, search: str) -> None:
        self._row, self._folder, self._search = row, folder, search
        self._path = folder.path / TRIALS
        self._stored = self._read()
        self._ended: list[Trial] = []

    def work(self, budget: int, ended: Callable[[Trial], None]) -> None:
        """Run all trials: the settings as they are, then those that hyperopt draws.

        Args:
            budget: Number of trials of the row.
            ended: Called with every trial that has ended.

        Raises:
            ConfigurationError: Another process is tuning the row.
            CURecError: The row cannot be trained at all.
        """
        lock = self._folder.trial_lock(0)
        if not try_lock(lock):
            raise ConfigurationError(
                f"Row '{self._row.row.title}' is being tuned by another process, and engine: recbole runs in one: wait "
                "for it, or use engine: optuna, whose processes share a search."
            )
        try:
            self._ended = []
            self._try({}, ended)
            if budget > 1:
                self._draw(budget - 1, ended)
        finally:
            lock.release()

    def wait(self) -> None:
        """Nothing to wait for: one process runs all trials."""

    def trials(self) -> list[Trial]:
        """The trials of this call, in order, numbered from 1."""
        return list(self._ended)

    def _draw(self, budget: int, ended: Callable[[Trial], None]) -> None:
        from recbole.trainer import HyperTuning

        bigger = bool(self._row.config["valid_metric_bigger"])

        def objective(drawn: Mapping[str, Any], _files: Any) -> dict[str, Any]:
            trial = self._try(self._row.space.settings(drawn), ended)
            worst = -_WORST if bigger else _WORST
            return {
                "model": self._row.row.name,
                "best_valid_score": worst if trial.score is None else trial.score,
                "valid_score_bigger": bigger,
                "best_valid_result": dict(trial.valid),
                "test_result": "not measured",
            }

        tuning = HyperTuning(
            objective,
            space=hyperopt_space(self._row.space),
            algo=_ALGORITHMS[self._search],
            max_evals=budget,
            early_stop=budget + 1,  # never: every row has the same budget
        )
        # It prints, and so does hyperopt's progress bar.
        with _seeded(self._row.asked.seed), contextlib.redirect_stdout(io.StringIO()):
            tuning.run()

    def _try(self, settings: Mapping[str, Any], ended: Callable[[Trial], None]) -> Trial:
        number = len(self._ended) + 1
        stored = self._stored.get(key_of(settings))
        same = repeated(settings, self._ended)
        found = same or stored or run_trial(self._row, settings, lambda _epoch, _score: None)
        trial = replace(found, number=number)
        self._ended.append(trial)
        if not trial.repeats:
            self._stored[key_of(settings)] = trial
        write_text(self._path, json.dumps([one.record() for one in self._stored.values()], indent=2) + "\n")
        ended(trial)
        return trial

    def _read(self) -> dict[str, Trial]:
        if not self._path.is_file():
            return {}
        try:
            found = [Trial.read(one) for one in json.loads(self._path.read_text(encoding="utf-8"))]
            return {key_of(one.settings): one for one in found}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"The trials '{self._path}' cannot be read ({type(error).__name__}): they are damaged: move their "
                "folder away to begin anew."
            ) from error


def hyperopt_space(space: Space) -> dict[str, Any]:
    """A space as hyperopt's expressions, for RecBole's ``HyperTuning``."""
    from hyperopt import hp

    found = {}
    for name, one in space.dimensions.items():
        if isinstance(one, Choice):
            found[name] = hp.choice(name, one.labels)
        elif isinstance(one, Stepped):
            found[name] = hp.quniform(name, one.low, one.high, one.step)
        elif isinstance(one, LogUniform):
            found[name] = hp.loguniform(name, math.log(one.low), math.log(one.high))
        else:
            found[name] = hp.uniform(name, one.low, one.high)
    return found


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Give hyperopt its seed, which RecBole does not pass on, where hyperopt looks for it."""
    before = os.environ.get(_SEED)
    os.environ[_SEED] = str(seed)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SEED]
        else:
            os.environ[_SEED] = before
