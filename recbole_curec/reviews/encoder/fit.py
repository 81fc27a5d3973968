"""Training of an encoder on the reviews of some folds: rating regression and contrast with the ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase, get_linear_schedule_with_warmup

from recbole_curec.llm.dtypes import suited_dtype
from recbole_curec.llm.engines.batched import length_batches
from recbole_curec.reviews.encoder.anchors import id_codes, rotation_onto
from recbole_curec.reviews.encoder.network import IdVectors, ReviewEncoder
from recbole_curec.reviews.encoder.pretrained import load_pretrained_encoder
from recbole_curec.reviews.encoder.texts import ReviewTexts, padded
from recbole_curec.reviews.encoder.tiny import build_tiny_encoder
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.settings.embed import TINY_ENCODER, EmbedSettings

_WARMUP, _DECAY, _LONGEST_GRADIENT = 0.1, 0.01, 1.0
_TINY_RATE, _ADAPTER_RATE, _FULL_RATE = 2e-3, 2e-4, 5e-5
# Projection and id vectors start from nothing whatever the body is. The codes of ids are of length one, and with small
# steps similar items would keep the unrelated codes they got by chance.
_HEAD_RATE, _ID_RATE = 2e-3, 2e-2
# Batches among which reviews are sorted by length: little padding, and still another batch in every epoch.
_SORTED_TOGETHER = 16
_EMBEDDED_TOGETHER = 128


@dataclass(frozen=True)
class TrainingReviews:
    """The reviews that one encoder is trained on.

    Attributes:
        texts: Chains and reviews.
        users: User numbers, shape ``(n,)``.
        items: Item numbers, shape ``(n,)``.
        ratings: Ratings on their own scale, shape ``(n,)``.
    """

    texts: ReviewTexts
    users: NDArray[np.int64]
    items: NDArray[np.int64]
    ratings: NDArray[np.float64]


@dataclass(frozen=True)
class TrainedEncoder:
    """An encoder after training, with what turns its output into vectors on the common axes and ratings.

    Attributes:
        network: The network.
        tokenizer: Its tokenizer.
        rotation: Rotation onto the common axes, shape ``(D, D)``.
        mean: Mean of the ratings it was trained on.
        spread: Their standard deviation.
        scale: Their scale, whose ends no prediction exceeds.
        longest: Longest text in tokens.
    """

    network: ReviewEncoder
    tokenizer: PreTrainedTokenizerBase
    rotation: Tensor
    mean: float
    spread: float
    scale: RatingScale
    longest: int

    @torch.no_grad()
    def embed(self, texts: ReviewTexts) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Vectors ``(n, D)`` and predicted ratings ``(n,)`` of some texts."""
        device = self.rotation.device
        tokens = texts.tokens(self.tokenizer, self.longest)
        vectors = np.zeros((len(tokens), len(self.rotation)), dtype=np.float32)
        predicted = np.zeros(len(tokens), dtype=np.float32)
        self.network.eval()
        for rows in length_batches([row["input_ids"] for row in tokens], _EMBEDDED_TOGETHER):
            made = self.network(padded(self.tokenizer, [tokens[row] for row in rows], device))
            ratings = self.network.ratings(made) * self.spread + self.mean
            vectors[rows] = (made @ self.rotation).cpu().numpy()
            predicted[rows] = ratings.clamp(self.scale.lowest, self.scale.highest).cpu().numpy()
        return vectors, predicted


class EncoderTrainer:
    """Trains encoders of several folds that begin with the same weights and the same vectors of ids.

    Args:
        settings: Size, text, epochs and losses.
        n_users: Number of users of all folds.
        n_items: Number of items of all folds.
        seed: Seed of every random choice.
        device: Where encoders run.
    """

    def __init__(self, settings: EmbedSettings, n_users: int, n_items: int, *, seed: int, device: torch.device) -> None:
        self.settings, self.seed, self.device = settings, seed, device
        rng = np.random.default_rng([seed, 1])
        self.codes = [torch.from_numpy(id_codes(count, settings.dim - 1, rng)) for count in (n_users, n_items)]

    def steps(self, reviews: int) -> int:
        """Number of steps for some number of reviews."""
        return self.settings.epochs * -(-reviews // self.settings.batch_size)

    def train(
        self, reviews: TrainingReviews, fold: int, advance: Callable[[], object] = lambda: None
    ) -> TrainedEncoder:
        """Train an encoder.

        Args:
            reviews: Reviews of the other folds.
            fold: The fold it is for; part of the seed of the order of reviews.
            advance: Called after every step.

        Raises:
            DataError: All the reviews have the same rating.
            ConfigurationError: The pretrained encoder cannot be loaded.
        """
        settings, scale = self.settings, RatingScale.of(reviews.ratings)
        mean, spread = float(reviews.ratings.mean()), float(reviews.ratings.std())
        network, tokenizer = self._network(reviews.texts)
        ids = IdVectors(*self.codes).to(self.device)
        tokens = reviews.texts.tokens(tokenizer, settings.max_tokens)
        weights = [scale.weight(rating) if settings.rarity_weights else 1.0 for rating in reviews.ratings]
        columns = [
            torch.from_numpy(np.asarray(column)).to(self.device)
            for column in (
                reviews.users,
                reviews.items,
                ((reviews.ratings - mean) / spread).astype(np.float32),
                np.array(weights, dtype=np.float32),
            )
        ]
        optimizer = torch.optim.AdamW(self._groups(network, ids))
        steps = self.steps(len(tokens))
        schedule: Any = get_linear_schedule_with_warmup(  # type: ignore[no-untyped-call]
            optimizer, max(1, int(_WARMUP * steps)), steps
        )
        rng = np.random.default_rng([self.seed, 2, fold])
        lengths = np.array([len(row["input_ids"]) for row in tokens])
        network.train()
        for _ in range(settings.epochs):
            for rows in _batches(lengths, settings.batch_size, rng):
                loss = self._loss(
                    network, ids, padded(tokenizer, [tokens[row] for row in rows], self.device),
                    [column[torch.from_numpy(rows).to(self.device)] for column in columns],
                )  # fmt: skip
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(network.parameters(), _LONGEST_GRADIENT)
                optimizer.step()
                schedule.step()
                advance()
        rotation = torch.from_numpy(self._rotation(ids, reviews)).to(self.device)
        return TrainedEncoder(network, tokenizer, rotation, mean, spread, scale, settings.max_tokens)

    def _network(self, texts: ReviewTexts) -> tuple[ReviewEncoder, PreTrainedTokenizerBase]:
        """A new network; its first weights do not depend on the fold."""
        settings = self.settings
        body: Any
        if settings.encoder == TINY_ENCODER:
            body, tokenizer = build_tiny_encoder(texts.all(), settings, self.seed)
        else:
            torch.manual_seed(self.seed)
            body, tokenizer = load_pretrained_encoder(settings)
        torch.manual_seed(self.seed)
        dtype = suited_dtype(self.device, pretrained=settings.encoder != TINY_ENCODER)
        return ReviewEncoder(body, settings.dim, dtype).to(self.device), tokenizer

    def _groups(self, network: ReviewEncoder, ids: IdVectors) -> list[dict[str, Any]]:
        body = [weight for weight in network.body.parameters() if weight.requires_grad]
        known = {id(weight) for weight in network.body.parameters()}
        head = [weight for weight in network.parameters() if id(weight) not in known]
        rate = self.settings.learning_rate or _rate(self.settings, network.body)
        return [
            {"params": body, "lr": rate, "weight_decay": _DECAY},
            {"params": head, "lr": _HEAD_RATE, "weight_decay": _DECAY},
            {"params": list(ids.parameters()), "lr": _ID_RATE, "weight_decay": 0.0},
        ]

    def _loss(
        self, network: ReviewEncoder, ids: IdVectors, inputs: dict[str, Tensor], columns: Sequence[Tensor]
    ) -> Tensor:
        users, items, ratings, weights = columns
        vectors = network(inputs)
        loss = (weights * (network.ratings(vectors) - ratings) ** 2).mean()
        if self.settings.contrast:
            loss = loss + self.settings.contrast * ids.contrast(vectors, users, items, self.settings.temperature)
        return loss

    def _rotation(self, ids: IdVectors, reviews: TrainingReviews) -> NDArray[np.float32]:
        """Rotation of the trained ids' vectors onto their codes; ids of other folds have not moved and do not count."""
        seen = [np.unique(reviews.users), np.unique(reviews.items)]
        tables = (ids.users, ids.items)
        learnt = [table.detach().cpu().numpy()[rows] for table, rows in zip(tables, seen, strict=True)]
        codes = [table.numpy()[rows] for table, rows in zip(self.codes, seen, strict=True)]
        return rotation_onto(np.concatenate(learnt), np.concatenate(codes))


def _rate(settings: EmbedSettings, body: Any) -> float:
    if settings.encoder == TINY_ENCODER:
        return _TINY_RATE
    return _ADAPTER_RATE if hasattr(body, "peft_config") else _FULL_RATE


def _batches(lengths: NDArray[np.int64], size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Rows of every batch of an epoch, of similar length each, in random order."""
    order = rng.permutation(len(lengths))
    for start in range(0, len(order), size * _SORTED_TOGETHER):
        part = order[start : start + size * _SORTED_TOGETHER]
        order[start : start + len(part)] = part[np.argsort(lengths[part], kind="stable")]
    # Of equal size: a last batch of one review would have neither negatives nor a spread.
    batches = np.array_split(order, -(-len(order) // size))
    for number in rng.permutation(len(batches)):
        yield batches[number]
