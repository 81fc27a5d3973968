"""The control ``constant``: one and the same sentence for every pair."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.evaluation.controls.pool import SentencePool
from recbole_curec.evaluation.explanations import ExplanationSet, Pair

CONSTANT = "constant"


def constant_sentence(pairs: Sequence[Pair], pool: SentencePool) -> ExplanationSet:
    """The most typical sentence of all training reviews, said of every pair: what a similarity gives for nothing."""
    sentence = pool.typical.most_typical()
    return ExplanationSet(CONSTANT, dict.fromkeys(pairs, sentence))
