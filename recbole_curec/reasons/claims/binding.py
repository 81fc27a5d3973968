"""Binding of claims to facts: a claim needs one fact of its kind, with its name, at its level or a stronger one."""

from __future__ import annotations

from collections.abc import Mapping

from recbole_curec.data.evidence import LEVELS, Evidence, FactKind, Level
from recbole_curec.reasons.claims.claim import Claim, Fault, FaultKind
from recbole_curec.reasons.claims.lexicon import POPULARITY

# What a claim without a fact of its kind and name is.
_UNBOUND: dict[str, FaultKind] = {
    "took": "history", "favours": "preference", "is": "attribute", "company": "company", "popularity": "popularity",
}  # fmt: skip


class Binder:
    """Facts of one piece of evidence, by the claims that they support.

    Args:
        evidence: The facts that a reason may claim.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        similar = _levels(evidence, "similar")
        self._taken = {*evidence.history, *similar, *(excerpt.name for excerpt in evidence.excerpts)}
        together = _levels(evidence, "together")
        # A similar item is one that others take with the target as well.
        self._company = {name: _stronger(similar.get(name), together.get(name)) for name in (*similar, *together)}
        self._favours = _levels(evidence, "attribute")
        # An attribute fact is about a label of the target.
        self._labels = {*evidence.attributes, *self._favours}
        words = [fact.name.replace(" ", "_") for fact in evidence.facts_of("popularity")]
        self._popularity = max((POPULARITY.get(word, 0) for word in words), key=abs, default=0)

    def fault(self, claim: Claim) -> Fault | None:
        """What is wrong with a claim; None if a fact holds it."""
        if claim.kind == "popularity":
            return None if self._as_popular(claim) else Fault("popularity", claim.words, claim.about)
        if claim.kind == "is":
            held = claim.about in self._labels
            return None if held else Fault("attribute", claim.words, claim.about)
        if claim.kind == "took" and not claim.is_label:
            return None if claim.about in self._taken else Fault("history", claim.words, claim.about)
        if claim.fits and claim.about in self._taken:
            return None
        known = self._favours if claim.kind == "favours" else self._company
        level = None if claim.is_label != (claim.kind == "favours") else known.get(claim.about)
        if level is None:
            return Fault(_UNBOUND[claim.kind], claim.words, claim.about)
        if claim.level is not None and LEVELS.index(claim.level) > LEVELS.index(level):
            return Fault("strength", claim.words, claim.about)
        return None

    def _as_popular(self, claim: Claim) -> bool:
        """Whether the target is as popular as a claim says; what is said of another item has no fact."""
        if claim.about and claim.about != self.evidence.target:
            return False
        said = claim.reach or POPULARITY.get(claim.words.lower().replace(" ", "_"), 1 if claim.level != "strong" else 2)
        return said <= self._popularity if said > 0 else self._popularity < 0


def _levels(evidence: Evidence, kind: FactKind) -> Mapping[str, Level]:
    levels: dict[str, Level] = {}
    for fact in evidence.facts_of(kind):
        levels[fact.name] = _stronger(levels.get(fact.name), fact.level)
    return levels


def _stronger(first: Level | None, second: Level | None) -> Level:
    return max((level for level in (first, second) if level is not None), key=LEVELS.index)
