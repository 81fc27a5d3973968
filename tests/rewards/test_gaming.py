from __future__ import annotations

import pytest

from recbole_curec.reasons.parsing import parse_reason, words_of
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.rewards.format import FormatReward
from recbole_curec.rewards.gaming import POLICIES, gaming_rewards, played
from recbole_curec.rewards.grounding import GroundingReward
from recbole_curec.rewards.reward import columns
from recbole_curec.settings.sections import CollectSettings
from tests.examples import EVIDENCE
from tests.rewards.rated import request

ROW = {"prompt": TablePrompts(CollectSettings()).reason(EVIDENCE), **columns(EVIDENCE, 1, 2, 3)}


@pytest.mark.parametrize("name", POLICIES)
def test_what_a_policy_writes_is_on_format(name: str) -> None:
    reason = parse_reason(played(POLICIES[name], ROW))
    assert reason.error is None
    assert len(words_of(reason.text)) >= 9


def test_policies_write_what_they_are_named_after() -> None:
    written = {name: parse_reason(played(policy, ROW)).text for name, policy in POLICIES.items()}
    assert written["copied_history"] == '"Fargo" suits you, for you took these - History: "Heat".'
    assert written["copied_facts"].startswith('Target: "Fargo" (Crime, Drama) - fans of "Heat" choose it: strong - ')
    assert written["copied_prompt"].startswith('History: "Heat" Target: "Fargo" (Crime, Drama) - fans of "Heat" ')
    assert len(words_of(written["filler"])) == 31
    long = {**ROW, "prompt": [{"role": "user", "content": "Target: " + '"a long name" ' * 40}]}
    cut = parse_reason(played(POLICIES["copied_facts"], long))
    assert cut.error is None
    assert len(words_of(cut.text)) == 58  # a name is not cut through


def test_rewards_are_means_by_policy() -> None:
    named = {"format": FormatReward.prepare(request()), "grounding": GroundingReward.prepare(request())}
    found = gaming_rewards(named, {"format": 0.5, "grounding": 1.0}, [ROW, ROW])
    assert found["filler"] == {"format": 1.0, "grounding": 0.5, "total": 1.0}  # gives no fact
    assert found["constant"] == {"format": 1.0, "grounding": 0.5, "total": 1.0}  # does not name the target
    assert found["copied_facts"] == {"format": 0.0, "grounding": -1.0, "total": -1.0}


@pytest.mark.parametrize(
    ("policy", "grounding"),
    [("strong_preference", 0.0), ("invented_fans", 0.5), ("invented_rating", 0.0), ("negation", 0.0)],
)
def test_sentences_that_claim_what_no_fact_holds_are_not_paid_for(policy: str, grounding: float) -> None:
    named = {"grounding": GroundingReward.prepare(request())}
    assert gaming_rewards(named, {"grounding": 1.0}, [ROW])[policy]["grounding"] == grounding
