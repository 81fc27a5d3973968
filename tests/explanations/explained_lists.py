"""Explained lists made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.explanations.explained import (
    ComparedModel,
    ExplainedItem,
    ExplainedLists,
    ExplainedUser,
    ListedItem,
    VectorReviews,
)
from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.reasons.store import ReasonRecord

REWARDS = {"model": 0.25, "format": 1.0, "total": 1.25}


def record(user: str, item: str, text: str, name: str = "Alien", **given: Any) -> ReasonRecord:
    facts = (
        Fact("similar", name, 1200, 0.5),
        Fact("attribute", "Sci-Fi", 1, 1.5),
        Fact("together", name, 1, 0.1),
        Fact("popularity", "popular", 0, 0.7),
    )
    evidence = Evidence(user, item, 2, f"target {item}", ("Sci-Fi",), ("Alien", "Heat"), facts)
    plain: dict[str, Any] = {
        "failure": None, "failure_kind": None, "outcome": "kept", "rounds": 0, "draft": f"<think> </think> {text}",
    }  # fmt: skip
    return ReasonRecord(
        user=user, item=item, position=2, evidence=evidence, text=text, rewards=REWARDS, draft_reward=1.0,
        **{**plain, **given},
    )  # fmt: skip


def item(user: str, number: int, title: str, text: str, **given: Any) -> ExplainedItem:
    told = {key: given.pop(key) for key in ("name", "failure", "failure_kind", "outcome", "rounds") if key in given}
    plain: dict[str, Any] = {
        "rank": number,
        "score": 5.5 - number,
        "trained": 7,
        "sources": {"ids": 1.0, "text": 2.5, "reasons": -0.5, "base": 1.5},
        "elsewhere": {"text only": 1, "ids only": None},
        "depth": 100,
    }
    return ExplainedItem(
        item=f"i{number}", title=title, record=record(user, f"i{number}", text, **told), **{**plain, **given}
    )


def lists() -> ExplainedLists:
    """Two users; the second one's items are cold, and one of them was replaced."""
    others = {
        "text only": [ListedItem("i1", "Alien"), ListedItem("i9", "Fargo")],
        "ids only": [ListedItem("i9", "Fargo")],
    }
    first = ExplainedUser(
        "196",
        ["Heat", "The Godfather"],
        [
            item("196", 1, "Alien", "You may like it."),
            item(
                "196",
                2,
                "Brazil",
                "Try it.",
                failure="it names nobody",
                failure_kind="target",
                outcome="repaired",
                rounds=1,
            ),
        ],
        others,
    )
    second = ExplainedUser(
        "7",
        [f"Title {number}" for number in range(60)],
        [
            item("7", 3, "Casino", "A guess.", failure="low", failure_kind="low reward", outcome="replaced", trained=0),
            item("7", 4, "Drive", "Another.", trained=0),
        ],
        others,
    )
    models = [
        ComparedModel("full", "CURec (SASRec)", {"recall@10": 0.2, "ndcg@10": 0.1}, True, {"recall@10": 0.3}),
        ComparedModel("ids only", "SASRec, ids only", {"recall@10": 0.1, "ndcg@10": 0.05}, explained=False),
    ]
    return ExplainedLists("toy", "CURec (SASRec)", ["ids", "text", "reasons"], [first, second], models)


def told(*reviews: QuotedReview, by: tuple[QuotedReview, ...] = (), more: int = 0) -> VectorReviews:
    """Reviews about an item, of which there are some more, and by a user."""
    return VectorReviews(reviews, by, len(reviews) + more, len(by))


def lists_of_reviews() -> ExplainedLists:
    """The same lists in a run whose vectors are made of reviews."""
    about = QuotedReview("u9", "i1", 2.0, ("fair price",), ("cable broke",), "The cable broke", "2014-03-04")
    by = QuotedReview("196", "i9", 5.0, (), (), "It came on a Tuesday ...")
    reviews = {"i1": told(about, by=(by,), more=7)}
    users = [
        replace(
            user,
            items=[
                replace(
                    one,
                    record=None,
                    reviews=reviews.get(one.item, told()),
                    sources={"reviews" if name == "reasons" else name: value for name, value in one.sources.items()},
                )
                for one in user.items
            ],
        )
        for user in lists().users
    ]
    return replace(lists(), sources=["ids", "text", "reviews"], users=users, titles={"i9": "Fargo"})
