from __future__ import annotations

import pytest

from recbole_curec.reviews.chains import Aspect, completion_of
from recbole_curec.reviews.held_out import chain_report
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.rewards.chosen import chain_rewards
from recbole_curec.reviews.rewards.reward import chain_columns
from recbole_curec.settings.chains import ChainSettings
from tests.reviews.reviewed import STARS

REWARDS = chain_rewards(ChainSettings(), STARS, OpinionWords({"great": 1.0}))
WEIGHTS = {"accuracy": 1.0, "analysis": 3.0}
GREAT, LOUD = Aspect(1, "great sound"), Aspect(-1, "too loud")


def test_the_figures_of_five_reviews() -> None:
    true = [5.0, 5.0, 1.0, 3.0, 2.0]
    written = [
        completion_of((GREAT,), 5.0, STARS),
        completion_of((LOUD,), 4.0, STARS),
        completion_of((GREAT, LOUD), 3.0, STARS),
        completion_of((), 3.0, STARS),
        "no chain",
    ]
    report = chain_report(
        written, [chain_columns("a great sound, too loud", rating) for rating in true], STARS, REWARDS, WEIGHTS
    )
    assert report == {
        "accuracy": pytest.approx((1 + 0 - 0.5 / 0.875 + 1 - 1) / 5),
        "format": pytest.approx(0.8),
        "analysis": pytest.approx(2 / 15),
        "total": pytest.approx((1 + 0 - 0.5 / 0.875 + 1 - 1) / 5 + 3 * 2 / 15),
        "unparsable": pytest.approx(0.2),
        "exact": pytest.approx(0.4),
        "off_by_one": pytest.approx(0.6),
        "mae": pytest.approx(0.75),
        "macro_mae": pytest.approx((2 + 0 + 0.5) / 3),
        "aspects": pytest.approx(0.8),
        "agrees": pytest.approx(1 / 3),
        "consistent": pytest.approx(1 / 2),
        "words": pytest.approx((3 + 3 + 6 + 1 + 0) / 5),
    }


def test_what_has_no_value_is_left_out() -> None:
    report = chain_report(["nothing"], [chain_columns("", 3.0)], STARS, REWARDS, WEIGHTS)
    assert report["unparsable"] == 1.0
    assert not {"mae", "macro_mae", "agrees", "consistent"} & set(report)
