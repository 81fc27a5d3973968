from __future__ import annotations

import pytest

from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.rewards.assessment import Assessor, Target
from recbole_curec.rewards.reward import ALWAYS, prepare_rewards
from tests.examples import CATALOG, EVIDENCE, GOOD
from tests.rewards.rated import Liking, request

TARGET = Target(user=1, item=2, position=3, evidence=EVIDENCE)
FALSE = GOOD.replace('"Heat" and', '"Toy Story" and')
WEIGHTS = {"model": 1.0, "format": 0.5}


def _assessor(reward: float = 0.5, threshold: float = 0.0) -> Assessor:
    rewards = prepare_rewards(WEIGHTS, request(Liking(reward)))
    return Assessor(rewards, WEIGHTS, FailureFinder(ClaimChecker(CATALOG), threshold))


def test_a_candidate_holds_its_text_rewards_and_failure() -> None:
    sound, false = _assessor().assess([TARGET, TARGET], [GOOD, FALSE])
    assert (sound.completion, sound.text, sound.failure) == (GOOD, GOOD.split("</think> ")[1], None)
    assert tuple(sound.rewards) == (*ALWAYS, "total")
    assert sound.rewards["total"] == 1.0 * 0.5 + 0.5 * 1.0
    assert false.failure is not None and false.failure.kind == "title"
    assert false.rewards["model"] == 0.0


def test_a_reward_below_the_threshold_fails() -> None:
    (low,) = _assessor(reward=0.5, threshold=0.6).assess([TARGET], [GOOD])
    assert low.failure is not None and low.failure.kind == "low reward"


def test_sound_comes_before_unsound_and_then_the_reward_decides() -> None:
    (false,) = _assessor(reward=9.0).assess([TARGET], [FALSE])
    sound, low = (_assessor(reward).assess([TARGET], [GOOD])[0] for reward in (0.5, -3.0))
    assert low.rewards["total"] < false.rewards["total"]
    assert false.rank < low.rank < sound.rank


def test_every_completion_needs_a_target() -> None:
    assert _assessor().assess([], []) == []
    with pytest.raises(ValueError, match="shorter"):
        _assessor().assess([TARGET], [GOOD, GOOD])
