from __future__ import annotations

import pytest

from recbole_curec.reviews.chains import parse_chain
from recbole_curec.reviews.gaming import BY_CHANCE, POLICIES, gaming_report, played
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.prompts import chain_prompt
from recbole_curec.reviews.rewards.chosen import chain_rewards
from recbole_curec.reviews.rewards.reward import chain_columns
from recbole_curec.settings.chains import ChainSettings
from tests.reviews.reviewed import RATINGS, SCALE, TEXTS

SETTINGS = ChainSettings()
REWARDS = chain_rewards(SETTINGS, SCALE, OpinionWords.fit(TEXTS, RATINGS, SCALE))
ROWS = [
    {"prompt": chain_prompt(text, 100, SCALE), **chain_columns(text, rating)}
    for text, rating in zip(TEXTS, RATINGS, strict=True)
]
REPORT = gaming_report(REWARDS, SETTINGS.weights, ROWS, SCALE)


@pytest.mark.parametrize("policy", [name for name in POLICIES if name not in BY_CHANCE])
def test_no_policy_earns_anything_for_analysis(policy: str) -> None:
    assert REPORT[policy]["analysis"] == 0.0


def test_policies_are_well_formed_and_play_the_commonest_rating() -> None:
    for policy in POLICIES:
        parsed = parse_chain(played(policy, ROWS[0], SCALE), SCALE)
        assert parsed.error is None
        assert parsed.chain.rating == 1.0  # as common as the others, and the first
    assert len(parse_chain(played("pieces", ROWS[0], SCALE), SCALE).chain.aspects) >= 5
    assert REPORT["constant"]["total"] == pytest.approx(
        sum(SETTINGS.weights[name] * REPORT["constant"][name] for name in ("accuracy", "format"))
    )


def test_quoting_without_reading_earns_less_than_a_third() -> None:
    assert REPORT["unread"]["analysis"] < 1 / 3


def test_a_review_with_quotation_marks_or_none_is_played_too() -> None:
    for text in ('so "great" a "sound" it has', "", "one"):
        row = {"prompt": chain_prompt(text, 100, SCALE), **chain_columns(text, 5.0)}
        for policy in POLICIES:
            assert parse_chain(played(policy, row, SCALE), SCALE).chain.rating == 1.0
