"""Cross-fitted vectors of the training reviews: every fold is embedded by an encoder trained on the other folds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tqdm import tqdm

from recbole_curec.pipeline.seals import is_kept, write_sealed
from recbole_curec.reviews.aspect_codes import AspectCodes
from recbole_curec.reviews.embedding_report import agreement_figures, rating_figures, retrieval_figures
from recbole_curec.reviews.encoder.fit import EncoderTrainer, TrainedEncoder, TrainingReviews
from recbole_curec.reviews.encoder.texts import ReviewTexts
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.reviews.word_contexts import WordContexts
from recbole_curec.settings.embed import EmbedSettings

logger = logging.getLogger(__name__)

# Reviews that every fold's encoder embeds, to see how well their vectors agree.
_COMPARED = 512


def embed_reviews(
    table: ReviewTable,
    chains: Sequence[str],
    settings: EmbedSettings,
    *,
    seed: int,
    device: torch.device,
    scratch: Path,
    show_progress: bool = True,
) -> tuple[ReviewVectors, dict[str, Any]]:
    """Vectors of all training reviews, and held-out figures of the encoders.

    The encoder of a fold is trained on the reviews, chains, ratings and ids of the other folds, tokenizer included; a
    rating of a fold cannot change any vector of that fold. Their vectors share axes that are fixed before data is read,
    see :mod:`recbole_curec.reviews.encoder.anchors`, so vectors of different folds can be compared and averaged.
    A fold's vectors are written when they are complete, and taken from there by a run that goes on. Behind them stand
    what a chain names, in coordinates that nothing was trained for, and the words of the text, by the other folds.

    With one fold there are no other reviews: the encoder is trained on those it embeds, and the figures are not
    held-out. That is for showing what cross-fitting is worth, and a warning says so.

    Args:
        table: The training reviews.
        chains: Chain of each, empty where there is none, shape ``(N,)``.
        settings: Encoder and training.
        seed: Seed of every random choice.
        device: Where encoders run.
        scratch: Folder for the vectors of finished folds.
        show_progress: Whether progress bars are drawn.

    Returns:
        The vectors, in the order of the table, and figures: how many reviews there were, RMSE, MAE and macro-MAE of the
        predicted rating, retrieval of the own item and the own user, and agreement of the folds' encoders.

    Raises:
        DataError: The other folds of a fold hold one rating only.
        ConfigurationError: The pretrained encoder cannot be loaded.
    """
    cross_fitted = table.n_folds > 1
    if not cross_fitted:
        logger.warning("There is one fold: the encoder is trained on the reviews that it embeds.")
    texts = ReviewTexts.of(chains, table.texts.tolist(), settings.text)
    compared = np.sort(np.random.default_rng([seed, 3]).permutation(len(table))[:_COMPARED])
    vectors = np.zeros((len(table), settings.dim), dtype=np.float32)
    predicted = np.zeros(len(table), dtype=np.float32)
    of_compared = []
    folds = _Folds(table, texts, settings, seed=seed, device=device, show_progress=show_progress)
    for fold in range(table.n_folds):
        path = scratch / f"fold-{fold}.safetensors"
        if not is_kept(path):
            write_sealed(path, partial(save_file, folds.embed(fold, compared)))
        kept = load_file(path)
        rows = table.rows(fold)
        vectors[rows], predicted[rows] = kept["vectors"], kept["predicted"]
        of_compared.append(kept["compared"])
    codes = AspectCodes(chains, settings.aspect_size, seed).of(chains)
    words = _word_vectors(table, texts, settings.word_dim, seed)
    made_of = ReviewVectors(table.users, table.items, np.concatenate([vectors, codes, words], axis=1), predicted)
    figures = {
        "reviews": len(table),
        "without_text": texts.empty(),
        "folds": table.n_folds,
        "dim": made_of.dim,
        "without_aspect": int((~codes.any(axis=1)).sum()) if settings.aspect_size else None,
        "held_out": cross_fitted,
        "rating": rating_figures(table.ratings, predicted),
        "retrieval": retrieval_figures(replace(made_of, vectors=vectors), seed),
        "agreement": agreement_figures(of_compared),
    }
    return made_of, figures


def _word_vectors(table: ReviewTable, texts: ReviewTexts, dim: int, seed: int) -> NDArray[np.float32]:
    """Vectors of the words of every text, from the other folds' texts, shape ``(N, dim)``."""
    read = texts.first if texts.second is None else texts.second
    made = np.zeros((len(table), dim), dtype=np.float32)
    if dim:
        for fold in range(table.n_folds):
            rows = table.rows(fold)
            contexts = WordContexts([read[row] for row in table.taught(fold)], dim, seed)
            made[rows] = contexts.of([read[row] for row in rows])
    return made


class _Folds:
    """Trains the encoder of a fold and embeds the fold."""

    def __init__(
        self,
        table: ReviewTable,
        texts: ReviewTexts,
        settings: EmbedSettings,
        *,
        seed: int,
        device: torch.device,
        show_progress: bool,
    ) -> None:
        self.table, self.texts, self.show_progress = table, texts, show_progress
        users, self.user_numbers = np.unique(table.users, return_inverse=True)
        items, self.item_numbers = np.unique(table.items, return_inverse=True)
        self.trainer = EncoderTrainer(settings, len(users), len(items), seed=seed, device=device)

    def embed(self, fold: int, compared: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
        """Vectors and predicted ratings of a fold's reviews, and vectors of the reviews to compare encoders with."""
        encoder = self.train(fold)
        vectors, predicted = encoder.embed(self.texts.rows(self.table.rows(fold).tolist()))
        shared, _ = encoder.embed(self.texts.rows(compared.tolist()))
        return {"vectors": vectors, "predicted": predicted, "compared": shared}

    def train(self, fold: int) -> TrainedEncoder:
        """The encoder of a fold, trained on the other folds."""
        table = self.table
        rows = table.taught(fold)
        reviews = TrainingReviews(
            self.texts.rows(rows.tolist()), self.user_numbers[rows], self.item_numbers[rows], table.ratings[rows]
        )
        total, name = self.trainer.steps(len(rows)), f"embed, fold {fold + 1}/{table.n_folds}"
        with tqdm(total=total, desc=name, unit="step", disable=not self.show_progress) as bar:
            return self.trainer.train(reviews, fold, bar.update)
