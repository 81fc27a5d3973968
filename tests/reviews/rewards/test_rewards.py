from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.reviews.chains import Aspect, completion_of
from recbole_curec.reviews.opinion_words import OpinionWords
from recbole_curec.reviews.rewards.chosen import chain_rewards
from recbole_curec.reviews.rewards.reward import chain_columns
from recbole_curec.rewards.reward import evaluate
from recbole_curec.settings.chains import ChainSettings
from tests.hostile import HOSTILE
from tests.reviews.reviewed import RATINGS, STARS, TEXTS

OPINIONS = OpinionWords({"great": 2.0, "easy": 1.0, "short": -2.0, "returned": -1.0})
REWARDS = chain_rewards(ChainSettings(), STARS, OPINIONS)
REVIEW = (
    "Great sound for the money, and it is easy to tune. Sadly the cable is too short, so I returned it to the shop."
)
PRAISE, EASE, BLAME = Aspect(1, "great sound"), Aspect(1, "easy to tune"), Aspect(-1, "cable is too short")


def analysis(*aspects: Aspect, text: str = REVIEW) -> float:
    return REWARDS["analysis"]([], [completion_of(aspects, 4.0, STARS)], text=[text], rating=[4.0])[0]


def test_every_aspect_of_its_own_earns_a_third_up_to_three() -> None:
    assert [analysis(), analysis(PRAISE), analysis(PRAISE, EASE)] == [0.0, pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert analysis(PRAISE, EASE, BLAME) == 1.0
    assert analysis(PRAISE, EASE, BLAME, Aspect(-1, "I returned")) == 1.0


def test_an_aspect_with_the_wrong_sign_or_without_effect_earns_nothing() -> None:
    assert analysis(Aspect(-1, "great sound")) == 0.0
    assert analysis(Aspect(1, "for the money")) == 0.0
    assert analysis(Aspect(1, "great sound"), text="I did not find a great sound") == 0.0
    assert analysis(Aspect(1, "n roll"), text="rock'n roll'a is great") == 0.0


def test_a_malformed_chain_earns_nothing_for_its_aspects() -> None:
    completion = f"{completion_of((PRAISE, EASE), 4.0, STARS)} or so"
    row: dict[str, Any] = {"text": [REVIEW], "rating": [4.0]}
    assert {name: reward([], [completion], **row) for name, reward in REWARDS.items()} == {
        "accuracy": [-1.0], "format": [0.0], "analysis": [0.0],
    }  # fmt: skip


def test_completions_may_be_messages() -> None:
    written = [{"role": "assistant", "content": completion_of((PRAISE,), 4.0, STARS)}]
    assert REWARDS["format"]([], [written], text=[REVIEW], rating=[4.0]) == [1.0]


def test_without_rows_there_are_no_rewards() -> None:
    assert [reward([], []) for reward in REWARDS.values()] == [[], [], []]


@settings(deadline=None, max_examples=40)
@given(text=st.text(), completion=st.text())
def test_any_text_has_finite_rewards(text: str, completion: str) -> None:
    for written in (completion, f'<think> + "{completion}"</think> Rating: 3', *HOSTILE[:3]):
        for name, reward in REWARDS.items():
            value = reward([], [written], text=[text], rating=[3.0])[0]
            assert math.isfinite(value) and (-1 if name == "accuracy" else 0) <= value <= 1


def test_shuffled_rows_have_the_same_rewards() -> None:
    opinions = OpinionWords.fit(TEXTS, RATINGS, STARS)
    rewards = chain_rewards(ChainSettings(), STARS, opinions)
    quotes = [text.partition("this: ")[2].split(". ")[0].split(";")[0] for text in TEXTS]
    written = [
        completion_of((Aspect(1 if k % 5 else -1, quote),), float(1 + k % 5), STARS) for k, quote in enumerate(quotes)
    ]

    def scored(order: list[int]) -> dict[int, tuple[float, ...]]:
        rows = [chain_columns(TEXTS[k], RATINGS[k]) for k in order]
        values = evaluate(rewards, ChainSettings().weights, [written[k] for k in order], rows)
        return dict(zip(order, zip(*values.values(), strict=True), strict=True))

    in_order = scored(list(range(60)))
    assert len(set(in_order.values())) > 6
    assert scored([int(k) for k in np.random.default_rng(1).permutation(60)]) == in_order
