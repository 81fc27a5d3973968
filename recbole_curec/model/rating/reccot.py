"""``RecCoT``: predicts the rating of a user for an item from ids and from the past reviews of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recbole.model.abstract_recommender import GeneralRecommender
from recbole.utils import InputType
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from recbole_curec.model.rating.biases import RatingBiases, without
from recbole_curec.model.rating.statements import PastStatements
from recbole_curec.model.rating.summaries import SummaryRidge, alike_residuals, mean_residual
from recbole_curec.settings.reccot import RatingSettings
from recbole_curec.settings.travel import settings_of

# Columns that the dataset adds to a batch: numbers of the past reviews of each side, shape (B, H), 0 is none.
USER_REVIEWS, ITEM_REVIEWS = "user_reviews", "item_reviews"
# And the fold whose review vectors a row may read, shape (B,); any where nothing was trained on the row.
REVIEW_FOLD, ANY_FOLD = "review_fold", -1
_USER, _ITEM = 0, 1
_TEMPERATURE = 0.1
# Training rows whose summaries are computed at a time.
_AT_ONCE = 1 << 14


class RecCoT(GeneralRecommender):  # type: ignore[misc]
    """Global mean, biases, and what ids and past reviews add to them.

    The added part is linear in a few summaries of the past reviews, fitted in closed form, plus what layers find beyond
    that, which starts at zero. It learns from rows whose biases are fitted without the row's own rating, as they are
    at a test row: biases that have seen the rating would leave too little to explain. Ratings go in and come out on
    their own scale. An id without training ratings has bias 0 and a zero vector; users, items and reviews are numbered
    by their original ids, so nothing depends on rows that are held out.
    """

    input_type = InputType.POINTWISE

    scale: torch.Tensor
    bounds: torch.Tensor
    level_weights: torch.Tensor
    user_rows: torch.Tensor
    item_rows: torch.Tensor
    user_bias: torch.Tensor
    item_bias: torch.Tensor
    user_weight: torch.Tensor
    item_weight: torch.Tensor
    vectors: torch.Tensor
    ratings: torch.Tensor
    residuals: torch.Tensor
    partners: torch.Tensor
    folds: torch.Tensor
    summary_mean: torch.Tensor
    summary_spread: torch.Tensor
    summary_weights: torch.Tensor

    def __init__(self, config: Any, dataset: Any) -> None:
        """Fit the biases and build the layers.

        Args:
            config: RecBole's config.
            dataset: Training split of a ``RecCoTDataset``.
        """
        super().__init__(config, dataset)
        chosen = settings_of(config).reccot
        reviews = dataset.train_reviews()
        self.RATING = config["LABEL_FIELD"]
        self.reads_reviews, self.contrast, hidden = chosen.reads_reviews, chosen.contrast, chosen.hidden_size
        embed = settings_of(config).embed
        self.aspects_from, self.words_from = embed.dim, embed.rated_size
        self._travels = {"dim": 1, **dataset.id_maps()}
        user_rows, item_rows = dataset.rows_by_id("user"), dataset.rows_by_id("item")
        pairs = np.stack([user_rows[reviews.user_ids], item_rows[reviews.item_ids]])  # (2, N)
        sizes = (int(user_rows.max()) + 1, int(item_rows.max()) + 1)
        biases = RatingBiases.fit(pairs[0], pairs[1], reviews.ratings, sizes, chosen.bias_l2)
        spread = float(reviews.ratings.std())
        self._keep(user_rows=user_rows, item_rows=item_rows)
        self._keep(scale=np.array([biases.mean, spread, reviews.ratings.min(), reviews.ratings.max()]))
        self._keep(bounds=dataset.rating_scale.bounds, level_weights=dataset.rating_scale.weights(chosen.rarity))
        self._keep(user_bias=biases.user, item_bias=biases.item)
        self._keep(user_weight=biases.user_weight, item_weight=biases.item_weight)
        self.user_embedding = nn.Embedding(sizes[0], hidden, padding_idx=0)
        self.item_embedding = nn.Embedding(sizes[1], hidden, padding_idx=0)
        width = 3 * hidden
        if self.reads_reviews:
            vectors = shown_vectors(dataset.review_vectors, pairs[_ITEM], chosen, config["seed"])
            self._travels["dim"] = vectors.shape[1]
            self._keep_reviews(vectors, reviews.ratings, pairs, biases)
            self._keep(folds=np.append(ANY_FOLD, dataset.review_folds()))
            size = (vectors.shape[1], 2, hidden, chosen.layers, chosen.heads, chosen.dropout)
            self.of_user, self.of_item = PastStatements(*size), PastStatements(*size)
            self._fit_summaries(dataset)
            width += 3 * hidden + len(self.summary_weights)
        last = nn.Linear(2 * hidden, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.head = nn.Sequential(nn.Linear(width, 2 * hidden), nn.GELU(), nn.Dropout(chosen.dropout), last)
        for table in (self.user_embedding, self.item_embedding):
            nn.init.normal_(table.weight, std=0.1)
            nn.init.zeros_(table.weight[0])

    def calculate_loss(self, interaction: Any) -> torch.Tensor:
        """Mean squared error in units of the ratings' variance, weighted by rating, plus the weighted contrast."""
        users, items = self._rows(interaction)
        said = self._said(interaction, users, items)
        errors = (self._added(users, items, said) - self.left_to_explain(interaction)).square()
        loss: torch.Tensor = (errors * self._importance(interaction)).mean()
        if self.contrast > 0 and said is not None:
            loss = loss + self.contrast * self._contrast(interaction, users, items, said)
        return loss

    def rate(self, interaction: Any) -> torch.Tensor:
        """Predicted ratings before they are cut to the scale, shape ``(B,)``."""
        users, items = self._rows(interaction)
        added = self._added(users, items, self._said(interaction, users, items))
        rated: torch.Tensor = self.parts(interaction).sum(dim=1) + self.scale[1] * added
        return rated

    def parts(self, interaction: Any) -> torch.Tensor:
        """What is predicted without ids and past reviews: mean, bias of the user, bias of the item, ``(B, 3)``."""
        users, items = self._rows(interaction)
        biases = [self.user_bias[users], self.item_bias[items]]
        return torch.stack([self.scale[0].expand_as(biases[0]), *biases], dim=1)

    def predict(self, interaction: Any) -> torch.Tensor:
        """Predicted ratings, within the training ratings' scale, shape ``(B,)``."""
        return self.rate(interaction).clamp(float(self.scale[2]), float(self.scale[3]))

    def other_parameter(self) -> dict[str, Any]:
        """Data saved with the weights: the id maps and a hash of the training data."""
        return {"curec": self._travels}

    def load_other_parameter(self, para: dict[str, Any] | None) -> None:
        """Nothing: all of :meth:`other_parameter` is for checks when a checkpoint is loaded."""

    def _keep(self, **arrays: NDArray[Any]) -> None:
        for name, values in arrays.items():
            kept = torch.from_numpy(values)
            self.register_buffer(name, kept.float() if kept.is_floating_point() else kept)

    def _keep_reviews(
        self, vectors: NDArray[np.float32], ratings: NDArray[np.float64], pairs: NDArray[np.int64], biases: RatingBiases
    ) -> None:
        """Keep what is read of every past review, under its number; 0 is no review."""
        users, items = pairs
        centred = ratings - biases.mean
        user, item = biases.user[users], biases.item[items]
        # What a rating says of its user is what the item's bias leaves, and the other way round.
        of_user = centred - without(item, biases.item_weight[items], centred - user)
        of_item = centred - without(user, biases.user_weight[users], centred - item)
        spread = ratings.std()
        self._keep(
            vectors=_with_row_0(vectors),
            ratings=_with_row_0(centred / spread),
            residuals=_with_row_0(np.stack([of_user, of_item], axis=1) / spread),
            partners=_with_row_0(pairs.T),
        )

    def _rows(self, interaction: Any) -> tuple[torch.Tensor, torch.Tensor]:
        return self.user_rows[interaction[self.USER_ID]], self.item_rows[interaction[self.ITEM_ID]]

    def _said(
        self, interaction: Any, users: torch.Tensor, items: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None:
        """What the past reviews of both sides say, each of shape ``(B, hidden)``, and their summaries ``(B, 8)``."""
        if not self.reads_reviews:
            return None
        vectors = self._vectors(interaction)
        user = self._listened(self.of_user, interaction, _USER, vectors, self.item_embedding(items))
        item = self._listened(self.of_item, interaction, _ITEM, vectors, self.user_embedding(users))
        return user, item, (self._summaries(interaction, vectors) - self.summary_mean) / self.summary_spread

    def _vectors(self, interaction: Any) -> list[torch.Tensor]:
        """Vectors of the past reviews of the user and of the item that a row may read."""
        return [self._vectors_for(interaction, interaction[name]) for name in (USER_REVIEWS, ITEM_REVIEWS)]

    def _vectors_for(self, interaction: Any, numbers: torch.Tensor) -> torch.Tensor:
        """Vectors of past reviews, without what a row may not read of other folds, shape ``(B, H, D)``."""
        own = interaction[REVIEW_FOLD].unsqueeze(1)
        readable = (own == ANY_FOLD) | (self.folds[numbers] == own)
        vectors = self.vectors[numbers]
        rated = vectors[..., : self.words_from].masked_fill(~readable.unsqueeze(2), 0)
        return torch.cat([rated, vectors[..., self.words_from :]], dim=2)

    def _listened(
        self, layers: nn.Module, interaction: Any, side: int, vectors: list[torch.Tensor], asking: torch.Tensor
    ) -> torch.Tensor:
        numbers = interaction[(USER_REVIEWS, ITEM_REVIEWS)[side]]
        beside = torch.stack([self.ratings[numbers], self.residuals[numbers, side]], dim=-1)  # (B, H, 2)
        # A user's past review is of an item, an item's past review is by a user.
        table = self.item_embedding if side == _USER else self.user_embedding
        partners = table(self.partners[numbers, 1 - side])
        said: torch.Tensor = layers(vectors[side], beside, partners, numbers > 0, asking)
        return said

    def summaries(self, interaction: Any) -> torch.Tensor:
        """What the past reviews of both sides tell in a few numbers, shape ``(B, 8)``."""
        return self._summaries(interaction, self._vectors(interaction))

    def _summaries(self, interaction: Any, vectors: list[torch.Tensor]) -> torch.Tensor:
        by_user, of_item = interaction[USER_REVIEWS], interaction[ITEM_REVIEWS]
        residuals = self.residuals[by_user, _USER], self.residuals[of_item, _ITEM]
        told = [mean_residual(residuals[_USER], by_user > 0), mean_residual(residuals[_ITEM], of_item > 0)]
        for part in (slice(self.aspects_from, self.words_from), slice(self.words_from, None)):
            user, item = (side[..., part] for side in vectors)
            told.append(alike_residuals(user, item, residuals[_USER], residuals[_ITEM]))
        return torch.cat(told, dim=1)

    @torch.no_grad()
    def _fit_summaries(self, dataset: Any) -> None:
        """Fit the linear part of what past reviews add, on the training rows."""
        summaries, targets, importance = [], [], []
        for start in range(0, len(dataset), _AT_ONCE):
            rows = dataset[np.arange(start, min(start + _AT_ONCE, len(dataset)))]
            summaries.append(self.summaries(rows).numpy())
            targets.append(self.left_to_explain(rows).numpy())
            importance.append(self._importance(rows).numpy())
        fit = SummaryRidge.fit(*map(np.concatenate, (summaries, targets, importance)))
        self._keep(summary_mean=fit.mean, summary_spread=fit.spread, summary_weights=fit.weights)

    def left_to_explain(self, interaction: Any) -> torch.Tensor:
        """Ratings less the biases they would have without them, in standard deviations, shape ``(B,)``."""
        users, items = self._rows(interaction)
        centred = interaction[self.RATING] - self.scale[0]
        user, item = self.user_bias[users], self.item_bias[items]
        biases = without(user, self.user_weight[users], centred - item)
        biases = biases + without(item, self.item_weight[items], centred - user)
        left: torch.Tensor = (centred - biases) / self.scale[1]
        return left

    def _importance(self, interaction: Any) -> torch.Tensor:
        """Weight of every row in the loss, by its rating, shape ``(B,)``."""
        return self.level_weights[torch.bucketize(interaction[self.RATING], self.bounds)]

    def _added(self, users: torch.Tensor, items: torch.Tensor, said: Any) -> torch.Tensor:
        """What is added to the biases, in standard deviations of the ratings, shape ``(B,)``."""
        user, item = self.user_embedding(users), self.item_embedding(items)
        parts = [user, item, user * item]
        if said is not None:
            of_user, of_item, summaries = said
            parts += [of_user, of_item, of_user * of_item, summaries]
        added: torch.Tensor = self.head(torch.cat(parts, dim=1)).squeeze(1)
        return added if said is None else added + said[2] @ self.summary_weights

    def _contrast(self, interaction: Any, users: torch.Tensor, items: torch.Tensor, said: Any) -> torch.Tensor:
        """InfoNCE between what a side's past reviews say and that side's id vector, among the ids of the batch."""
        user = _info_nce(said[0], self.user_embedding(users), users, (interaction[USER_REVIEWS] > 0).any(dim=1))
        item = _info_nce(said[1], self.item_embedding(items), items, (interaction[ITEM_REVIEWS] > 0).any(dim=1))
        return user + item


def shown_vectors(
    vectors: NDArray[np.float32], items: NDArray[np.int64], chosen: RatingSettings, seed: int
) -> NDArray[np.float32]:
    """The vectors that the model is shown: as they are, zeros, or those of other reviews of the same item.

    Args:
        vectors: Vector of every training review, shape ``(N, D)``.
        items: Item of every training review, shape ``(N,)``.
        chosen: Whether they are masked or shuffled.
        seed: Seed of the shuffling.
    """
    if chosen.use == "masked":
        return np.zeros_like(vectors)
    if not chosen.shuffled:
        return vectors
    drawn = np.random.default_rng(seed).random(len(items))
    order = np.lexsort((drawn, items))  # the reviews of an item follow each other in a random order
    starts = np.flatnonzero(np.diff(items[order], prepend=-1))
    following = np.arange(1, len(items) + 1)
    following[np.append(starts[1:], len(items)) - 1] = starts
    shuffled = np.empty_like(vectors)
    shuffled[order] = vectors[order[following]]  # each gets the next one's, so none keeps its own unless it is alone
    return shuffled


def _with_row_0(values: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([np.zeros_like(values[:1]), values])


def _info_nce(said: torch.Tensor, own: torch.Tensor, ids: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of finding each row's own id vector among those of the batch's other ids."""
    said, own, ids = said[present], own[present], ids[present]
    if len(ids) < 2:
        return said.sum() * 0
    scores = F.normalize(said, dim=1) @ F.normalize(own, dim=1).T / _TEMPERATURE  # (B, B)
    again = (ids.unsqueeze(1) == ids) & ~torch.eye(len(ids), dtype=torch.bool, device=ids.device)
    return F.cross_entropy(scores.masked_fill(again, float("-inf")), torch.arange(len(ids), device=ids.device))
