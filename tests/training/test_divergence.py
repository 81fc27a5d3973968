"""A training whose weights become no numbers ends with a sentence, and leaves no such checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import DivergedError
from recbole_curec.llm.loading import load_model
from recbole_curec.rewards.reward import Reward, completion_text
from recbole_curec.training.grpo import new_trainer
from recbole_curec.training.trainer import ProgressBar, run_trainer
from tests.training.small import TEXTS, save_small, small_training

ROWS = [{"prompt": [{"role": "user", "content": TEXTS[k % 2]}], "user": k + 1, "item": 1} for k in range(4)]


class Longer(Reward):
    """Letters of a completion."""

    name = "longer"

    def __call__(self, prompts: Any, completions: Any, **_: Any) -> list[float]:
        return [float(len(completion_text(completion))) for completion in completions]


def test_a_training_that_diverges_is_stopped_before_it_saves(tmp_path: Path) -> None:
    saved = save_small(tmp_path / "model")
    training = small_training(tmp_path / "grpo", **{"reinforce.learning_rate": 0.01})
    model, tokenizer = load_model(saved, trainable=True)
    trainer = new_trainer(model, tokenizer, ROWS, {"longer": Longer()}, training.grpo(1.0), tiny_folder=saved)
    trainer.model.get_input_embeddings().weight.register_hook(lambda gradient: gradient * float("nan"))
    with pytest.raises(
        DivergedError, match=r"'reinforce' diverged at step 1 of 2.*lower reinforce.learning_rate \(now"
    ):
        run_trainer(trainer, training.scratch, ProgressBar("reinforce", "reward", enabled=False))
    assert not list(training.scratch.glob("checkpoint-*"))
