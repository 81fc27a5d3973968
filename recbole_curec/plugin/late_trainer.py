"""The trainer of ``fusion: late``: RecBole's loop over towers that keep their best epochs and stop one by one."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import torch
from recbole.trainer.trainer import Trainer
from recbole.utils import early_stopping
from tqdm import tqdm

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.split_optimizer import ClippingOptimizer, SplitOptimizer
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)

_GRID = 4  # weights are multiples of one over this


@dataclass
class TowerProgress:
    """Early stopping of one tower.

    Attributes:
        best: Best validation score; infinitely bad before the first validation.
        epoch: Best epoch, -1 before the first validation.
        misses: Validations in a row without improvement.
        tensors: The tensors of the best epoch, by their name in the tower's state.
        other: What the backbone saves beside its weights, at the best epoch.
    """

    best: float
    epoch: int = -1
    misses: int = 0
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    other: Any = None

    def keep(self, tower: Any) -> None:
        """Copy the tower's state; its features never change and are not copied."""
        self.tensors = {name: tensor.detach().clone() for name, tensor in _changing(tower).items()}
        self.other = tower.backbone.other_parameter()

    def exchange(self, tower: Any) -> None:
        """Exchange the tower's state and the kept one; a second call undoes it."""
        for name, tensor in _changing(tower).items():
            tensor.data, self.tensors[name] = self.tensors[name], tensor.data
        current = tower.backbone.other_parameter()
        tower.backbone.load_other_parameter(self.other)
        self.other = current


class LateTraining(Trainer):  # type: ignore[misc]
    """Mixin that trains every tower of a late fusion as it would be trained alone, in one run.

    The towers share no weights, so the sum of their losses has the gradients of each. Clipping and optimiser are per
    tower. After every validation each tower's own score decides whether its state is kept and whether it is trained
    on; training ends when the last tower stops. The model then holds every tower's best epoch, and so do checkpoints.
    """

    model: Any
    best_valid_score: Any
    best_valid_result: Any

    def __init__(self, config: Any, model: Any) -> None:
        super().__init__(config, model)
        self.clip_grad_norm = None  # RecBole's loop would clip all towers together
        worst = -np.inf if self.valid_metric_bigger else np.inf
        self._progress = [TowerProgress(worst) for _ in model.towers]
        self._epoch = -1

    def _build_optimizer(self, **kwargs: Any) -> Any:
        parts = []
        for number, tower in enumerate(self.model.towers):
            with self._only(number):
                own = super()._build_optimizer(**kwargs)
            parts.append(ClippingOptimizer(own, list(tower.parameters()), self.clip_grad_norm))
        return SplitOptimizer(*parts)

    @contextmanager
    def _only(self, number: int) -> Iterator[None]:
        """RecBole's methods see one tower in the place of the model within this context."""
        whole = self.model
        self.model = whole.towers[number]
        try:
            yield
        finally:
            self.model = whole

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> float | tuple[float, ...]:
        self._epoch = epoch_idx
        loss: float | tuple[float, ...] = super()._train_epoch(train_data, epoch_idx, loss_func, show_progress)
        return loss

    def _generate_train_loss_output(self, epoch_idx: int, s_time: float, e_time: float, losses: Any) -> str:
        named = ", ".join(
            f"{self._name(number)} loss: {loss:.4f}" for number, loss in zip(self.model.active, losses, strict=True)
        )
        return f"epoch {epoch_idx} training [time: {e_time - s_time:.2f}s, {named}]"

    def _add_train_loss_to_tensorboard(self, epoch_idx: int, losses: Any, tag: str = "Loss/Train") -> None:
        for number, loss in zip(self.model.active, losses, strict=True):
            super()._add_train_loss_to_tensorboard(epoch_idx, loss, f"{tag}{number}")

    def _valid_epoch(self, valid_data: Any, show_progress: bool = False) -> tuple[float, dict[str, float]]:
        """Validate the towers that are trained, each for itself.

        Returns:
            The mean of the towers' best scores if one of them improved, else something worse, so that RecBole's own
            early stopping saves when a tower improves and ends when the last tower has stopped; and the score of every
            tower that was validated.
        """
        whole, before, improved = self.model, self._mean_of_best(), False
        result: dict[str, float] = {}
        for number in list(whole.active):
            with whole.drawing(number), self._only(number):
                score, _ = super()._valid_epoch(valid_data, show_progress)
            improved |= self._note(number, score)
            result[f"{self._name(number)} {self.valid_metric}"] = score
        return (self._mean_of_best() if improved else self._worse_than(before)), result

    def _note(self, number: int, score: float) -> bool:
        """Note a tower's validation score: keep its state if it is the best, stop it if it has waited long enough."""
        progress = self._progress[number]
        stopped: bool
        improved: bool
        progress.best, progress.misses, stopped, improved = early_stopping(
            float(score), progress.best, progress.misses, max_step=self.stopping_step, bigger=self.valid_metric_bigger
        )
        if improved:
            progress.epoch = self._epoch
            progress.keep(self.model.towers[number])
        if stopped:
            self.model.active.remove(number)
            logger.info("%s: finished training, best epoch %d", self._name(number), progress.epoch)
        return improved

    def _mean_of_best(self) -> float:
        return sum(progress.best for progress in self._progress) / len(self._progress)

    def _worse_than(self, score: float) -> float:
        return math.nextafter(score, -math.inf if self.valid_metric_bigger else math.inf)

    def _name(self, number: int) -> str:
        return f"tower {number + 1} ({self.model.fusions[number]})"

    def fit(
        self,
        train_data: Any,
        valid_data: Any = None,
        verbose: bool = True,
        saved: bool = True,
        show_progress: bool = False,
        callback_fn: Any = None,
    ) -> tuple[float, dict[str, float] | None]:
        """Train as RecBole's trainer does, then put every tower's best epoch together.

        Returns:
            Validation score and metrics of the sum of the towers' scores.

        Raises:
            ConfigurationError: The weights are to be chosen on validation, but there is none.
        """
        choose = settings_of(self.config).late.weights == "validation"
        if choose and not valid_data:
            raise ConfigurationError(
                "late.weights: validation needs a validation split, and there is none: set late.weights: equal."
            )
        if self.model.active:
            super().fit(train_data, valid_data, verbose, saved, show_progress, callback_fn)
        if not valid_data:
            return self.best_valid_score, self.best_valid_result
        self._take_best()
        if choose:
            self._choose_weights(valid_data, show_progress)
        self.best_valid_score, self.best_valid_result = super()._valid_epoch(valid_data, show_progress)
        if saved:
            self._save_checkpoint(self._epoch, verbose=False)
        if verbose:
            self._tell()
        return self.best_valid_score, self.best_valid_result

    def _take_best(self) -> None:
        """Put every tower's best epoch into the model; its current state is dropped."""
        for progress, tower in zip(self._progress, self.model.towers, strict=True):
            if progress.tensors:
                progress.exchange(tower)
                progress.tensors = {}

    def _choose_weights(self, valid_data: Any, show_progress: bool) -> None:
        """Set the weights with the best validation score; equal ones if no others are better."""
        best, chosen = None, self.model.weights.clone()
        for weights in tqdm(weight_grid(len(chosen)), desc="weights", leave=False, disable=not show_progress):
            self.model.weights.copy_(torch.tensor(weights))
            score, _ = super()._valid_epoch(valid_data)
            if best is None or (score > best if self.valid_metric_bigger else score < best):
                best, chosen = score, self.model.weights.clone()
        self.model.weights.copy_(chosen)

    def _tell(self) -> None:
        for number, (progress, weight) in enumerate(zip(self._progress, self.model.weights.tolist(), strict=True)):
            logger.info(
                "%s: weight %.2f, best epoch %d, valid %s %.4f",
                self._name(number), weight, progress.epoch, self.valid_metric, progress.best,
            )  # fmt: skip
        logger.info("sum of the towers: valid %s %.4f", self.valid_metric, self.best_valid_score)

    def _save_checkpoint(self, epoch: int, verbose: bool = True, **kwargs: Any) -> None:
        """Save the model with every tower's best epoch; optimisers are as they are now."""
        kept = [pair for pair in zip(self._progress, self.model.towers, strict=True) if pair[0].tensors]
        self.model.progress = [
            {
                "fusion": fusion,
                "epoch": progress.epoch,
                "score": progress.best,
                "misses": progress.misses,
                "stopped": number not in self.model.active,
            }
            for number, (fusion, progress) in enumerate(zip(self.model.fusions, self._progress, strict=True))
        ]
        for progress, tower in kept:
            progress.exchange(tower)
        try:
            super()._save_checkpoint(epoch, verbose, **kwargs)
        finally:
            for progress, tower in kept:
                progress.exchange(tower)

    def resume_checkpoint(self, resume_file: Any) -> None:
        """Go on from a checkpoint: every tower from its best epoch, with the optimiser's state at saving.

        Towers that had stopped are not trained on.
        """
        super().resume_checkpoint(resume_file)
        self._epoch = self.start_epoch - 1  # what is saved again if nothing is left to train
        for number, (progress, saved) in enumerate(zip(self._progress, self.model.progress, strict=True)):
            progress.best, progress.epoch = saved["score"], saved["epoch"]
            # Checkpoints of versions before tell neither, and their towers are all trained on.
            progress.misses = saved.get("misses", 0)
            if saved.get("stopped", False) and number in self.model.active:
                self.model.active.remove(number)
                logger.info("%s: had finished training, best epoch %d", self._name(number), progress.epoch)
            if progress.epoch >= 0:
                progress.keep(self.model.towers[number])
        self.best_valid_score = self._mean_of_best()


def weight_grid(towers: int) -> list[tuple[float, ...]]:
    """Equal weights, then every other combination of multiples of a quarter that add up to 1.

    Args:
        towers: Number of towers.
    """
    equal = (1 / towers,) * towers
    steps = (parts for parts in product(range(_GRID + 1), repeat=towers) if sum(parts) == _GRID)
    grid = [tuple(part / _GRID for part in parts) for parts in steps]
    return [equal, *(weights for weights in grid if weights != equal)]


def _changing(tower: Any) -> dict[str, torch.Tensor]:
    """The tensors of a tower's state that training changes, by name; each once, though a backbone may name it twice."""
    seen = {id(table.semantic) for table in tower.semantic_tables()}
    found = {}
    for name, tensor in tower.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            found[name] = tensor
    return found
