"""The control ``oracle``: of some candidates the one nearest to the reference; an upper bound, no competitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tqdm import tqdm

from recbole_curec.evaluation.explanations import ExplanationSet, Pair
from recbole_curec.evaluation.metrics.bleu import sentence_bleu

ORACLE = "oracle"


def best_candidates(
    name: str, candidates: Mapping[Pair, Sequence[str]], references: Mapping[Pair, tuple[str, ...]]
) -> ExplanationSet:
    """The candidate with the highest BLEU-4 against the references of its pair, the first among equals.

    Args:
        name: What tables call the set.
        candidates: At least one candidate for every pair.
        references: References of every pair; they are looked at, which nothing that competes may do.
    """
    texts = {
        pair: max(dict.fromkeys(found), key=lambda text, pair=pair: sentence_bleu(text, references[pair]))  # type: ignore[misc]
        for pair, found in tqdm(candidates.items(), desc=name, leave=False, disable=None)
    }
    return ExplanationSet(name, texts, oracle=True)
