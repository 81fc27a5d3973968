"""What a chain names, as a vector: two reviews that name the same thing with the same sign are alike.

Every word has a direction for praise and one for blame, drawn from the seed and the word alone, so that chains of all
folds share their axes before any review is read (compare :mod:`recbole_curec.reviews.encoder.anchors`). Nothing is
trained: an encoder that learns these directions from the other folds' reviews also learns which users and items they
are about, and a rating model that is fitted on its vectors relies on what no tested review has.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.words import content_words
from recbole_curec.reviews.chains import aspects_of
from recbole_curec.reviews.directions import direction, unit

SignedWord = tuple[int, str]


class AspectCodes:
    """Turns chains into unit vectors: the sum of the directions of their signed words, rare words weighing more.

    Args:
        chains: The chains that tell how rare a word is.
        dim: Size of a direction.
        seed: Seed of the directions.
    """

    def __init__(self, chains: Sequence[str], dim: int, seed: int) -> None:
        self._dim, self._seed, self._count = dim, seed, len(chains)
        self._held_by = Counter(word for chain in chains for word in signed_words(chain))
        self._directions: dict[SignedWord, NDArray[np.float64]] = {}

    def of(self, chains: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of chains, zeros for those that name nothing, shape ``(n, dim)``."""
        made = np.zeros((len(chains), self._dim))
        for row, chain in enumerate(chains):
            for word in sorted(signed_words(chain)):
                rarity = math.log((1 + self._count) / (1 + self._held_by[word])) + 1
                made[row] += rarity * self._direction(word)
        return unit(made).astype(np.float32)

    def _direction(self, word: SignedWord) -> NDArray[np.float64]:
        if word not in self._directions:
            self._directions[word] = unit(direction(self._dim, self._seed, *word))
        return self._directions[word]


def signed_words(chain: str) -> set[SignedWord]:
    """The content words that a chain quotes, each with the sign of its quotation."""
    return {(int(aspect.sign), word) for aspect in aspects_of(chain) for word in content_words(aspect.quote)}
