"""Fitting of a reward model: first on interactions without reasons, then on pairs with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from tqdm import tqdm

from recbole_curec.data.history import TrainHistory
from recbole_curec.data.negatives import negative_items
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.rewards.model.scorer import history_batch
from recbole_curec.settings.sections import RewardSettings
from recbole_curec.text.lsa import LsaEncoder

_BATCH = 512
_PAIRWISE_WEIGHT, _PREFERENCE_WEIGHT = 0.5, 0.5
# Interactions drawn per base epoch; more of them do not improve the reward model.
_BASE_SAMPLE = 60_000


@dataclass(frozen=True)
class Pairs:
    """Positives and negatives with a reason each; positive ``k`` and its negatives share user and position.

    Attributes:
        users: Shape ``(n,)``.
        positions: Shape ``(n,)``.
        items: The positive first, then its negatives, shape ``(n, 1 + negatives)``.
        texts: Reason of every item, ``n`` rows of ``1 + negatives``.
        groups: Purpose of each row: training the reward model, training the judge, or validating both.
    """

    users: NDArray[np.int64]
    positions: NDArray[np.int64]
    items: NDArray[np.int64]
    texts: list[list[str]]
    groups: NDArray[np.str_]

    def of_group(self, group: str) -> Pairs:
        """The rows of one group."""
        return self.where(self.groups == group)

    def where(self, mask: NDArray[np.bool_]) -> Pairs:
        """The rows of a mask."""
        rows = np.flatnonzero(mask)
        return Pairs(
            self.users[rows],
            self.positions[rows],
            self.items[rows],
            [self.texts[row] for row in rows],
            self.groups[rows],
        )


def _batches(count: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    order = rng.permutation(count)
    for start in range(0, count, _BATCH):
        yield order[start : start + _BATCH]


def _loss(logits: torch.Tensor) -> torch.Tensor:
    """BCE on all items plus a pairwise loss of the positive, column 0, against its negatives; logits ``(B, 1 + N)``."""
    labels = torch.zeros_like(logits)
    labels[:, 0] = 1
    pairwise = -functional.logsigmoid(logits[:, :1] - logits[:, 1:]).mean()
    return functional.binary_cross_entropy_with_logits(logits, labels) + _PAIRWISE_WEIGHT * pairwise


def _preference_loss(
    model: RewardModel, history: torch.Tensor, item: torch.Tensor, reason: torch.Tensor
) -> torch.Tensor:
    """Pairwise loss: a true reason should add more log-odds than another reason, and more than for another user.

    The other reason and the other user are those of the neighbouring row in the shuffled batch.
    """
    states, nothing = model.history(history), torch.zeros(len(item), dtype=torch.bool)
    with torch.no_grad():
        bare = model.score(states, history, item, reason, nothing)
        bare_other = model.score(states.roll(1, 0), history.roll(1, 0), item, reason, nothing)
    own = model.score(states, history, item, reason, ~nothing) - bare
    foreign_reason = model.score(states, history, item, reason.roll(1, 0), ~nothing) - bare
    foreign_user = model.score(states.roll(1, 0), history.roll(1, 0), item, reason, ~nothing) - bare_other
    return -(functional.logsigmoid(own - foreign_reason) + functional.logsigmoid(own - foreign_user)).mean()


def _columns(
    model: RewardModel, history: torch.Tensor, items: torch.Tensor, reasons: torch.Tensor, given: torch.Tensor
) -> torch.Tensor:
    """Logits of several items with a shared history: items ``(B, C)``, reasons ``(B, C, T)`` -> ``(B, C)``."""
    states = model.history(history)
    columns = [model.score(states, history, items[:, c], reasons[:, c], given) for c in range(items.shape[1])]
    return torch.stack(columns, dim=1)


def fit_base(
    model: RewardModel,
    history: TrainHistory,
    users: NDArray[np.int64],
    settings: RewardSettings,
    rng: np.random.Generator,
    progress: bool,
) -> None:
    """Fit item embeddings and history encoder on interactions of the given users, without reasons."""
    rows = np.flatnonzero((history.positions > 0) & np.isin(history.users, users))
    if not len(rows):
        return
    owners, positions = history.users, history.positions
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    text_dim = model.item_text.shape[1]
    model.train()
    for _ in tqdm(range(settings.base_epochs), desc="reward, base", unit="epoch", disable=not progress):
        drawn = rng.permutation(rows)[:_BASE_SAMPLE]
        # Sampled by popularity: otherwise popularity alone would separate positives from negatives.
        negatives = negative_items(history, owners[drawn], rng)
        for batch in _batches(len(drawn), rng):
            part = drawn[batch]
            past = history_batch(history, owners[part].tolist(), positions[part].tolist(), settings.history)
            items = torch.from_numpy(np.stack([history.items[part], negatives[batch]], axis=1))
            nothing = torch.zeros(len(part), 2, text_dim)
            loss = _loss(_columns(model, past, items, nothing, torch.zeros(len(part), dtype=torch.bool)))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()


def fit_reasons(
    model: RewardModel,
    history: TrainHistory,
    pairs: Pairs,
    encoder: LsaEncoder,
    settings: RewardSettings,
    rng: np.random.Generator,
    progress: bool,
) -> None:
    """Fit the effect of reasons; a share of them is hidden, so that the model also works without a reason."""
    past = history_batch(history, pairs.users.tolist(), pairs.positions.tolist(), settings.history)
    items = torch.from_numpy(pairs.items)
    flat = encoder.encode([text for row in pairs.texts for text in row])
    reasons = torch.from_numpy(flat).view(*pairs.items.shape, -1)  # (n, 1 + N, T)
    # Item embeddings and history encoder are frozen: a few thousand reasons are too few data to refine them.
    model.item_embedding.requires_grad_(False)
    model.encoder.requires_grad_(False)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=settings.learning_rate, weight_decay=1e-4)
    model.train()
    for _ in tqdm(range(settings.epochs), desc="reward, reasons", unit="epoch", disable=not progress):
        for batch in _batches(len(items), rng):
            rows = torch.from_numpy(batch)
            given = torch.from_numpy(rng.random(len(batch)) >= settings.reason_dropout)
            loss = _loss(_columns(model, past[rows], items[rows], reasons[rows], given))
            loss = loss + _PREFERENCE_WEIGHT * _preference_loss(model, past[rows], items[rows, 0], reasons[rows, 0])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
