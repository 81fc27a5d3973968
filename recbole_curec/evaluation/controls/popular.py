"""The control ``popular``: of every item the most typical sentence of its training reviews, whoever asks."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.evaluation.controls.pool import SentencePool
from recbole_curec.evaluation.explanations import ExplanationSet, Pair

POPULAR = "popular"


def popular_sentence(pairs: Sequence[Pair], pool: SentencePool) -> ExplanationSet:
    """The item's most typical sentence by other users; of an item without any, the most typical of all items."""
    fallback = pool.typical.most_typical()
    texts = {(user, item): pool.typical.of(pool.by_others(user, item)) or fallback for user, item in pairs}
    return ExplanationSet(POPULAR, texts)
