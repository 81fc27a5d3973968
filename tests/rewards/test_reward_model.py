from __future__ import annotations

import pytest

from recbole_curec.rewards.reward_model import RewardModelReward
from tests.examples import GOOD
from tests.rewards.rated import Liking, request, rows


@pytest.mark.parametrize(("reward", "unsound"), [(2.0, 0.0), (-1.0, -1.0)])
def test_what_is_broken_or_false_cannot_earn_it(reward: float, unsound: float) -> None:
    model = RewardModelReward.prepare(request(Liking(reward)))
    false = GOOD.replace('"Heat" and', '"Toy Story" and')
    recited = '<think> "Fargo"</think> "Fargo" is for you, as you see - History: "Heat".'
    written = [GOOD, false, "no reason at all", recited]
    assert model([], written, **rows(4)) == [reward, unsound, unsound, unsound]
