"""Predicted ratings made by hand."""

from __future__ import annotations

from typing import Any

from recbole_curec.explanations.explained import ComparedModel
from recbole_curec.explanations.explained_ratings import ExplainedRatings, RatedItem, RatedUser
from recbole_curec.explanations.ratings import RatedPair, Side, Statement


def statement(side: Side, user: str, item: str, rating: float, change: float, **said: Any) -> Statement:
    plain: dict[str, Any] = {"praise": (), "blame": (), "beginning": "", "date": None}
    return Statement(user=user, item=item, rating=rating, side=side, change=change, **{**plain, **said})


PRAISES = statement("user", "u1", "i2", 5.0, 0.21, praise=("great tone",), beginning="Great tone.")
BLAMES = statement("item", "u9", "i1", 2.0, -0.08, blame=("cable broke", "thin strap"), beginning="The cable broke")
SILENT = statement("item", "u8", "i1", 4.0, 0.001)
PAIR = RatedPair("u1", "i1", 4.321, 4.1, 0.2, -0.05, 0.071, (PRAISES, BLAMES, SILENT))
TITLES = {"i1": "Strap", "i2": "Flute"}


def ratings() -> ExplainedRatings:
    """Two users; one rating of the second rests on nothing, is cut to the scale, and was given."""
    dated = statement("item", "u1", "i3", 4.5, 0.4, praise=("fair price",), date="2014-03-04")
    told = statement("item", "u9", "i3", 1.0, -0.2, beginning="It came on a Tuesday ...")
    cut = RatedPair("u2", "i2", 5.0, 4.1, 0.5, 0.6, 0.0, (), true_rating=3.5, split="test")
    low = RatedPair("u2", "i3", 3.2, 4.1, -0.5, -0.4, 0.0, (dated, told), true_rating=3.0, split="validation")
    users = [
        RatedUser("u1", [RatedItem("i2", 5.0), RatedItem("i4", 3.7)], [PAIR]),
        RatedUser("u2", [RatedItem(f"i{number}", 1.0 + number % 5) for number in range(5, 65)], [cut, low]),
    ]
    models = [
        ComparedModel("full", "RecCoT (reviews)", {"rmse": 1.0, "mae": 0.8}, explained=True),
        ComparedModel("ids only", "RecCoT (ids)", {"rmse": 1.1, "mae": 0.9}, explained=False),
    ]
    return ExplainedRatings("toy", "RecCoT (reviews)", TITLES, users, models)
