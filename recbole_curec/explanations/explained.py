"""Explained lists: what is recommended to users and why, beside the lists of other models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.ranking.reranker import Moved
from recbole_curec.reasons.store import ReasonRecord


@dataclass(frozen=True)
class VectorReviews:
    """The training reviews that vectors were made of, those by the user about the item left out.

    Attributes:
        item: The latest ones about the item, latest first.
        user: The latest ones by the user, latest first.
        n_item: How many there are about the item.
        n_user: How many there are by the user.
    """

    item: Sequence[QuotedReview]
    user: Sequence[QuotedReview]
    n_item: int
    n_user: int


@dataclass(frozen=True)
class ExplainedItem:
    """One recommended item.

    Attributes:
        item: Original item id.
        title: Its title; its id if it has none.
        rank: Place in the list, 1 is best; None where it is not among the first :attr:`depth`.
        score: The model's score.
        record: The reason, with evidence, rewards and what correction did; None in a run that writes no reasons.
        trained: Number of training interactions with the item; 0 for a cold item.
        taken: Whether the user has the item already, which lists leave out.
        sources: Contribution of every source to the score, and ``base``; empty where scores cannot be split.
        elsewhere: Rank in the list of every other model; None where it is not among the first :attr:`depth`.
        depth: Length of the other models' rankings that were searched.
        moved: What the ranker did to it; None without a ranker, and for an item that was no candidate.
        reviews: The reviews that the vectors were made of, in a run whose vectors are made of reviews.
    """

    item: str
    title: str
    rank: int | None
    score: float
    record: ReasonRecord | None
    trained: int
    taken: bool = False
    sources: Mapping[str, float] = field(default_factory=dict)
    elsewhere: Mapping[str, int | None] = field(default_factory=dict)
    depth: int = 0
    moved: Moved | None = None
    reviews: VectorReviews | None = None

    @property
    def is_cold(self) -> bool:
        """Whether nobody took the item in training."""
        return self.trained == 0


@dataclass(frozen=True)
class ListedItem:
    """One item of another model's list."""

    item: str
    title: str


@dataclass(frozen=True)
class ExplainedUser:
    """One user's list.

    Attributes:
        user: Original user id.
        history: Titles of what the user has taken, oldest first.
        items: The explained items.
        others: The list of every other model, by its role.
    """

    user: str
    history: Sequence[str]
    items: Sequence[ExplainedItem]
    others: Mapping[str, Sequence[ListedItem]] = field(default_factory=dict)


@dataclass(frozen=True)
class ComparedModel:
    """A model of the same run.

    Attributes:
        role: What it reads.
        name: Its name in tables.
        test: Its test metrics.
        explained: Whether it is the one whose lists are explained.
        test_without_history: The same with the user's history left out of the list; may be empty.
    """

    role: str
    name: str
    test: Mapping[str, float]
    explained: bool
    test_without_history: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ExplainedLists:
    """The explained lists of some users.

    Attributes:
        dataset: Name of the dataset.
        model: Name of the model.
        sources: Names of the sources that scores are split by; empty where they cannot be split.
        users: The lists.
        models: The models of the run, the explained one first.
        titles: Title by original item id, for the items that reviews are about.
    """

    dataset: str
    model: str
    sources: Sequence[str]
    users: Sequence[ExplainedUser]
    models: Sequence[ComparedModel] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """One mapping per user and item, for files."""
        return [_row(user.user, item) for user in self.users for item in user.items]


def _row(user: str, one: ExplainedItem) -> dict[str, Any]:
    place = {} if one.rank is None else {"rank": one.rank}
    return {
        "user": user,
        **place,
        "item": one.item,
        "title": one.title,
        "score": one.score,
        **({} if one.record is None else _reason(one.record)),
        **({} if one.reviews is None else _reviews(one.reviews)),
        "sources": dict(one.sources),
        "ranks_elsewhere": dict(one.elsewhere),
        "training_interactions": one.trained,
        "taken": one.taken,
        **({} if one.moved is None else {"ranked_again": _moved(one.moved)}),
    }


def _reason(record: ReasonRecord) -> dict[str, Any]:
    return {
        "reason": record.text,
        "evidence": asdict(record.evidence),
        **({} if record.written_for == record.user else {"written_for": record.written_for}),
        "rewards": record.rewards,
        "fault": record.failure,
        "fault_kind": record.failure_kind,
        "outcome": record.outcome,
        "draft": record.draft,
    }


def _reviews(told: VectorReviews) -> dict[str, Any]:
    return {
        "item_reviews": [asdict(one) for one in told.item],
        "item_reviews_in_all": told.n_item,
        "user_reviews": [asdict(one) for one in told.user],
        "user_reviews_in_all": told.n_user,
    }


def _moved(moved: Moved) -> dict[str, Any]:
    added = {column.name: round(value, 4) for column, value in moved.contributions}
    return {"before": moved.before, "after": moved.after, "contributions": added}
