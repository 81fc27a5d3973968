"""Replacements for parts of RecBole's evaluation: every metric, ties that are told, candidates that stay the same."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.stand_in import StandIn

logger = logging.getLogger(__name__)

# Float32 scores of a large catalogue meet by chance in a few lists of a thousand.
_SHARE_OF_TIES = 0.01
_CHUNK = 256
# Name of what says that a loader shall keep histories for now, whatever mask_history says.
KEEPS_HISTORY = "curec_keeps_history"
_PHASES = {"valid": 1, "test": 2}


def told_and_seeded(replace: Callable[[Any, str, Any], None]) -> None:
    """Replace the parts of RecBole's collector and of its loaders for evaluation.

    Args:
        replace: Sets an attribute of an owner so that it can be undone.
    """
    from recbole.data.dataloader.general_dataloader import FullSortEvalDataLoader, NegSampleEvalDataLoader
    from recbole.evaluator import collector

    keeping, owner = TorchKeepingTopk(), collector.Collector
    replace(collector, "torch", keeping)
    replace(owner, "eval_batch_collect", counting_ties(owner.eval_batch_collect, keeping))
    replace(owner, "get_data_struct", telling_ties(owner.get_data_struct))
    replace(FullSortEvalDataLoader, "collate_fn", masking_history(FullSortEvalDataLoader.collate_fn))
    replace(NegSampleEvalDataLoader, "_neg_sampling", seeded_candidates(NegSampleEvalDataLoader._neg_sampling))


class TorchKeepingTopk(StandIn):
    """Replaces ``torch`` inside RecBole's collector: the same, except that the last result of ``topk`` is kept.

    So ties are found without sorting the scores once more.

    Attributes:
        best: Values and indices of the last ``topk``; None after :meth:`taken`.
    """

    def __init__(self) -> None:
        super().__init__(torch)
        self.best: Any = None

    def topk(self, *args: Any, **kwargs: Any) -> Any:
        """``torch.topk``."""
        self.best = torch.topk(*args, **kwargs)
        return self.best

    def taken(self) -> Any:
        """The last result, given away."""
        best, self.best = self.best, None
        return best


def counting_ties(original: Callable[..., None], keeping: TorchKeepingTopk) -> Callable[..., None]:
    """Make ``Collector.eval_batch_collect`` count lists in which the order of equal scores decides a metric.

    Args:
        original: RecBole's method.
        keeping: What stands for ``torch`` in its module.
    """

    @functools.wraps(original)
    def eval_batch_collect(
        self: Any, scores: torch.Tensor, interaction: Any, positive_u: torch.Tensor, positive_i: torch.Tensor
    ) -> None:
        keeping.taken()
        original(self, scores, interaction, positive_u, positive_i)
        best = keeping.taken()
        if best is None:  # value metrics, and GAUC, which gives equal scores their mean rank
            return
        if bool(best.values[:, 0].isnan().any()):
            raise ConfigurationError(
                f"{self.config['model']} predicts scores that are not numbers (nan), so nothing can be ranked: lower "
                f"learning_rate (now {self.config['learning_rate']})."
            )
        tied, lists = self.__dict__.get("curec_ties", (0, 0))
        found = tied_lists(scores, best.values, positive_u, positive_i)
        self.curec_ties = (tied + found, lists + len(scores))

    return eval_batch_collect


def tied_lists(scores: torch.Tensor, best: torch.Tensor, row: torch.Tensor, item: torch.Tensor) -> int:
    """Number of lists whose metric depends on how equal scores are ordered.

    That is, a target within the list, or at its end, has the score of an item that is no target.

    Args:
        scores: Shape ``(B, n_items)``.
        best: The largest scores of every row, in descending order, shape ``(B, K)``.
        row: Row of every target, shape ``(P,)``.
        item: Item of every target, shape ``(P,)``.
    """
    row, item = row.to(scores.device), item.to(scores.device)
    score = scores[row, item]
    last = best[row, -1]
    in_list = score >= last
    equal_in_list = (best[row] == score.unsqueeze(1)).sum(dim=1)
    suspect = in_list & ((equal_in_list > 1) | (score == last))  # few targets, unless the model is a constant
    tied = torch.zeros(len(scores), dtype=torch.bool, device=scores.device)
    if bool(suspect.any()):
        is_target = torch.zeros_like(scores, dtype=torch.bool)  # targets of one list are no ties among themselves
        is_target[row, item] = True
        for targets in torch.split(suspect.nonzero().squeeze(1), _CHUNK):
            equal = (scores[row[targets]] == score[targets].unsqueeze(1)) & ~is_target[row[targets]]  # (T, n_items)
            tied[row[targets[equal.any(dim=1)]]] = True
    return int(tied.sum())


def telling_ties(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make ``Collector.get_data_struct`` pass on plain numbers, which some metrics need, and warn of ties.

    RecBole calls ``.cpu()`` on every value, also on the number of items and on counters.
    """

    @functools.wraps(original)
    def get_data_struct(self: Any) -> Any:
        held = self.data_struct._data_dict
        plain = {name: value for name, value in held.items() if not isinstance(value, torch.Tensor)}
        for name in plain:
            del self.data_struct[name]
        returned = original(self)
        for name, value in plain.items():
            self.data_struct.set(name, value)
            returned.set(name, value)
        _warn_of_ties(self)
        return returned

    return get_data_struct


def _warn_of_ties(collector: Any) -> None:
    tied, lists = collector.__dict__.pop("curec_ties", (0, 0))
    if tied and tied >= _SHARE_OF_TIES * lists:
        logger.warning(
            "ties: in %d of %d ranked lists %s gives the target the same score as other items within the first %d, so "
            "its rank, and every metric over it, is by chance.",
            tied, lists, collector.config["model"], max(collector.topk),
        )  # fmt: skip


def masking_history(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Make ``FullSortEvalDataLoader.collate_fn`` name the history of sequential rows with ``mask_history: true``.

    RecBole then leaves it out of the list, as it does for models that are not sequential.
    """

    @functools.wraps(original)
    def collate_fn(self: Any, index: Any) -> Any:
        from recbole_curec.plugin.earlier_items import earlier_items  # imports RecBole, still loading at first

        batch, history, row, item = original(self, index)
        if history is None and self.config["recommend.mask_history"] and not vars(self).get(KEEPS_HISTORY):
            history = earlier_items(self._dataset).index(index, item)
        return batch, history, row, item

    return collate_fn


def seeded_candidates(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the sampled candidates of an evaluation (``mode: uni100``) depend on seed, phase and user alone.

    Two models under one seed, and all epochs of one, then rank the same candidates; RecBole draws them from the
    generator that training has used. It samples user by user.
    """

    @functools.wraps(original)
    def neg_sampling(self: Any, inter_feat: Any) -> Any:
        if self.neg_sample_args["distribution"] == "none" or self.neg_sample_args["sample_num"] == "none":
            return original(self, inter_feat)
        user = int(inter_feat[self.uid_field][0])
        state = np.random.get_state()  # noqa: NPY002 - RecBole's samplers draw from the global generator
        np.random.seed([self.config["seed"], _PHASES.get(self._sampler.phase, 0), user])  # noqa: NPY002
        try:
            return original(self, inter_feat)
        finally:
            np.random.set_state(state)  # noqa: NPY002

    return neg_sampling
