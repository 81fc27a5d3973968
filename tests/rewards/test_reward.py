from __future__ import annotations

import pytest

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ConfigurationError
from recbole_curec.rewards.format import FormatReward
from recbole_curec.rewards.length import LengthReward
from recbole_curec.rewards.reward import (
    ALWAYS,
    columns,
    columns_of,
    completion_text,
    evaluate,
    evidence_of,
    prepare_rewards,
    weights_by_name,
)
from tests.examples import EVIDENCE, GOOD
from tests.rewards.rated import request

ROW = columns(EVIDENCE, 1, 2, 3)


def test_rewards_are_weighed_and_summed_by_name() -> None:
    named = {"format": FormatReward.prepare(request()), "length": LengthReward()}
    values = evaluate(named, {"format": 2.0}, [GOOD, ""], [ROW, ROW])
    assert values["format"] == [1.0, 0.0]
    assert values["length"] == [0.0, -1.0]
    assert values["total"] == [2.0, 0.0]  # a reward without a weight is measured but weighs nothing


def test_no_completion_has_no_reward() -> None:
    assert evaluate(prepare_rewards({}, request()), {}, [], []) == {**{name: [] for name in ALWAYS}, "total": []}


def test_evidence_travels_in_a_column() -> None:
    found: Evidence = evidence_of(ROW["evidence"])
    assert found == EVIDENCE
    assert columns_of({"prompt": "p", **ROW}) == ROW


def test_a_completion_is_a_text_or_messages() -> None:
    assert completion_text(GOOD) == completion_text([{"role": "assistant", "content": GOOD}]) == GOOD


def test_rewards_that_weigh_nothing_are_measured_too_and_an_unknown_one_is_an_error() -> None:
    assert tuple(prepare_rewards({"length": 1.0}, request())) == ALWAYS
    assert weights_by_name({"length": 1.0}) == {"length": 1.0}
    with pytest.raises(ConfigurationError, match=r"reinforce\.weights: 'lenght' is no reward \(nearest: 'length'\)"):
        prepare_rewards({"lenght": 1.0}, request())
