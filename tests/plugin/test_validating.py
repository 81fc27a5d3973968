"""Training for a search: what is asked of a trainer, and scores that are none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from recbole_curec.errors import ConfigurationError, DivergedError
from recbole_curec.plugin import validating
from recbole_curec.plugin.validating import validated


class FakeTrainer:
    """Two epochs with the scores it is given."""

    def __init__(self, scores: list[float], metrics: dict[str, float] | None) -> None:
        self.scores, self.metrics, self.asked = scores, metrics, {}
        self.train_loss_dict = dict.fromkeys(range(len(scores)), 0.0)
        self.model = torch.nn.Linear(3, 2)

    def fit(self, _training: Any, _valid: Any, callback_fn: Any, **asked: Any) -> tuple[float, dict[str, float] | None]:
        self.asked = asked
        for epoch, score in enumerate(self.scores):
            callback_fn(epoch, score)
        return max(self.scores), self.metrics


def _run(trainer: FakeTrainer, monkeypatch: pytest.MonkeyPatch, watch: Any = lambda _epoch, _score: None) -> Any:
    monkeypatch.setattr(validating, "new_trainer", lambda _config, _training: trainer)
    return validated({"epochs": 2, "eval_step": 3}, None, SimpleNamespace(), watch)


def test_the_best_epoch_counts_and_nothing_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, seen = FakeTrainer([0.2, 0.1], {"ndcg@10": 0.2}), []
    found = _run(trainer, monkeypatch, lambda epoch, score: seen.append((epoch, score)))
    assert seen == [(1, 0.2), (2, 0.1)]
    assert (found.score, found.metrics, found.epochs, found.parameters) == (0.2, {"ndcg@10": 0.2}, 2, 8)
    assert trainer.asked == {"verbose": False, "saved": False, "show_progress": False}


def test_a_score_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DivergedError, match="the validation score is nan"):
        _run(FakeTrainer([float("nan")], {"ndcg@10": float("nan")}), monkeypatch)
    with pytest.raises(ConfigurationError, match="No epoch was validated with epochs: 2 and eval_step: 3"):
        _run(FakeTrainer([0.1], None), monkeypatch)
