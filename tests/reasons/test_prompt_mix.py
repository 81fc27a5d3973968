"""Training prompts show what correction's prompts show: the latest reasons before the interaction, a fault at times."""

from collections import Counter

import numpy as np
import pytest

from recbole_curec.correction.select import run_selection
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import SelectSettings
from tests.examples import make_builder, make_catalog, toy_builder

CATALOG = make_catalog({item: (f"Story {item}", ["X"]) for item in "abcdefg"})


def mix_over(sequences, rows, **settings):
    builder = make_builder(CATALOG, sequences)
    teacher = EvidenceTeacher(ClaimChecker(CATALOG), 0)
    return PromptMix(np.array(rows), builder, teacher, SelectSettings(**settings)), builder, teacher


def test_the_latest_selected_interactions_before_the_position_are_told():
    mix, builder, teacher = mix_over({"u": "abcdef", "v": "ba"}, [0, 2, 3, 6], carry_reasons=2)

    def told(user, item, position):
        return teacher.write(builder.build(user, item, position)).text

    evidence = builder.build(1, 6, 5)
    assert mix.earlier(1, 5, evidence) == (told(1, 3, 2), told(1, 4, 3))
    assert mix.earlier(1, 3, evidence) == (told(1, 1, 0), told(1, 3, 2))
    assert mix.earlier(1, 2, evidence) == (told(1, 1, 0),)
    assert mix.earlier(1, 0, evidence) == ()
    assert mix.earlier(2, 1, evidence) == (told(2, 2, 0),)


def test_without_carried_reasons_none_is_shown():
    mix, builder, _ = mix_over({"u": "abcdef"}, [0, 2, 3], carry_reasons=0)
    assert mix.earlier(1, 5, builder.build(1, 6, 5)) == ()
    assert mix.earlier_share == 0.0


def test_the_share_of_earlier_reasons_is_that_of_the_selection():
    mix, builder, _ = mix_over({"u": "abcdef", "v": "ba", "w": "cd"}, [0, 2, 3, 6, 9])
    assert mix.earlier_share == pytest.approx(2 / 5)
    rng = np.random.default_rng(0)
    history = builder.history
    shown = [
        bool(mix.earlier_anywhere(user, position, builder.build(user, item, position), rng))
        for _ in range(60)
        for user, item, position in zip(history.users, history.items, history.positions, strict=True)
    ]
    assert np.mean(shown) == pytest.approx(2 / 5, abs=0.05)


def test_faults_are_named_as_often_as_asked_and_mostly_a_low_reward():
    mix, _, _ = mix_over({"u": "abc"}, [0], fault_share=0.3)
    rng = np.random.default_rng(0)
    named = Counter(mix.fault(rng) for _ in range(4000))
    assert named[None] / 4000 == pytest.approx(0.7, abs=0.03)
    assert named["say more about this user"] / (4000 - named[None]) == pytest.approx(0.7, abs=0.05)
    assert named["the reason does not end"] > 100
    assert sum(count for words, count in named.items() if words and "is not in the facts" in words) > 100
    never, _, _ = mix_over({"u": "abc"}, [0], fault_share=0.0)
    assert {never.fault(rng) for _ in range(50)} == {None}


def test_requests_are_about_interactions_that_will_get_a_reason():
    builder = toy_builder()
    rows = run_selection(builder.history, SelectSettings(reasons_per_item=2), 7)
    mix = PromptMix(rows, builder, EvidenceTeacher(ClaimChecker(builder.catalog), 0), SelectSettings())
    rng = np.random.default_rng(0)
    chosen = {(user, position) for user, _, position in (mix.selected(rng) for _ in range(300))}
    selected = {(int(builder.history.users[row]), int(builder.history.positions[row])) for row in rows}
    assert len(chosen) > 100 and chosen <= selected
    user, item, position = mix.selected(rng)
    request = mix.request(user, item, position, rng)
    assert request.evidence == builder.build(user, item, position)
    assert request.earlier == mix.earlier(user, position, request.evidence)
