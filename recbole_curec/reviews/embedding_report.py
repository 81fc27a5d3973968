"""Figures of review vectors: the rating they predict, what they retrieve, and how far the folds' encoders agree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.reviews.directions import unit
from recbole_curec.reviews.vectors import ReviewVectors

_OTHERS, _TOP = 100, 10
# Reviews that retrieval is measured on, and how many are ranked at a time.
_MEASURED, _AT_ONCE = 5000, 256


def rating_figures(ratings: NDArray[np.float64], predicted: NDArray[np.float32]) -> dict[str, float]:
    """RMSE, MAE and macro-MAE (the mean of the MAE of every rating) beside those of always predicting the mean.

    Args:
        ratings: True ratings, shape ``(N,)``.
        predicted: Predicted ones, shape ``(N,)``.
    """
    constant = np.full(len(ratings), ratings.mean())
    return _errors(ratings, predicted) | {
        f"{name}_of_mean": value for name, value in _errors(ratings, constant).items()
    }


def _errors(ratings: NDArray[np.float64], predicted: NDArray[Any]) -> dict[str, float]:
    errors = np.abs(ratings - predicted)
    by_rating = pd.Series(errors).groupby(ratings).mean()
    return {
        "rmse": float(np.sqrt(np.mean(errors**2))),
        "mae": float(errors.mean()),
        "macro_mae": float(by_rating.mean()),
    }


def retrieval_figures(made: ReviewVectors, seed: int) -> dict[str, dict[str, float]]:
    """How a review's vector ranks its own item, and its own user, among at most 100 random others.

    An item's vector is the mean of the vectors of its reviews, for the own item without the review that is asked with.
    An item with one review cannot be asked for; how many reviews could is told.

    Args:
        made: The vectors.
        seed: Seed of the others, and of the reviews where there are more than 5,000.
    """
    rng = np.random.default_rng([seed, 4])
    return {
        "item": _retrieval(made.vectors, np.unique(made.items, return_inverse=True)[1], rng),
        "user": _retrieval(made.vectors, np.unique(made.users, return_inverse=True)[1], rng),
    }


def _retrieval(vectors: NDArray[np.float32], owners: NDArray[np.int64], rng: np.random.Generator) -> dict[str, float]:
    counts = np.bincount(owners)
    sums = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(sums, owners, vectors)
    asked = rng.permutation(np.flatnonzero(counts[owners] > 1))[:_MEASURED]
    others = min(_OTHERS, len(counts) - 1)
    if not len(asked) or not others:
        return {"reviews": 0}
    ranks = np.concatenate(
        [
            _ranks(vectors, sums, owners, asked[start : start + _AT_ONCE], _drawn(owners, asked, start, others, rng))
            for start in range(0, len(asked), _AT_ONCE)
        ]
    )
    places = np.arange(1, others + 2)
    return {
        "reviews": len(asked),
        "candidates": others + 1,
        "hit@10": float(np.mean(ranks <= _TOP)),
        "mrr": float(np.mean(1 / ranks)),
        "chance_hit@10": float(np.mean(places <= _TOP)),
        "chance_mrr": float(np.mean(1 / places)),
    }


def _drawn(
    owners: NDArray[np.int64], asked: NDArray[np.int64], start: int, others: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Random owners other than the own one, without repetition, shape ``(n, others)``."""
    own = owners[asked[start : start + _AT_ONCE]]
    count = int(owners.max())  # one less than there are
    drawn = np.stack([rng.choice(count, others, replace=False) for _ in own])
    return drawn + (drawn >= own[:, None])


def _ranks(
    vectors: NDArray[np.float32],
    sums: NDArray[np.float64],
    owners: NDArray[np.int64],
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Rank of the own one by cosine, 1 is the best; half of those that tie count as better."""
    asked, own = vectors[rows].astype(np.float64), owners[rows]
    of_own = np.einsum("nd,nd->n", unit(sums[own] - asked), asked)
    of_others = np.einsum("nod,nd->no", unit(sums[others]), asked)
    better = (of_others > of_own[:, None]).sum(1)
    ties = (of_others == of_own[:, None]).sum(1)
    return np.asarray(1 + better + ties / 2)


def agreement_figures(of_folds: Sequence[NDArray[np.float32]]) -> dict[str, float]:
    """Mean cosine of the vectors that two folds' encoders give to the same text, and to different texts.

    ``first`` is the share of texts whose vector by one encoder is, of all texts' vectors by the other, nearest to that
    of the same text.

    Args:
        of_folds: Vectors of the same texts by every fold's encoder, each of shape ``(n, D)``.
    """
    directions = [unit(vectors.astype(np.float64)) for vectors in of_folds]
    found = [_agreement(one @ other.T) for one, other in combinations(directions, 2)]
    return {name: float(np.mean([pair[name] for pair in found])) for name in found[0]} if found else {}


def _agreement(cosines: NDArray[np.float64]) -> dict[str, float]:
    same, count = np.diag(cosines), len(cosines)
    different = (cosines.sum() - same.sum()) / max(count * (count - 1), 1)
    return {
        "same_text": float(same.mean()),
        "different_texts": float(different),
        "first": float(np.mean(cosines.argmax(1) == np.arange(count))),
    }
