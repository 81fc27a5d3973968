"""Searches over a training that is a formula, so that they end at once and their right answer is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from optuna.storages import InMemoryStorage

from recbole_curec.plugin.validating import Validated
from recbole_curec.tune import optuna_search, trials
from recbole_curec.tune.rows import Asked, TunedRow, rows_of, tuned_rows
from tests.atomic_dataset import AtomicDataset

Watch = Callable[[int, float], None]
SPACE = "learning_rate: {uniform: [0.001, 0.1]}\ndropout_prob: {choice: [0.1, 0.2, 0.3]}\n"


class Trainings:
    """Stands in for :func:`recbole_curec.plugin.validating.validated`: the score says how near 0.05 the rate is.

    Attributes:
        asked: Learning rate and dropout of every training.
        before: Called with the number of the training, from 1, and what watches it; may raise.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        patch.setattr(trials, "validated", self)
        patch.setattr(trials, "split_data", lambda _config: (None, None, None))
        self._configs, self._storage = TunedRow.trial_config, optuna_search._storage
        memory: dict[Path, Any] = defaultdict(InMemoryStorage)
        patch.setattr(optuna_search, "_storage", lambda path: memory[path])
        patch.setattr(TunedRow, "trial_config", lambda row, settings: {**row.config.final_config_dict, **settings})
        self.asked: list[tuple[float, float]] = []
        self.before: Callable[[int, Watch], None] = lambda _number, _watch: None

    def real_studies(self) -> None:
        """Keep studies on disk, which takes longer than all else here."""
        self._patch.setattr(optuna_search, "_storage", self._storage)

    def real_configs(self) -> None:
        """Load a config for every trial, which is slower."""
        self._patch.setattr(TunedRow, "trial_config", self._configs)

    def __call__(self, config: Any, _training: Any, _valid: Any, watch: Watch) -> Validated:
        self.asked.append((config["learning_rate"], config["dropout_prob"]))
        self.before(len(self.asked), watch)
        score = round(1 - abs(config["learning_rate"] - 0.05) - config["dropout_prob"], 6)
        watch(1, score)
        return Validated(score, {"ndcg@10": score}, 1, 0.0, 10)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    return Trainings(monkeypatch)


@pytest.fixture
def rows(
    toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]], tmp_path: Path
) -> Callable[..., list[TunedRow]]:
    """``rows("GRU4Rec", space=..., seed=..., more={...})``."""

    def build(*models: str, space: str = SPACE, seed: int = 7, more: dict[str, Any] | None = None) -> list[TunedRow]:
        path = tmp_path / "space.yaml"
        path.write_text(space)
        given = {**settings_for(toy), **(more or {})}
        del given["fusion"]
        asked = Asked(toy.name, [], given, seed)
        files = [name for name in models if name.endswith(".yaml")]
        names = [name for name in models if name not in files]
        return tuned_rows(rows_of(files, names if models else ["GRU4Rec"]), asked, str(path))

    return build


def outcomes(found: Sequence[trials.Trial]) -> list[tuple[Any, ...]]:
    """What does not depend on the clock."""
    return [(one.number, one.state, dict(one.settings), one.score, one.note) for one in found]
