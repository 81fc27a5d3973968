"""Users and items that two sets of explanations both explain, with what whoever compares them is shown beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import DataError
from recbole_curec.evaluation.explanation_sets import in_a_line
from recbole_curec.evaluation.explanations import ExplanationSet, Pair
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.terminal import printable_line


@dataclass(frozen=True)
class Context:
    """What is known of a user and an item.

    Attributes:
        title: Title of the item.
        history: Titles of what the user took before, oldest first: the latest, and what the explanations may name.
    """

    title: str
    history: tuple[str, ...]


@dataclass(frozen=True)
class ComparedPair:
    """A user and an item with two explanations.

    Attributes:
        user: Original user id.
        item: Original item id.
        texts: The explanations of the first and of the second set.
        context: Title and history; None where they are not known.
        evidence: Facts of the pair; None where they are not known.
    """

    user: str
    item: str
    texts: tuple[str, str]
    context: Context | None = None
    evidence: Evidence | None = None

    @property
    def title(self) -> str:
        """The item's title, or its id."""
        return self.context.title if self.context is not None else in_a_line(self.item)

    def text_hashes(self) -> tuple[str, str]:
        """Hashes of both explanations, by which stored results know them again."""
        first, second = self.texts
        return fingerprint({"text": first}), fingerprint({"text": second})


@dataclass(frozen=True)
class Compared:
    """Two sets side by side.

    Attributes:
        names: Their names.
        pairs: What both explain, in different words, sorted by ids.
        identical: Pairs left out because both explain them in the same words.
        alone: Pairs that the first, or the second set alone explains.
    """

    names: tuple[str, str]
    pairs: tuple[ComparedPair, ...]
    identical: int
    alone: tuple[int, int]

    def left_out(self) -> str:
        """What is left out, in words; empty if nothing is."""
        parts = []
        if self.identical:
            parts.append(f"{self.identical:,} with the same words on both sides")
        parts += [
            f"{count:,} that only {printable_line(name)} explains"
            for name, count in zip(self.names, self.alone, strict=True)
            if count
        ]
        return f"left out: {', '.join(parts)}" if parts else ""


def compare_sets(first: ExplanationSet, second: ExplanationSet) -> Compared:
    """The pairs that two sets explain differently.

    Titles and histories are those of the evidence, of the first set where both have it.

    Raises:
        DataError: Both have the same name, or there is no such pair.
    """
    if first.name == second.name:
        raise DataError(f"Both sets of explanations are named '{printable_line(first.name)}': rename one of the files.")
    common = sorted(first.texts.keys() & second.texts.keys())
    pairs = [
        _with_evidence(
            ComparedPair(*pair, (first.texts[pair], second.texts[pair])),
            first.evidence.get(pair, second.evidence.get(pair)),
        )
        for pair in common
        if first.texts[pair] != second.texts[pair]
    ]
    alone = (len(first.texts) - len(common), len(second.texts) - len(common))
    found = Compared((first.name, second.name), tuple(pairs), len(common) - len(pairs), alone)
    if not pairs:
        fix = "sets that differ" if found.identical else "explanations of the same users and items"
        raise DataError(
            f"{printable_line(first.name)} and {printable_line(second.name)} have no user and item in common that they "
            f"explain differently ({found.left_out()}): give {fix}."
        )
    return found


def _with_evidence(pair: ComparedPair, evidence: Evidence | None) -> ComparedPair:
    if evidence is None:
        return pair
    # What a fact names was taken before the latest items, and a text that speaks of it could not be checked otherwise.
    earlier = [fact.name for fact in evidence.facts_of("similar") if fact.name not in evidence.history]
    context = Context(in_a_line(evidence.target), tuple(map(in_a_line, (*earlier, *evidence.history))))
    return replace(pair, context=context, evidence=evidence)


def with_contexts(pairs: Sequence[ComparedPair], contexts: Mapping[Pair, Context]) -> list[ComparedPair]:
    """The same pairs with the titles and histories of a mapping, which go before those of the evidence."""
    return [replace(pair, context=contexts.get((pair.user, pair.item), pair.context)) for pair in pairs]


def drawn(pairs: Sequence[ComparedPair], seed: int) -> list[ComparedPair]:
    """The pairs in random order."""
    return [pairs[place] for place in np.random.default_rng([seed, 6, 1]).permutation(len(pairs))]
