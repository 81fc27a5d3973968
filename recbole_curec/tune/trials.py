"""One trial: a training under drawn settings, measured on the validation split alone."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from recbole_curec.errors import CURecError, DiskFullError, DivergedError, in_one_line
from recbole_curec.library_logs import lines_of_recbole_left_out
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.plugin.validating import validated
from recbole_curec.tune.rows import TunedRow

logger = logging.getLogger(__name__)

State = Literal["finished", "pruned", "failed"]
FINISHED: State = "finished"
PRUNED: State = "pruned"
FAILED: State = "failed"
# What RecBole's trainer says of a loss that is no number.
_DIVERGED = "Training loss is nan"
_DECIMALS = 1


class PruneError(Exception):
    """Ends a training that is not worth going on with."""


@dataclass(frozen=True)
class Trial:
    """A trial that has ended.

    Attributes:
        number: Its place in the search of its row, from 1; 0 before it has one.
        state: How it ended.
        settings: What was drawn; empty for the settings as they are.
        score: Value of ``valid_metric`` in the best epoch; of a pruned trial, in the best epoch so far.
        valid: All validation metrics of the best epoch; empty unless finished.
        epochs: Epochs trained.
        seconds: Time in all.
        training_seconds: That of training and validation, without reading data and making stages.
        parameters: Trainable parameters; 0 unless finished.
        note: Why it failed, or which earlier trial had the same settings.
        repeats: Whether it was not trained, because an earlier one had the same settings.
    """

    number: int
    state: State
    settings: Mapping[str, Any]
    score: float | None = None
    valid: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    training_seconds: float = 0.0
    parameters: int = 0
    note: str = ""
    repeats: bool = False

    @property
    def as_is(self) -> bool:
        """Whether it is the row with its settings as they are."""
        return not self.settings

    def record(self) -> dict[str, Any]:
        """The trial as plain data; see :meth:`read`."""
        return asdict(self)

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Trial:
        """A trial from :meth:`record`.

        Raises:
            TypeError: The content is not that of a trial.
        """
        return cls(**content)


def run_trial(row: TunedRow, settings: Mapping[str, Any], watch: Callable[[int, float], None]) -> Trial:
    """Train and validate a row under the settings of a trial.

    The test split is made with the others, since one call makes all three, and nothing is computed on it.

    Args:
        row: The row.
        settings: What was drawn; empty for its settings as they are.
        watch: Called after every validation with the epoch and the score; raises :class:`PruneError` to end the trial.

    Raises:
        CURecError: The row cannot be trained with its settings as they are, or the disk is full.
    """
    began = time.perf_counter()
    progress = _Progress(row.config["valid_metric_bigger"], watch)
    try:
        with lines_of_recbole_left_out():
            config = row.trial_config(settings)
            training, valid, _ = split_data(config)
            progress.began = time.perf_counter()
            made = validated(config, training, valid, progress)
    except PruneError:
        ended = Trial(0, PRUNED, dict(settings), progress.best, epochs=progress.epochs)
    except DiskFullError:
        raise
    except (ValueError, RuntimeError, MemoryError, AssertionError, ArithmeticError) as error:
        if not settings and not _has_diverged(error):
            raise  # then no trial of this row can be trained
        ended = Trial(0, FAILED, dict(settings), epochs=progress.epochs, note=_sentence(error))
    else:
        ended = Trial(0, FINISHED, dict(settings), made.score, made.metrics, made.epochs, parameters=made.parameters)
    now = time.perf_counter()
    return replace(
        ended,
        seconds=round(now - began, _DECIMALS),
        training_seconds=round(now - progress.began, _DECIMALS) if progress.began else 0.0,
    )


class _Progress:
    """Keeps the best score and the number of epochs of a training, for when it ends early."""

    def __init__(self, bigger: bool, watch: Callable[[int, float], None]) -> None:
        self._bigger, self._watch = bigger, watch
        self.best: float | None = None
        self.epochs = 0
        self.began = 0.0

    def __call__(self, epoch: int, score: float) -> None:
        self.epochs = epoch
        if self.best is None or is_better(score, self.best, self._bigger):
            self.best = score
        self._watch(epoch, score)


def is_better(score: float, than: float, bigger: bool) -> bool:
    """Whether a score is better than another one.

    Args:
        score: The score.
        than: The other one.
        bigger: Whether bigger scores are better.
    """
    return score > than if bigger else score < than


def best_of(trials: Sequence[Trial], bigger: bool) -> Trial | None:
    """The first of the finished trials with the best score; None if none has finished."""
    best: Trial | None = None
    for trial in trials:
        if trial.state != FINISHED or trial.score is None:
            continue
        if best is None or best.score is None or is_better(trial.score, best.score, bigger):
            best = trial
    return best


def repeated(settings: Mapping[str, Any], earlier: Sequence[Trial]) -> Trial | None:
    """The outcome of an earlier trial with the same settings, which a training would repeat to the last digit."""
    same = key_of(settings)
    for trial in earlier:
        if key_of(trial.settings) == same:
            note = f"the settings of trial {trial.number}" + (f": {trial.note}" if trial.note else "")
            return replace(trial, number=0, seconds=0.0, training_seconds=0.0, note=note, repeats=True)
    return None


def key_of(settings: Mapping[str, Any]) -> str:
    """Settings as text, equal for equal ones."""
    return json.dumps(settings, sort_keys=True)


def settings_text(settings: Mapping[str, Any]) -> str:
    """Settings in one line; words for none."""
    return ", ".join(f"{name} {value}" for name, value in settings.items()) or "settings as they are"


def _has_diverged(error: Exception) -> bool:
    return isinstance(error, DivergedError) or _DIVERGED in str(error)


def _sentence(error: Exception) -> str:
    text = in_one_line(error) or type(error).__name__
    if _DIVERGED in text:
        return "The training diverged: the loss is nan."
    return text if isinstance(error, CURecError) else f"{type(error).__name__}: {text}"
