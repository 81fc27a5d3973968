"""Trainers of our models: RecBole's loop, logging, early stopping and checkpoints, with our own batches."""

from __future__ import annotations

from typing import Any

from recbole.data.dataloader import UserDataLoader
from recbole.trainer.trainer import NCLTrainer, RecVAETrainer, Trainer

from recbole_curec.backbones.facts import backbone_facts
from recbole_curec.plugin.late_trainer import LateTraining
from recbole_curec.plugin.shared_training import SharedTraining
from recbole_curec.plugin.split_optimizer import SplitOptimizer
from recbole_curec.plugin.windows import WindowFields, WindowLoader
from recbole_curec.settings.travel import settings_of


class CURecTrainer(Trainer):  # type: ignore[misc]
    """Trains ``CURec``; with ``train_mode: all_positions`` an epoch is one pass over windows of the histories.

    Attributes:
        shared: How several processes train an epoch; None where one does.
    """

    def __init__(self, config: Any, model: Any) -> None:
        super().__init__(config, model)
        self._windows: WindowLoader | None = None
        self.shared: SharedTraining | None = None

    def _build_optimizer(self, **kwargs: Any) -> Any:
        tables = self.model.sparse_parameters()
        if not tables:
            return super()._build_optimizer(**kwargs)
        known = {id(table) for table in tables}
        rest = [parameter for parameter in self.model.parameters() if id(parameter) not in known]
        # Dense Adam would update every row of the table and its moments, even if a step uses few rows.
        return SplitOptimizer(
            super()._build_optimizer(params=rest), super()._build_optimizer(params=tables, learner="sparse_adam")
        )

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> float | tuple[float, ...]:
        if settings_of(self.config).recommend.train_mode == "all_positions":
            if self._windows is None:
                self._windows = window_loader(self.config, train_data.dataset)
            train_data = self._windows

        def train(loss_function: Any) -> float | tuple[float, ...]:
            loss: float | tuple[float, ...] = super(CURecTrainer, self)._train_epoch(
                train_data, epoch_idx, loss_function, show_progress
            )
            return loss

        return train(loss_func) if self.shared is None else self.shared.epoch(epoch_idx, train)


class GeneralTrainer(Trainer):  # type: ignore[misc]
    """Trains ``CURecGeneral`` like its backbone: with batches of users where the backbone learns from whole users."""

    def __init__(self, config: Any, model: Any) -> None:
        super().__init__(config, model)
        self._users: Any = None

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> float | tuple[float, ...]:
        if backbone_facts(settings_of(self.config).recommend.backbone, "general").by_user:
            if self._users is None:
                self._users = UserDataLoader(self.config, train_data.dataset, None, shuffle=True)
            train_data = self._users
        loss: float | tuple[float, ...] = super()._train_epoch(train_data, epoch_idx, loss_func, show_progress)
        return loss


class GeneralRecVAETrainer(GeneralTrainer, RecVAETrainer):  # type: ignore[misc]
    """Trainer for RecVAE, which trains its encoder and decoder in turn."""


class GeneralNCLTrainer(GeneralTrainer, NCLTrainer):  # type: ignore[misc]
    """Trainer for NCL, which clusters between epochs."""


class LateCURecTrainer(LateTraining, CURecTrainer):
    """Trains the towers of ``CURec`` with ``fusion: late``."""


class LateGeneralTrainer(LateTraining, GeneralTrainer):
    """Trains the towers of ``CURecGeneral`` with ``fusion: late``."""


_OWN_TRAINERS = {"RecVAETrainer": GeneralRecVAETrainer, "NCLTrainer": GeneralNCLTrainer}


def sequential_trainer(config: Any, model: Any) -> CURecTrainer:
    """The trainer of a ``CURec`` model."""
    return (LateCURecTrainer if settings_of(config).recommend.is_late else CURecTrainer)(config, model)


def general_trainer(config: Any, model: Any) -> GeneralTrainer:
    """The trainer of a ``CURecGeneral`` model.

    RecBole chooses special trainers by the name of the model; here the backbone decides.
    """
    if settings_of(config).recommend.is_late:
        return LateGeneralTrainer(config, model)
    own = backbone_facts(settings_of(config).recommend.backbone, "general").own_trainer
    return _OWN_TRAINERS.get(own, GeneralTrainer)(config, model)


def window_loader(config: Any, dataset: Any) -> WindowLoader:
    """Loader of all-position batches of a training split, with the column names of RecBole's config."""
    item = config["ITEM_ID_FIELD"]
    fields = WindowFields(
        user=config["USER_ID_FIELD"],
        item_list=item + config["LIST_SUFFIX"],
        length=config["ITEM_LIST_LENGTH_FIELD"],
        targets=f"{item}_targets",
    )
    return WindowLoader(
        dataset.train_history(),
        fields,
        max_length=config["MAX_ITEM_LIST_LENGTH"],
        batch_size=config["train_batch_size"],
        seed=config["seed"],
        shuffle=config["shuffle"],
    )
