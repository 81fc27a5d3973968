"""Evaluation of sequential models with a user's history left out of the list, beside RecBole's protocol.

RecBole leaves the items that a user has taken among the candidates of sequential models, and takes them out for all
others (RUCAIBox/RecBole#1449, #2038). Lists that are served leave them out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.evaluator.collector import Collector

from recbole_curec.errors import CURecError
from recbole_curec.plugin.earlier_items import earlier_items
from recbole_curec.plugin.evaluation_shims import KEEPS_HISTORY
from recbole_curec.plugin.loaders import dataset_of

# Called with scores (B, n_items), the batch, row and item of every target, and whether histories are left out.
Observer = Callable[[torch.Tensor, Any, torch.Tensor, torch.Tensor, bool], None]


@dataclass(frozen=True)
class Tested:
    """Metrics of one evaluation.

    Attributes:
        recbole: By RecBole's protocol.
        without_history: With the user's history left out of the list; empty where RecBole leaves it out anyway, and
            where sampled candidates are ranked.
    """

    recbole: dict[str, float]
    without_history: dict[str, float]


def keeps_history(loader: Any) -> bool:
    """Whether RecBole's protocol leaves a user's history among the candidates that a loader's rows are ranked with."""
    return isinstance(loader, FullSortEvalDataLoader) and bool(loader.is_sequential)


def observed(trainer: Any, loader: Any, observe: Observer, *, load_best_model: bool = False) -> dict[str, float]:
    """RecBole's own evaluation by its own protocol, whatever ``mask_history`` says, in one pass with an observer.

    The observer sees every batch of scores, and for sequential models a second time with the history left out.

    Args:
        trainer: A RecBole trainer with the model to test.
        loader: RecBole's loader of a validation or test split.
        observe: What sees the scores.
        load_best_model: Whether the best checkpoint is loaded first.
    """
    collector, kept = trainer.eval_collector, keeps_history(loader)
    collect = collector.eval_batch_collect
    done = 0

    def record(scores: torch.Tensor, batch: Any, row: torch.Tensor, item: torch.Tensor) -> None:
        nonlocal done
        observe(scores, batch, row, item, False)
        collect(scores, batch, row, item)
        if kept:
            rows = slice(done, done + len(batch))
            _check_rows(dataset_of(loader), rows, batch)
            place, taken = earlier_items(dataset_of(loader)).index(rows, item)
            scores[place.to(scores.device), taken.to(scores.device)] = -torch.inf
            observe(scores, batch, row, item, True)
            done += len(batch)

    collector.eval_batch_collect = record
    try:
        with _history_kept(loader):
            found = trainer.evaluate(loader, load_best_model=load_best_model, show_progress=False)
    finally:
        del collector.eval_batch_collect  # the class's own method again
    return dict(found or {})


def tested(
    trainer: Any, training: Any, loader: Any, *, load_best_model: bool = True, watch: Observer | None = None
) -> Tested:
    """Metrics of a model under both protocols, in one pass.

    Args:
        trainer: A RecBole trainer with the model.
        training: Loader of the training split.
        loader: Loader of the test split.
        load_best_model: Whether the best checkpoint of the trainer's own training is loaded first.
        watch: Sees the scores too.
    """
    second = Collector(trainer.config)
    second.data_collect(training)

    def observe(scores: torch.Tensor, batch: Any, row: torch.Tensor, item: torch.Tensor, left_out: bool) -> None:
        if watch is not None:
            watch(scores, batch, row, item, left_out)
        if left_out:
            second.eval_batch_collect(scores, batch, row, item)

    first = observed(trainer, loader, observe, load_best_model=load_best_model)
    if not keeps_history(loader):
        return Tested(first, {})
    vars(second).pop("curec_ties", None)  # told of the first protocol already
    return Tested(first, dict(trainer.evaluator.evaluate(second.get_data_struct())))


def _check_rows(dataset: Any, rows: slice, batch: Any) -> None:
    """Check that a batch holds the rows it should, so that nobody gets another user's history.

    Raises:
        CURecError: It does not.
    """
    users = dataset.inter_feat[dataset.uid_field][rows]
    if not torch.equal(batch[dataset.uid_field].cpu(), users):
        raise CURecError("The test rows were not evaluated in their order: set shuffle only for training.")


@contextlib.contextmanager
def _history_kept(loader: Any) -> Iterator[None]:
    setattr(loader, KEEPS_HISTORY, True)
    try:
        yield
    finally:
        setattr(loader, KEEPS_HISTORY, False)
