"""The page of predicted ratings: one HTML file that needs no network, whose data no browser can take for code."""

from __future__ import annotations

from typing import Any

from recbole_curec.explanations.explained_ratings import ExplainedRatings, RatedUser
from recbole_curec.explanations.page_data import DIGITS, HISTORY_SHOWN, Reviews, Texts, models_data, shown
from recbole_curec.explanations.ratings import RatedPair
from recbole_curec.offline_page import offline_page
from recbole_curec.version import __version__

# Past reviews of a rating that are shown: those that change it most.
_MOST = 6
# A sum further from the rating than rounding was cut to the scale.
_CUT = 0.005


def rating_page(ratings: ExplainedRatings) -> str:
    """The page as HTML.

    Users, items and reviews are data in it (JSON), which its script shows as text.

    Args:
        ratings: What is shown.
    """
    return offline_page(
        __package__,
        "rating_page",
        frame="frame",
        title=shown(f"{ratings.model} on {ratings.dataset}"),
        n_users=len(ratings.users),
        version=__version__,
        data=_data(ratings),
    )


def _data(ratings: ExplainedRatings) -> dict[str, Any]:
    texts = Texts()
    reviews = Reviews(texts, ratings.titles)
    return {
        "model": shown(ratings.model),
        # Whether any of them can be compared with what was given.
        "known": any(pair.true_rating is not None for pair in ratings.pairs),
        "models": models_data(ratings.models),
        "users": [_user(user, ratings, texts, reviews) for user in ratings.users],
        "texts": texts.texts,
        "reviews": reviews.rows,
    }


def _user(user: RatedUser, ratings: ExplainedRatings, texts: Texts, reviews: Reviews) -> dict[str, Any]:
    latest = user.history[-HISTORY_SHOWN:]
    return {
        "id": shown(user.user),
        "history": [texts.number(ratings.titles.get(one.item) or one.item) for one in latest],
        "given": [one.rating for one in latest],
        "taken": len(user.history),
        "items": [_item(pair, ratings, texts, reviews) for pair in user.pairs],
    }


def _item(pair: RatedPair, ratings: ExplainedRatings, texts: Texts, reviews: Reviews) -> dict[str, Any]:
    parts = (pair.user_bias, pair.item_bias, pair.added)
    total = pair.mean + sum(parts)
    most = pair.statements[:_MOST]
    return {
        "id": shown(pair.item),
        "title": texts.number(ratings.titles.get(pair.item) or pair.item),
        "rating": round(pair.rating, DIGITS),
        "mean": round(pair.mean, DIGITS),
        "parts": [round(part, DIGITS) for part in parts],
        "rests": [[reviews.number(told), int(told.side == "item"), round(told.change, DIGITS)] for told in most],
        "more": len(pair.statements) - len(most),
        "moved": any(told.moves for told in pair.statements),
        "reason": shown(pair.reason(ratings.titles)),
        **({"cut": round(total, DIGITS)} if abs(total - pair.rating) > _CUT else {}),
        **({} if pair.true_rating is None else {"true": pair.true_rating, "split": str(pair.split)}),
    }
