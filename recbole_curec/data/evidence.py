"""Collaborative facts that support a target item for a user, computed on training interactions only.

Every count over the population excludes the user the evidence is for. Otherwise a true pair would always count itself
once, so that evidence (and thus reasons and the reward model) would reveal which pairs are real, and later interactions
of the user would influence the evidence at earlier positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.facts import LEVELS, Fact, FactKind, Level, worth_telling
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.item_pairs import ItemPairs, among
from recbole_curec.data.review_excerpts import ReviewExcerpt, best_sentence, terms_of
from recbole_curec.data.statements import Statement, StatementChooser
from recbole_curec.extensions import LANGUAGES
from recbole_curec.settings.sections import CollectSettings

__all__ = ["LEVELS", "Evidence", "EvidenceBuilder", "Fact", "FactKind", "Level"]

# Strength of the prior, in interactions, that limits the lift of an attribute seen only once.
LIFT_PRIOR = 5.0
# Longest part of a history searched for supporting items.
SUPPORT_WINDOW = 100
# Users whose contributions to the counts are kept.
_USERS_KEPT = 1 << 16


@dataclass(frozen=True)
class Evidence:
    """The facts that a reason for a user and a target may claim, at one position of the user's history.

    Attributes:
        user: Original user id.
        item: Original item id of the target.
        position: Number of training interactions before the target.
        target: Name of the target.
        attributes: Attribute labels of the target.
        history: Names of the most recent history items, oldest first.
        facts: Supporting facts, strongest kind first.
        excerpts: Quotations from the user's reviews of supporting history items; only with ``teacher: reviews``.
        statements: Sentences of other users' earlier reviews of the target; only with ``collect.evidence_statements``.
    """

    user: str
    item: str
    position: int
    target: str
    attributes: tuple[str, ...]
    history: tuple[str, ...]
    facts: tuple[Fact, ...]
    excerpts: tuple[ReviewExcerpt, ...] = ()
    statements: tuple[Statement, ...] = ()

    @cached_property
    def allowed_names(self) -> frozenset[str]:
        """Every item name a reason may mention."""
        named = (fact.name for fact in self.facts if fact.kind in ("similar", "together"))
        return frozenset((self.target, *self.history, *named, *(excerpt.name for excerpt in self.excerpts)))

    @cached_property
    def allowed_labels(self) -> frozenset[str]:
        """Every attribute label a reason may mention."""
        return frozenset((*self.attributes, *(fact.name for fact in self.facts if fact.kind == "attribute")))

    @property
    def is_weak(self) -> bool:
        """Whether no fact supports the target more than weakly, so that recommending it is a guess."""
        return not self.excerpts and all(fact.level == "weak" for fact in self.facts if fact.is_support)

    def quotes_review_of(self, name: str) -> bool:
        """Whether a review of an item of this name is quoted."""
        return any(excerpt.name == name for excerpt in self.excerpts)

    def facts_of(self, kind: FactKind) -> tuple[Fact, ...]:
        """The facts of one kind."""
        return tuple(fact for fact in self.facts if fact.kind == kind)

    def led_by(self, kinds: Sequence[FactKind]) -> Evidence:
        """The same facts, those of the given kinds first, in their order; popularity stays the last.

        Args:
            kinds: Kinds of supporting facts.
        """
        place = {kind: number for number, kind in enumerate(kinds)}
        support = [fact for fact in self.facts if fact.is_support]
        rest = [fact for fact in self.facts if not fact.is_support]
        return replace(self, facts=(*sorted(support, key=lambda fact: place.get(fact.kind, len(place))), *rest))

    def record(self) -> dict[str, Any]:
        """Plain data for storage; the keys ``excerpts`` and ``statements`` are left out if there are none."""
        unsaid = {name for name in ("excerpts", "statements") if not getattr(self, name)}
        return {key: value for key, value in asdict(self).items() if key not in unsaid}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Evidence:
        """Inverse of :meth:`record`."""
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
        }
        facts = tuple(Fact(**fact) for fact in record["facts"])
        excerpts = tuple(ReviewExcerpt(**excerpt) for excerpt in record.get("excerpts", ()))
        statements = tuple(Statement(**statement) for statement in record.get("statements", ()))
        return cls(**{**plain, "facts": facts, "excerpts": excerpts, "statements": statements})


@dataclass(frozen=True)
class _OwnCounts:
    """The contribution of one user to the counts of the population.

    Attributes:
        items: The user's items, sorted, without duplicates.
        users: Number of users of each of them, this user included.
        labels: Interactions with each attribute label.
        interactions: Number of interactions.
    """

    items: NDArray[np.int64]
    users: NDArray[np.int64]
    labels: Counter[str]
    interactions: int


class EvidenceBuilder:
    """Computes evidence for any user, target and position.

    Args:
        history: Interactions, with the catalog's item ids; every count over users is one over its ``population``.
        catalog: Item names and attributes.
        pairs: Counts of users over the population of ``history``.
        settings: Numbers of facts.
        statements: Chooses statements of other users; None for none.
    """

    def __init__(
        self,
        history: TrainHistory,
        catalog: Catalog,
        pairs: ItemPairs,
        settings: CollectSettings,
        statements: StatementChooser | None = None,
    ) -> None:
        self.history = history
        self.catalog = catalog
        self.pairs = pairs
        self.settings = settings
        self.statements = statements
        self.item_users = pairs.item_users
        self._known_counts = np.sort(self.item_users[self.item_users > 0])
        self._label_count: Counter[str] = Counter()
        for item, count in enumerate(np.bincount(history.population.items, minlength=history.n_items)):
            for label in catalog.attributes[item]:
                self._label_count[label] += int(count)
        self._own: dict[int, _OwnCounts] = {}
        self._popularity_words: tuple[str, ...] = LANGUAGES.find(catalog.language).popularity

    def build(self, user: int, item: int, position: int) -> Evidence:
        """Evidence for ``item`` as the next item of ``user`` after ``position`` interactions."""
        past = self.history.before(user, position)
        mine = self._own_counts(user)
        shown = past[-self.settings.history_length :]
        support = self._similar(past[-SUPPORT_WINDOW:], item, mine, self.settings.evidence_items)
        target = self.catalog.names[item]
        facts = (
            *support,
            *self._attributes(past, item, mine)[: self.settings.evidence_attributes],
            *self._together(past, item, mine),
        )
        return Evidence(
            user=str(self.history.user_tokens[user]),
            item=self.catalog.tokens[item],
            position=position,
            target=target,
            attributes=self.catalog.attributes[item],
            history=tuple(self.catalog.names[i] for i in shown),
            facts=(*worth_telling(facts, target), self._popularity(item, mine)),
            excerpts=self._excerpts(user, item, position),
            statements=self._statements(user, item, position),
        )

    def support(self, user: int, item: int, position: int) -> float:
        """Summed similarity of the target to the user's history, the score of an item-based recommender."""
        mine = self._own_counts(user)
        return sum(fact.strength for fact in self._similar(self.history.before(user, position), item, mine))

    def _own_counts(self, user: int) -> _OwnCounts:
        """The contribution of a user to the counts of the population; that of the latest users is kept."""
        if user not in self._own:
            taken = self.history.population.of_user(self.history.counted_as(user))
            labels = Counter(label for item in taken for label in self.catalog.attributes[item])
            items = np.unique(taken)
            if len(self._own) >= _USERS_KEPT:
                del self._own[next(iter(self._own))]
            self._own[user] = _OwnCounts(items, self.item_users[items], labels, len(taken))
        return self._own[user]

    def _supporting(
        self, past: NDArray[np.int64], item: int, mine: _OwnCounts
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Distinct history items, how many others took each together with the target, and the cosine of both."""
        past = np.unique(past[past != item])
        # Of a present history, only what was in training is in the counts.
        own, taken = item in mine.items, np.isin(past, mine.items)
        counts = self.pairs.of(item, past) - (taken & own)
        norm = np.sqrt(np.maximum(self.item_users[past] - taken, 1) * max(self.item_users[item] - own, 1))
        return past, counts, counts / norm

    def _similar(self, past: NDArray[np.int64], item: int, mine: _OwnCounts, most: int | None = None) -> list[Fact]:
        """The history items that support a target, strongest first, at most ``most``."""
        past, counts, strength = self._supporting(past, item, mine)
        order = np.lexsort((past, -strength))
        return [
            Fact("similar", self.catalog.names[past[k]], int(counts[k]), round(float(strength[k]), 4))
            for k in order[counts[order] > 0][:most]
        ]

    def _excerpts(self, user: int, item: int, position: int) -> tuple[ReviewExcerpt, ...]:
        """From the user's reviews before ``position``, never from one about the target: one per supporting item."""
        history = self.history
        if history.reviews is None:
            return ()
        start = int(history.indptr[user])
        past = history.before(user, position)[-SUPPORT_WINDOW:]
        first = start + position - len(past)
        latest = {int(other): str(history.reviews[first + place]) for place, other in enumerate(past) if other != item}
        terms = terms_of(f"{self.catalog.names[item]} {self.catalog.texts[item]}")
        found = []
        for other in self._ranked(past, item, self._own_counts(user)):
            sentence = best_sentence(latest[other], terms)
            if sentence:
                found.append(ReviewExcerpt(self.catalog.names[other], sentence))
        return tuple(found[: self.settings.evidence_items])

    def _statements(self, user: int, item: int, position: int) -> tuple[Statement, ...]:
        """Of other users, from training reviews of the target before ``position``; all of them in a present history."""
        population = self.history.population
        if self.statements is None:
            return ()
        trained = position if user < population.n_users else None
        counted = self.history.counted_as(user)
        return self.statements.quotable(counted, item, trained, self.settings.evidence_statements)

    def _ranked(self, past: NDArray[np.int64], item: int, mine: _OwnCounts) -> list[int]:
        """The history items that support a target, strongest first."""
        others, counts, strength = self._supporting(past, item, mine)
        return [int(others[k]) for k in np.lexsort((others, -strength)) if counts[k] > 0]

    def _attributes(self, past: NDArray[np.int64], item: int, mine: _OwnCounts) -> list[Fact]:
        labels = self.catalog.attributes[item]
        if not labels or len(past) == 0:
            return []
        seen = Counter(label for i in past for label in self.catalog.attributes[i])
        others = max(self.history.population.n_interactions - mine.interactions, 1)
        facts = []
        for label in labels:
            share = (self._label_count[label] - mine.labels[label]) / others
            if seen[label] and share:
                lift = (seen[label] + LIFT_PRIOR * share) / (len(past) + LIFT_PRIOR) / share
                if lift > 1:
                    facts.append(Fact("attribute", label, seen[label], round(lift, 3)))
        return sorted(facts, key=lambda fact: (-fact.strength, fact.name))

    def _together(self, past: NDArray[np.int64], item: int, mine: _OwnCounts) -> list[Fact]:
        columns, both = self.pairs.row(item)
        counts = both.astype(np.int64)
        own, taken = item in mine.items, among(columns, mine.items)
        if own:
            counts = counts - taken
        norm = np.sqrt(np.maximum(self.item_users[columns] - taken, 1) * max(self.item_users[item] - own, 1))
        # A single shared user is not significant.
        score = np.where((columns == item) | among(columns, past) | (counts < 2), -1.0, counts / norm)
        if len(score) == 0 or score.max() <= 0:
            return []
        best = int(np.argmax(score))
        return [Fact("together", self.catalog.names[columns[best]], int(counts[best]), round(float(score[best]), 4))]

    def _popularity(self, item: int, mine: _OwnCounts) -> Fact:
        count = self.item_users[item] - (item in mine.items)
        # Among the items other users took, the share that is taken no more than this one.
        rank = np.searchsorted(self._known_counts, count, side="right")
        rank += np.sum((mine.users > 1) & (mine.users - 1 <= count)) - np.sum(mine.users <= count)
        known = len(self._known_counts) - np.sum(mine.users == 1)
        percentile = float(rank / max(known, 1))
        word = self._popularity_words[(percentile > 0.6) + (percentile > 0.9)]
        return Fact("popularity", word, 0, round(percentile, 1))
