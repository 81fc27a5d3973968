"""What the ranker of statements sees of a candidate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.reviews.statements.pool import Ids, StatementPool
from recbole_curec.reviews.statements.space import StatementSpace

# own_*: likeness (cosine) with the user's own earlier statements about other items, nan without any; central: mean
# likeness with all candidates, echoed: greatest likeness with one by another writer; age: logarithm of the number of
# time ranks since it was written; opinion: sign and strength of its judgement; rating: the writer's, from -1 to 1;
# agreement: opinion times rating.
FEATURES = (
    "own_max", "own_mean", "own_count", "central", "echoed", "candidates", "words", "place", "age", "opinion",
    "strength", "rating", "agreement",
)  # fmt: skip
OWN, CENTRAL = FEATURES.index("own_max"), FEATURES.index("central")


def features_of(
    pool: StatementPool, space: StatementSpace, candidates: Ids, own: Ids, cutoff: int
) -> NDArray[np.float32]:
    """The features of candidates for one user and item, none of which reads the user's review of the item.

    Args:
        pool: The statements.
        space: Their vectors and opinions.
        candidates: Statements to choose from, shape ``(n,)``.
        own: The user's own earlier statements about other items, shape ``(m,)``.
        cutoff: Time rank of the interaction.

    Returns:
        One row per candidate with a column per name of :data:`FEATURES`, shape ``(n, F)``.
    """
    count, vectors = len(candidates), space.vectors[candidates]
    likeness = vectors @ space.vectors[own].T if len(own) else np.full((count, 1), np.nan, dtype=np.float32)
    others = np.where(pool.rows[candidates][:, None] != pool.rows[candidates], vectors @ vectors.T, -1.0)
    opinions, ratings = space.opinions[candidates], pool.ratings[candidates]
    columns = (
        likeness.max(axis=1),
        likeness.mean(axis=1),
        np.full(count, np.log1p(len(own))),
        vectors @ vectors.mean(axis=0),
        others.max(axis=1),
        np.full(count, np.log1p(count)),
        np.array([text.count(" ") + 1 for text in pool.texts[candidates]]),
        pool.places[candidates],
        np.log1p(cutoff - pool.ranks[candidates]),
        opinions,
        np.abs(opinions),
        ratings,
        opinions * ratings,
    )
    return np.stack(columns, axis=1).astype(np.float32)
