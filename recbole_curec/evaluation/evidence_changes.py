"""Changes of evidence that make a true sentence false, one function per kind, and changes that leave it true.

Which facts a sentence states is read off the teacher's clauses, not off a checker's own parser. Every function takes a
sentence and its evidence, and returns None where the sentence states no fact of the kind that it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from random import Random

from recbole_curec.data.evidence import LEVELS, Evidence, Fact, FactKind, Level
from recbole_curec.reasons.languages.english import English

ITEM_KINDS: tuple[FactKind, ...] = ("similar", "together")
_STRENGTHS: dict[FactKind, dict[Level, float]] = {
    "similar": {"weak": 0.1, "fair": 0.3, "strong": 0.6},
    "together": {"weak": 0.1, "fair": 0.3, "strong": 0.6},
    "attribute": {"weak": 1.2, "fair": 1.6, "strong": 2.5},
}
_POPULARITY = {"lesser known": 0.3, "popular": 0.7, "very popular": 1.0}
# A claim is made false by these words of the fact; of a very popular item, "popular" is true.
_CONTRADICTS = {
    "lesser known": ("popular", "very popular"),
    "popular": ("lesser known",),
    "very popular": ("lesser known", "popular"),
}


@dataclass(frozen=True)
class Statement:
    """A clause of the teacher that a sentence contains.

    Attributes:
        kind: Kind of the facts.
        level: The level it states, which may be weaker than that of the facts.
        facts: The facts it is about.
        clause: Its words.
    """

    kind: FactKind
    level: Level
    facts: tuple[Fact, ...]
    clause: str

    @property
    def says_taken(self) -> bool:
        """Whether it says in so many words that the user took the items."""
        return any(words in self.clause for words in English.said_taken)


def statements(text: str, evidence: Evidence) -> list[Statement]:
    """Every clause of the English teacher about one or two facts of the evidence that a sentence contains."""
    return [
        statement
        for statement, pattern in _possible(evidence)
        if re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    ]


def _possible(evidence: Evidence) -> Iterator[tuple[Statement, str]]:
    for (kind, level), wordings in English.clauses.items():
        facts = [one for one in evidence.facts_of(kind) if kind != "popularity" or English.level_of(one) == level]
        for chosen in (*((fact,) for fact in facts), *permutations(facts, 2)):
            for wording in wordings:
                clause = English.clause(wording, chosen, "")
                pattern = re.escape(clause)
                if kind == "attribute":
                    # What several items are called may follow the labels: "Crime and Sci-Fi movies".
                    labels = re.escape(English.labelled([fact.name for fact in chosen], ""))
                    pattern = pattern.replace(labels, rf"{labels}(?: (?!and\b)[\w-]+){{0,2}}", 1)
                yield Statement(kind, level, chosen, clause), pattern


def fact_removed(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """Without a stated fact; a label also goes from the attributes, an item stays in the history."""
    fact = stated_fact(text, evidence, ("similar", "attribute", "together", "popularity"), rng)
    if fact is None:
        return None
    attributes = tuple(label for label in evidence.attributes if fact.kind != "attribute" or label != fact.name)
    return replace(evidence, facts=_without(evidence, fact), attributes=attributes)


def preference_only_an_attribute(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """Without a stated preference; the target still has the label, which says nothing about the user."""
    fact = stated_fact(text, evidence, ("attribute",), rng)
    return None if fact is None else replace(evidence, facts=_without(evidence, fact))


def level_lowered_by_one(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """A stated fact is one level below the one the sentence states."""
    return _lowered(text, evidence, rng, steps=1)


def level_lowered_by_two(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """A stated fact is two levels below the one the sentence states."""
    return _lowered(text, evidence, rng, steps=2)


def taken_only_by_others(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """An item that the user is said to have taken is one that only others take together with the target."""
    fact = _stated_as_taken(text, evidence, rng)
    if fact is None:
        return None
    facts = tuple(replace(one, kind="together") if same_subject(one, fact) else one for one in evidence.facts)
    return replace(_without_history(evidence, fact.name), facts=facts)


def fact_and_history_removed(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """Without an item that the user is said to have taken: in no fact, not in the history, without excerpts."""
    fact = _stated_as_taken(text, evidence, rng)
    return None if fact is None else replace(_without_history(evidence, fact.name), facts=_without(evidence, fact))


def popularity_flipped(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """The target is less widely taken than stated, or more widely than "lesser known"."""
    fact = stated_fact(text, evidence, ("popularity",), rng)
    if fact is None or fact.name not in _CONTRADICTS:
        return None
    word = rng.choice(_CONTRADICTS[fact.name])
    flipped = replace(fact, name=word, strength=_POPULARITY[word])
    return replace(evidence, facts=tuple(flipped if one == fact else one for one in evidence.facts))


def excerpt_removed(text: str, evidence: Evidence, rng: Random) -> Evidence | None:
    """Without a review that the sentence quotes."""
    quoted = [excerpt for excerpt in evidence.excerpts if excerpt.text in text]
    if not quoted:
        return None
    gone = rng.choice(quoted)
    return replace(evidence, excerpts=tuple(one for one in evidence.excerpts if one.text != gone.text))


def level_raised(text: str, evidence: Evidence, rng: Random) -> tuple[str, Evidence] | None:
    """A stated fact is of the highest level: the sentence claims less than it might."""
    fact = stated_fact(text, evidence, ("similar", "attribute", "together"), rng)
    return None if fact is None or fact.level == "strong" else (text, _with_level(evidence, fact, "strong"))


def facts_reordered(text: str, evidence: Evidence, rng: Random) -> tuple[str, Evidence] | None:
    """The same facts in another order."""
    order = rng.sample(evidence.facts, len(evidence.facts))
    return None if tuple(order) == evidence.facts else (text, replace(evidence, facts=tuple(order)))


def stated_fact(text: str, evidence: Evidence, kinds: Sequence[FactKind], rng: Random) -> Fact | None:
    """One of the facts of these kinds that a sentence states."""
    found = [fact for one in statements(text, evidence) if one.kind in kinds for fact in one.facts]
    # The target's own name stands in every sentence.
    found = [fact for fact in found if fact.name != evidence.target]
    return rng.choice(found) if found else None


def _stated_as_taken(text: str, evidence: Evidence, rng: Random) -> Fact | None:
    found = [fact for one in statements(text, evidence) if one.says_taken for fact in one.facts]
    return rng.choice(found) if found else None


def _lowered(text: str, evidence: Evidence, rng: Random, steps: int) -> Evidence | None:
    found = [
        (fact, LEVELS[place])
        for one in statements(text, evidence)
        if one.kind != "popularity" and (place := LEVELS.index(one.level) - steps) >= 0
        for fact in one.facts
        if fact.name != evidence.target
    ]
    if not found:
        return None
    fact, level = rng.choice(found)
    return _with_level(evidence, fact, level)


def _with_level(evidence: Evidence, fact: Fact, level: Level) -> Evidence:
    facts = (
        replace(one, strength=_STRENGTHS[one.kind][level]) if same_subject(one, fact) else one for one in evidence.facts
    )
    return replace(evidence, facts=tuple(facts))


def same_subject(one: Fact, fact: Fact) -> bool:
    """Whether two facts are about the same item, label or popularity; two items may have one name."""
    kinds = ITEM_KINDS if fact.kind in ITEM_KINDS else (fact.kind,)
    return one.kind in kinds and one.name == fact.name


def _without(evidence: Evidence, fact: Fact) -> tuple[Fact, ...]:
    return tuple(one for one in evidence.facts if not same_subject(one, fact))


def _without_history(evidence: Evidence, name: str) -> Evidence:
    history = tuple(one for one in evidence.history if one != name)
    return replace(evidence, history=history, excerpts=tuple(one for one in evidence.excerpts if one.name != name))


def renamed(evidence: Evidence, name: str, other: str) -> Evidence:
    """The evidence with another name for an item that is not the target."""
    facts = (replace(f, name=other) if f.kind in ITEM_KINDS and f.name == name else f for f in evidence.facts)
    return replace(
        evidence,
        facts=tuple(facts),
        history=tuple(other if one == name else one for one in evidence.history),
        excerpts=tuple(replace(one, name=other) if one.name == name else one for one in evidence.excerpts),
    )
