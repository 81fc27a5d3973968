"""ROUGE-1, ROUGE-2 and ROUGE-L (Lin, 2004), by rouge-score."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score, check_package, referenced
from recbole_curec.evaluation.metrics.rouge_words import TOKENS, RougeWords

_KINDS = {"rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_l": "rougeL"}
ROUGE_SIGNATURE = f"case:lc|stem:no|tok:{TOKENS}"


class Rouge(Metric):
    """F1 of the shared words, pairs of words, and longest common subsequence, 0 to 100; the best reference counts.

    Words are in lower case and not stemmed; :class:`RougeWords` says what a word is. The metric of the set is the mean
    over its explanations.

    Raises:
        ConfigurationError: rouge-score is not installed.
    """

    group: ClassVar[Group] = "similarity"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"rouge_1": "ROUGE-1", "rouge_2": "ROUGE-2", "rouge_l": "ROUGE-L"}
    )

    def __init__(self) -> None:
        check_package("rouge_score", "ROUGE", "rouge-score>=0.1.2")

    def measure(self, sample: Sample) -> dict[str, Score]:
        """The three F1 values."""
        from rouge_score.rouge_scorer import RougeScorer

        scorer = RougeScorer(list(_KINDS.values()), tokenizer=RougeWords())
        found = [
            scorer.score_multi(references, text)
            for text, references in zip(sample.texts, referenced(sample), strict=True)
        ]
        return {key: Score.mean([one[kind].fmeasure for one in found], scale=100.0) for key, kind in _KINDS.items()}
