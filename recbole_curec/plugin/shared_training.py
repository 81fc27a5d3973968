"""Epochs of ``CURec`` on several processes: each computes a share of every batch of windows, gradients are summed.

The first process trains as it would alone: validation, early stopping, checkpoints and logs are its own. The others
wait for it and take part in its epochs. Every epoch begins with its parameters, and every step ends with the sum of the
gradients, so that all processes make the same update, that of the whole batch.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from recbole.utils import init_seed
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.model.share import Share
from recbole_curec.plugin.new_trainers import close_events, new_trainer
from recbole_curec.plugin.split_optimizer import SplitOptimizer
from recbole_curec.processes import from_main, gathered, summed, together, world
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)

Losses = float | tuple[float, ...]


class SummedOptimizer(SplitOptimizer):
    """Sums the gradients of all processes, and clips them, before every step; its state is that of what it steps.

    Args:
        part: Steps the parameters.
        dense: Parameters with dense gradients.
        sparse: Parameters with sparse gradients.
        clip: Arguments of torch's ``clip_grad_norm_``; None does not clip, and sparse gradients cannot be clipped.
    """

    def __init__(
        self,
        part: Optimizer | SplitOptimizer,
        dense: list[nn.Parameter],
        sparse: list[nn.Parameter],
        clip: dict[str, Any] | None,
    ) -> None:
        super().__init__(part)
        self._dense, self._sparse, self._clip = dense, sparse, clip

    def step(self) -> None:
        """Sum, clip, and update the parameters."""
        sum_dense(self._dense)
        for parameter in self._sparse:
            sum_sparse(parameter)
        if self._clip:
            clip_grad_norm_(self._dense, **self._clip)
        super().step()

    def state_dict(self) -> dict[str, Any]:
        """State as one process saves it."""
        state: dict[str, Any] = self.parts[0].state_dict()
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state of :meth:`state_dict`."""
        self.parts[0].load_state_dict(state)


def sum_dense(parameters: list[nn.Parameter]) -> None:
    """Sum the dense gradients of all processes, in one exchange.

    A parameter without a gradient on every process keeps none, because an optimiser would move it by its momentum.

    Args:
        parameters: The same on every process.
    """
    if not parameters:
        return
    there = parameters[0].new_tensor([parameter.grad is not None for parameter in parameters])
    gradients = [torch.zeros_like(one) if one.grad is None else one.grad for one in parameters]
    total = summed(torch.cat([there, *(gradient.reshape(-1) for gradient in gradients)]))
    counts = total[: len(parameters)].tolist()
    place = len(parameters)
    for parameter, count in zip(parameters, counts, strict=True):
        part = total[place : place + parameter.numel()]
        parameter.grad = part.view_as(parameter) if count else None
        place += parameter.numel()


def sum_sparse(parameter: nn.Parameter) -> None:
    """Sum the sparse gradients that all processes have of a table's rows; where nobody has any, there is none.

    Args:
        parameter: The table, shape ``(n, H)``.
    """
    gradient = parameter.grad
    if gradient is None:
        gradient = torch.sparse_coo_tensor(
            torch.empty(1, 0, dtype=torch.int64), parameter.new_empty(0, parameter.shape[1]), parameter.shape,
            device=parameter.device,
        )  # fmt: skip
    gradient = gradient.coalesce()
    rows, values = torch.cat(gathered(gradient.indices()[0])), torch.cat(gathered(gradient.values()))
    total = torch.sparse_coo_tensor(rows.unsqueeze(0), values, parameter.shape, check_invariants=False)
    parameter.grad = total.coalesce() if len(rows) else None


class SharedTraining:
    """What a trainer's epochs do on several processes.

    Args:
        trainer: A :class:`~recbole_curec.plugin.trainers.CURecTrainer` for which :func:`why_alone` finds no reason.
    """

    def __init__(self, trainer: Any) -> None:
        self._model = trainer.model
        self._processes = world()
        self._share = Share(self._processes.rank, self._processes.size, from_main)
        tables = {id(table) for tower in _towers(self._model) for table in tower.sparse_parameters()}
        self._parameters = [one for one in self._model.parameters() if one.requires_grad]
        trainer.optimizer = SummedOptimizer(
            trainer.optimizer,
            [one for one in self._parameters if id(one) not in tables],
            [one for one in self._parameters if id(one) in tables],
            trainer.clip_grad_norm,
        )
        trainer.clip_grad_norm = None  # RecBole's loop would clip before gradients are summed

    def epoch(self, number: int, train: Callable[[Callable[..., Any]], Losses]) -> Losses:
        """One epoch on all processes.

        Args:
            number: The epoch.
            train: RecBole's epoch with a loss function, over whole batches.

        Returns:
            The losses of the whole batches.
        """
        if not self._processes.is_main:
            return self._epoch(train)
        with together(json.dumps({"epoch": number, "active": getattr(self._model, "active", None)})):
            return self._epoch(train)

    def _epoch(self, train: Callable[[Callable[..., Any]], Losses]) -> Losses:
        for parameter in self._parameters:
            from_main(parameter.data)
        losses = train(partial(self._model.calculate_loss, share=self._share))
        parts = losses if isinstance(losses, tuple) else (losses,)
        device = self._parameters[0].device
        total = tuple(summed(torch.tensor(parts, dtype=torch.float64, device=device)).tolist())
        return total if isinstance(losses, tuple) else total[0]


class Follower:
    """Takes part in the epochs of the first process, whose requests it is called with; trains one model.

    Args:
        config: RecBole's config.
        training: Loader of the training split.
    """

    def __init__(self, config: Any, training: Any) -> None:
        self._config, self._training = config, training
        self._trainer: Any = None

    def __call__(self, request: str) -> None:
        """Train one epoch."""
        if self._trainer is None:
            self._trainer = self._new()
        asked = json.loads(request)
        if asked["active"] is not None:
            self._trainer.model.active = asked["active"]
        self._trainer._train_epoch(self._training, asked["epoch"])

    def _new(self) -> Any:
        self._config["log_wandb"] = False  # the first process logs
        trainer = new_trainer(self._config, self._training)
        close_events(trainer)
        _draw_apart(trainer.model, self._config)
        trainer.shared = SharedTraining(trainer)
        return trainer


def share_epochs(trainer: Any) -> None:
    """Let the other processes, which wait with a :class:`Follower`, take part in a trainer's epochs, where they can.

    Args:
        trainer: A new trainer of the first process.
    """
    size = world().size
    if size == 1:
        return
    if why := why_alone(trainer):
        logger.info("recommend: the first of %d processes trains alone: %s", size, why)
        return
    logger.info("recommend: %d processes share every batch of windows", size)
    trainer.shared = SharedTraining(trainer)


def why_alone(trainer: Any) -> str:
    """Why a model's batches cannot be split over processes without changing its updates; empty if they can.

    Args:
        trainer: Its trainer.
    """
    name = str(trainer.config["model"])
    if OUR_MODELS.get(name) != "sequential":
        return f"the loss of {name} need not be a sum over the rows of a batch"
    if settings_of(trainer.config).recommend.train_mode != "all_positions":
        return "with train_mode: prefixes the loss is the backbone's own, which need not be a sum over rows"
    if any(isinstance(module, _BatchNorm) for module in trainer.model.modules()):
        return "batch normalisation reads the whole batch"
    if trainer.enable_scaler:
        return "enable_scaler looks at the gradients before they are summed"
    return ""


def _towers(model: Any) -> list[Any]:
    return list(getattr(model, "towers", [model]))


def _draw_apart(model: Any, config: Any) -> None:
    """Start other random draws than the first process, whose dropout would otherwise be repeated on every share."""
    for number in range(len(_towers(model))):
        (seed,) = np.random.SeedSequence([config["seed"], number, world().rank]).generate_state(1)
        if hasattr(model, "towers"):
            with model.drawing(number):
                init_seed(int(seed), config["reproducibility"])
        else:
            init_seed(int(seed), config["reproducibility"])
