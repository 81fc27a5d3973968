"""BLEU-1 and BLEU-4 (Papineni et al., ACL 2002), by sacrebleu (Post, WMT 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from recbole_curec.evaluation.metrics.metric import (
    Group,
    Metric,
    Sample,
    Score,
    Values,
    check_package,
    referenced,
)

# Lower case, tokens of mteval-v13a, exponential smoothing: the rest are sacrebleu's defaults.
_LOWERCASE, _TOKENS, _SMOOTHING = True, "13a", "exp"
SIGNATURE = f"case:lc|tok:{_TOKENS}|smooth:{_SMOOTHING}"
_ORDERS = {"bleu_1": 1, "bleu_4": 4}


class Bleu(Metric):
    """Precision of the n-grams up to 1 or 4 against all references of a pair, with the brevity penalty, 0 to 100.

    The metric of the set is that of the corpus: n-grams are counted over all explanations first. That of a single
    explanation leaves out orders for which it is too short (sacrebleu's effective order).

    Raises:
        ConfigurationError: sacrebleu is not installed.
    """

    group: ClassVar[Group] = "similarity"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType({"bleu_1": "BLEU-1", "bleu_4": "BLEU-4"})

    def __init__(self) -> None:
        check_package("sacrebleu", "BLEU", "sacrebleu>=2.6")

    def measure(self, sample: Sample) -> dict[str, Score]:
        """BLEU-1 and BLEU-4."""
        return {key: _score(sample, order) for key, order in _ORDERS.items()}


def _score(sample: Sample, order: int) -> Score:
    from sacrebleu.metrics.bleu import BLEU

    single = BLEU(
        lowercase=_LOWERCASE, tokenize=_TOKENS, smooth_method=_SMOOTHING, max_ngram_order=order, effective_order=True
    )
    found = [
        single.sentence_score(text, list(references))
        for text, references in zip(sample.texts, referenced(sample), strict=True)
    ]

    def total(sums: Values) -> float:
        counts = [round(number) for number in sums.tolist()]
        return float(
            BLEU.compute_bleu(
                correct=counts[:order],
                total=counts[order : 2 * order],
                sys_len=counts[-2],
                ref_len=counts[-1],
                smooth_method=_SMOOTHING,
                max_ngram_order=order,
            ).score
        )

    # Matches and n-grams of every order, then the lengths of explanation and closest reference.
    parts = np.array([[*one.counts, *one.totals, one.sys_len, one.ref_len] for one in found], dtype=np.float64)
    return Score(total(parts.sum(axis=0)), np.array([one.score for one in found]), parts, total)


def sentence_bleu(text: str, references: tuple[str, ...]) -> float:
    """BLEU-4 of one explanation, 0 to 100."""
    score = _score(Sample((text,), (references,)), _ORDERS["bleu_4"]).by_pair
    assert score is not None  # noqa: S101 - every single explanation has one
    return float(score[0])
