"""Scoring of reasons with a trained reward model: effect for the own user, and for other users."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from recbole_curec.data.history import TrainHistory
from recbole_curec.data.negatives import OtherUsers
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.text.lsa import LsaEncoder

_WEIGHTS, _CONFIG = "reward_model.safetensors", "reward_model.json"
_BATCH = 2048


@dataclass(frozen=True)
class Scores:
    """Rewards of a list of reasons, each of shape ``(n,)``.

    Attributes:
        accuracy: Log-odds with the reason minus log-odds without it, for the true user. Not probabilities, because
            these hardly change near 0 and 1.
        others: The same difference, averaged over other users.
    """

    accuracy: NDArray[np.float64]
    others: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        """The reward: the effect of the reason for its user minus its mean effect for other users."""
        return self.accuracy - self.others


def history_batch(history: TrainHistory, users: Sequence[int], positions: Sequence[int], length: int) -> torch.Tensor:
    """The last ``length`` items before each position, padded with 0 on the left, shape ``(B, length)``."""
    start = history.indptr[np.asarray(users, dtype=np.int64)]
    end = start + np.asarray(positions, dtype=np.int64)
    rows = end[:, None] + np.arange(-length, 0)  # (B, length)
    inside = rows >= start[:, None]
    return torch.from_numpy(np.where(inside, history.items[np.where(inside, rows, 0)], 0))


class RewardScorer:
    """Computes rewards of reason texts.

    Args:
        model: Trained reward model.
        encoder: Text encoder of the reasons.
        history: Interactions; other users are drawn from its ``population``.
        history_length: Longest history the reward model reads.
        probes: Number of other users per reason, at the same position and without the item.
        seed: Seed of the other users; they depend only on this seed, the user, the item and the position.
    """

    def __init__(
        self,
        model: RewardModel,
        encoder: LsaEncoder,
        history: TrainHistory,
        *,
        history_length: int,
        probes: int,
        seed: int,
    ) -> None:
        self.model, self.encoder, self.history = model.eval(), encoder, history
        self.history_length, self.probes, self.seed = history_length, probes, seed
        self._others = OtherUsers(history.population)

    @torch.no_grad()
    def score(
        self, users: Sequence[int], items: Sequence[int], positions: Sequence[int], texts: Sequence[str]
    ) -> Scores:
        """Rewards of one text per (user, item, position)."""
        if not texts:
            return Scores(np.zeros(0), np.zeros(0))
        vectors = torch.from_numpy(self.encoder.encode(texts))
        accuracy = self._lift(users, items, positions, vectors)
        others = np.zeros(len(texts))
        drawn = [self.other_users(*place) for place in zip(users, items, positions, strict=True)]
        # If all users took the item there is nobody to compare with, and the effect for other users is 0.
        rows = torch.tensor([row for row, (other, _) in enumerate(drawn) if len(other)], dtype=torch.int64)
        if not len(rows):
            return Scores(accuracy, others)
        compared = [items[row] for row in rows]
        for probe in range(self.probes):
            other = [int(drawn[row][0][probe]) for row in rows]
            lengths = [int(drawn[row][1][probe]) for row in rows]
            others[rows.numpy()] += self._lift(other, compared, lengths, vectors[rows]) / self.probes
        return Scores(accuracy, others)

    def lift(
        self, users: Sequence[int], items: Sequence[int], positions: Sequence[int], texts: Sequence[str]
    ) -> NDArray[np.float64]:
        """Log-odds with a reason minus those without, for any users, shape ``(n,)``."""
        return self._lift(users, items, positions, torch.from_numpy(self.encoder.encode(texts)))

    def logits(
        self, users: Sequence[int], items: Sequence[int], positions: Sequence[int], vectors: torch.Tensor | None
    ) -> NDArray[np.float64]:
        """Log-odds that the user takes the item, with reason vectors or without any, shape ``(n,)``."""
        logits: NDArray[np.float64] = self._logits(users, items, positions, (vectors,))[0]
        return logits

    @torch.no_grad()
    def _logits(
        self,
        users: Sequence[int],
        items: Sequence[int],
        positions: Sequence[int],
        variants: Sequence[torch.Tensor | None],
    ) -> NDArray[np.float64]:
        """Log-odds with each variant of the reason vectors, over one pass of the GRU, shape ``(n_variants, n)``."""
        found = []
        text_dim = self.model.item_text.shape[1]
        for start in range(0, len(users), _BATCH):
            part = slice(start, start + _BATCH)
            history = history_batch(self.history, users[part], positions[part], self.history_length)
            item = torch.as_tensor(np.asarray(items[part], dtype=np.int64))
            states = self.model.history(history)
            rows = []
            for vectors in variants:
                reason = torch.zeros(len(item), text_dim) if vectors is None else vectors[part]
                given = torch.full((len(item),), vectors is not None)
                rows.append(self.model.score(states, history, item, reason, given).double().numpy())
            found.append(np.stack(rows))
        return np.concatenate(found, axis=1)

    def _lift(
        self, users: Sequence[int], items: Sequence[int], positions: Sequence[int], vectors: torch.Tensor
    ) -> NDArray[np.float64]:
        with_reason, without = self._logits(users, items, positions, (vectors, None))
        difference: NDArray[np.float64] = with_reason - without
        return difference

    def other_users(self, user: int, item: int, position: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The other users for one reason, always the same ones, and the position in each one's history.

        See :class:`~recbole_curec.data.negatives.OtherUsers`.
        """
        user = self.history.counted_as(user)
        rng = np.random.default_rng([self.seed, user, item, position])
        return self._others.draw(user, item, position, self.probes, rng)

    def reading(self, history: TrainHistory) -> RewardScorer:
        """The same reward model over other histories."""
        return RewardScorer(
            self.model,
            self.encoder,
            history,
            history_length=self.history_length,
            probes=self.probes,
            seed=self.seed,
        )

    def save(self, folder: Path) -> None:
        """Write weights, text encoder and configuration."""
        save_file({name: value.contiguous() for name, value in self.model.state_dict().items()}, folder / _WEIGHTS)
        self.encoder.save(folder)
        config = {
            "hidden": self.model.item_embedding.embedding_dim,
            "history_length": self.history_length,
            "probes": self.probes,
            "seed": self.seed,
        }
        (folder / _CONFIG).write_text(json.dumps(config), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, history: TrainHistory) -> RewardScorer:
        """Inverse of :meth:`save`."""
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        weights = load_file(folder / _WEIGHTS)
        model = RewardModel(weights["item_text"], config.pop("hidden"))
        model.load_state_dict(weights)
        return cls(model, LsaEncoder.load(folder), history, **config)
