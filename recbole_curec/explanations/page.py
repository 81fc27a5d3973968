"""The page of explained lists: one HTML file that needs no network, whose data no browser can take for code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recbole_curec.data.evidence import LEVELS
from recbole_curec.explanations.explained import ExplainedItem, ExplainedLists, ExplainedUser, VectorReviews
from recbole_curec.explanations.facts_text import FACT_FORMS, correction_words, moved_words, statement_words
from recbole_curec.explanations.page_data import DIGITS, HISTORY_SHOWN, Reviews, Texts, models_data, shown
from recbole_curec.offline_page import offline_page
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.version import __version__

# Characters of a failed draft that are shown.
_LONGEST_DRAFT = 300


def page(lists: ExplainedLists) -> str:
    """The page as HTML.

    Users, items and reasons are data in it (JSON), which its script shows as text.

    Args:
        lists: What is shown.
    """
    return offline_page(
        __package__,
        "page",
        frame="frame",
        title=shown(f"{lists.model} on {lists.dataset}"),
        n_users=len(lists.users),
        version=__version__,
        data=_data(lists),
    )


def _data(lists: ExplainedLists) -> dict[str, Any]:
    """What the script shows; texts stand once, in a table that everything refers to by number."""
    texts = Texts()
    reviews = Reviews(texts, lists.titles)
    others = list(dict.fromkeys(role for user in lists.users for role in user.others))
    items = [item for user in lists.users for item in user.items]
    records = [item.record for item in items if item.record is not None]
    names = _Names(lists.sources, others, list(records[0].rewards) if records else [])
    return {
        "model": shown(lists.model),
        "reasons": len(records) == len(items),
        "sources": list(lists.sources),
        "others": others,
        "rewards": list(names.rewards),
        "depth": max((item.depth for item in items), default=0),
        "forms": [list(forms) for forms in FACT_FORMS.values()],
        "levels": list(LEVELS),
        "models": models_data(lists.models),
        "users": [_user(user, names, texts, reviews) for user in lists.users],
        "texts": texts.texts,
        "reviews": reviews.rows,
    }


@dataclass(frozen=True)
class _Names:
    """What the numbers of an item are of, in their order."""

    sources: Sequence[str]
    others: Sequence[str]
    rewards: Sequence[str]


def _user(user: ExplainedUser, names: _Names, texts: Texts, reviews: Reviews) -> dict[str, Any]:
    ranks = {one.item: one.rank for one in user.items}
    return {
        "id": shown(user.user),
        "history": [texts.number(title) for title in user.history[-HISTORY_SHOWN:]],
        "taken": len(user.history),
        "items": [_item(one, names, texts, reviews) for one in user.items],
        "others": [
            [[texts.number(one.title), ranks.get(one.item)] for one in user.others.get(role, ())]
            for role in names.others
        ],
    }


def _item(one: ExplainedItem, names: _Names, texts: Texts, reviews: Reviews) -> dict[str, Any]:
    return {
        "id": shown(one.item),
        "title": texts.number(one.title),
        "rank": one.rank,
        "score": round(one.score, DIGITS),
        "parts": [round(one.sources[name], DIGITS) for name in (*names.sources, "base") if name in one.sources],
        "ranks": [one.elsewhere.get(role) for role in names.others],
        "cold": one.is_cold,
        "taken": one.taken,
        **({} if one.record is None else _reason(one.record, names, texts)),
        **({} if one.reviews is None else {"told": _told(one.reviews, reviews)}),
        **({} if one.moved is None else {"moved": moved_words(one.moved)}),
    }


def _reason(record: ReasonRecord, names: _Names, texts: Texts) -> dict[str, Any]:
    """A reason, with what it rests on and how it was checked."""
    kinds, facts = list(FACT_FORMS), record.evidence.facts
    failed = (
        {} if record.failure is None else {"fault": shown(record.failure), "draft": shown(record.draft, _LONGEST_DRAFT)}
    )
    return {
        "reason": shown(record.text),
        "facts": [
            [kinds.index(fact.kind), texts.number(fact.name), fact.count, LEVELS.index(fact.level)] for fact in facts
        ],
        "statements": [shown(statement_words(one)) for one in record.evidence.statements],
        "outcome": record.outcome,
        "checks": texts.number(correction_words(record)),
        "rewards": [round(record.rewards[name], DIGITS) for name in names.rewards],
        **failed,
    }


def _told(told: VectorReviews, reviews: Reviews) -> dict[str, Any]:
    """The reviews behind the vectors of an item and of a user, and how many there are."""
    sides = (("item", told.item, told.n_item), ("user", told.user, told.n_user))
    return {side: [[reviews.number(one) for one in shown_ones], count] for side, shown_ones, count in sides}
