"""Losses over an item table: exact cross-entropy in bounded memory, sampled cross-entropy, and pairwise (BPR)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F  # noqa: N812 - torch's own convention

# Scores of the full softmax computed at once: on a CPU as many as fit its cache (4 MiB), on other devices enough to use
# them fully (256 MiB); but never fewer rows than an efficient matrix product needs.
_SCORES = {"cpu": 1 << 20}
_SCORES_ELSEWHERE = 1 << 26
_FEWEST_ROWS = 64


@dataclass(frozen=True)
class Negatives:
    """Items drawn for one step and shared by all of its targets.

    Attributes:
        items: Item ids, repeated if drawn more than once, shape ``(M,)``.
        log_expected: Logarithm of the expected number of draws of each in one step, shape ``(M,)``.
    """

    items: torch.Tensor
    log_expected: torch.Tensor


class NegativeSampler(nn.Module):
    """Draws negatives: a part by frequency in the training split, the rest uniformly over all items.

    Frequent items are the strongest competitors, but rare ones must be trained as negatives too: mixed negative
    sampling (Yang et al., "Mixed Negative Sampling for Learning Two-tower Neural Networks in Recommendations", 2020).
    The cost of a draw does not depend on the numbers of items and interactions.
    """

    def __init__(self, items: torch.Tensor, n_items: int, count: int, popular: float) -> None:
        """Prepare the draws.

        Args:
            items: Item of every training interaction, shape ``(N,)``.
            n_items: Size of the item table; 0 is padding and never drawn.
            count: Items per step, ``M``.
            popular: Share drawn by frequency, 0 to 1.
        """
        super().__init__()
        self.n_items = n_items
        self.n_popular = round(count * popular)
        self.n_uniform = count - self.n_popular
        frequency = torch.bincount(items, minlength=n_items).double() / len(items)
        expected = self.n_popular * frequency + self.n_uniform / (n_items - 1)
        # Not saved with the model: both follow from the training split.
        self.items: torch.Tensor
        self.log_expected: torch.Tensor
        self.register_buffer("items", items if self.n_popular else items[:0], persistent=False)
        self.register_buffer("log_expected", expected.log().float(), persistent=False)

    def draw(self, agree: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Negatives:
        """Negatives of one step, from torch's global generator.

        Args:
            agree: Gives the items that several processes use instead of those which each of them drew.
        """
        device = self.log_expected.device
        drawn = torch.randint(1, self.n_items, (self.n_uniform,), device=device)
        if self.n_popular:
            rows = torch.randint(len(self.items), (self.n_popular,), device=device)
            drawn = torch.cat([self.items[rows], drawn])
        drawn = drawn if agree is None else agree(drawn)
        return Negatives(drawn, self.log_expected[drawn])


def cross_entropy(states: torch.Tensor, table: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Exact mean cross-entropy of ``states @ table.T`` against the targets, without holding all scores in memory.

    States are processed in chunks whose gradients are computed in the forward pass, as in Liger Kernel's fused linear
    cross-entropy (Hsu et al., arXiv:2410.10989): memory is that of one chunk's scores and of the gradients, and nothing
    is computed twice, unlike with recomputation in the backward pass (Wijmans et al., arXiv:2411.09009). On a CPU it is
    also faster than torch's, because a chunk fits the cache.

    Args:
        states: Shape ``(T, H)``.
        table: Item vectors, shape ``(n_items, H)``.
        targets: Item ids, shape ``(T,)``.
    """
    rows = max(_SCORES.get(states.device.type, _SCORES_ELSEWHERE) // len(table), _FEWEST_ROWS)
    loss: torch.Tensor = _ChunkedCrossEntropy.apply(states.float(), table.float(), targets, rows)  # type: ignore[no-untyped-call]
    return loss


def sampled_cross_entropy(
    states: torch.Tensor, wanted: torch.Tensor, sampled: torch.Tensor, targets: torch.Tensor, negatives: Negatives
) -> torch.Tensor:
    """Mean cross-entropy over each target and the drawn negatives, whose scores are corrected by ``log_expected``.

    The correction makes the sum of exponentials an unbiased estimate of the full softmax's (importance sampling:
    Bengio and Senécal 2008; shared negatives: Jean et al. 2015; known in recommenders as logQ correction, Yi et al.
    2019). A negative that is the target itself is left out for that target.

    Args:
        states: Shape ``(T, H)``.
        wanted: Vectors of the targets, shape ``(T, H)``.
        sampled: Vectors of the negatives, shape ``(M, H)``.
        targets: Item ids, shape ``(T,)``.
        negatives: Ids and expected counts of the negatives.
    """
    positive = (states * wanted).sum(dim=1, keepdim=True)  # (T, 1)
    scores = states @ sampled.T - negatives.log_expected  # (T, M)
    scores = scores.masked_fill(targets.unsqueeze(1) == negatives.items, -math.inf)
    return (torch.logsumexp(torch.cat([positive, scores], dim=1), dim=1) - positive.squeeze(1)).mean()


def pairwise(
    states: torch.Tensor, wanted: torch.Tensor, sampled: torch.Tensor, targets: torch.Tensor, negatives: Negatives
) -> torch.Tensor:
    """Mean BPR loss (Rendle et al. 2009) of each target against every drawn negative that is not the target itself.

    Arguments are those of :func:`sampled_cross_entropy`.
    """
    margin = (states * wanted).sum(dim=1, keepdim=True) - states @ sampled.T  # (T, M)
    other = pairs(targets, negatives)
    return (F.softplus(-margin) * other).sum() / other.sum().clamp(min=1)


def pairs(targets: torch.Tensor, negatives: Negatives) -> torch.Tensor:
    """Which negatives :func:`pairwise` compares each target with: those that are other items, shape ``(T, M)``."""
    return targets.unsqueeze(1) != negatives.items


class _ChunkedCrossEntropy(torch.autograd.Function):
    """See :func:`cross_entropy`; arguments are states, table, targets and the rows of a chunk."""

    @staticmethod
    def forward(ctx: Any, states: torch.Tensor, table: torch.Tensor, targets: torch.Tensor, rows: int) -> torch.Tensor:
        state_grads = torch.empty_like(states) if ctx.needs_input_grad[0] else None
        table_grads = torch.zeros_like(table) if ctx.needs_input_grad[1] else None
        total = states.new_zeros(())
        with torch.autocast(states.device.type, enabled=False):
            for start in range(0, len(states), rows):
                part = slice(start, start + rows)
                loss, slope = _loss_and_slope(states[part] @ table.T, targets[part].unsqueeze(1))
                total += loss
                if state_grads is not None:
                    torch.mm(slope, table, out=state_grads[part])
                if table_grads is not None:
                    table_grads.addmm_(slope.T, states[part])
        ctx.save_for_backward(state_grads, table_grads)
        ctx.count = len(states)
        return total / len(states)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None, None, None]:
        scale = grad / ctx.count
        states, table = (None if part is None else part * scale for part in ctx.saved_tensors)
        return states, table, None, None


def _loss_and_slope(scores: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Summed cross-entropy of a chunk and its derivative by the scores, shape of ``scores``; targets ``(C, 1)``."""
    top, where = scores.max(dim=1, keepdim=True)
    chance = torch.softmax(scores, dim=1)
    # The log-sum-exp is computed from the likeliest item, whose probability cannot underflow.
    log_sum = top - chance.gather(1, where).log()
    loss = (log_sum - scores.gather(1, targets)).sum()
    return loss, chance.scatter_add_(1, targets, chance.new_full((1, 1), -1.0).expand_as(targets))
