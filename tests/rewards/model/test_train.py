"""Pairs: the reward model and its judge learn from different reasons, and both are measured on users they never saw."""

import numpy as np
import pytest

from recbole_curec.data.user_split import UserSplit
from recbole_curec.rewards.model.train import JUDGE, PROBE, REWARD, draw_pairs, fit_encoder
from recbole_curec.settings.sections import RewardSettings
from tests.examples import make_history, toy_builder


@pytest.fixture(scope="module")
def builder():
    return toy_builder()


@pytest.fixture(scope="module")
def drawn(builder):
    split = UserSplit.draw(builder.history, 0.2, np.random.default_rng(0))
    settings = RewardSettings(positives=200, negatives=2, holdout=0.2)
    texts = lambda evidence: [f'"{one.target}" of {one.user}' for one in evidence]  # noqa: E731
    return split, draw_pairs(builder.history, split, settings, np.random.default_rng(1), builder.build, texts)


def test_halves_and_probe_hold_what_they_should(drawn):
    split, pairs = drawn
    assert {group: int(np.sum(pairs.groups == group)) for group in (REWARD, JUDGE, PROBE)} == {
        REWARD: 100, JUDGE: 100, PROBE: 40
    }  # fmt: skip
    for group in (REWARD, JUDGE):
        assert np.isin(pairs.of_group(group).users, split.trained).all()
    assert np.isin(pairs.of_group(PROBE).users, split.probe).all()
    places = list(zip(pairs.users.tolist(), pairs.positions.tolist(), strict=True))
    assert len(set(places)) == len(places)  # no interaction is in two groups
    assert (pairs.positions > 0).all()


def test_negatives_are_never_the_users_own_and_reasons_stand_beside_their_items(builder, drawn):
    _, pairs = drawn
    for row, user in enumerate(pairs.users.tolist()):
        own = builder.history.of_user(user)
        assert pairs.items[row, 0] in own
        assert not np.isin(pairs.items[row, 1:], own).any()
        names = [builder.catalog.names[item] for item in pairs.items[row]]
        assert pairs.texts[row] == [f'"{name}" of {builder.history.user_tokens[user]}' for name in names]


def test_the_encoder_reads_no_reason_of_a_held_out_user(builder, drawn):
    split, pairs = drawn
    vocabulary = fit_encoder(builder.catalog, pairs, RewardSettings(text_dim=4), 0).vocabulary
    names = {user: str(builder.history.user_tokens[user]).lower() for user in np.unique(pairs.users).tolist()}
    assert any(names[user] in vocabulary for user in split.trained.tolist() if user in names)
    assert not [user for user in split.probe.tolist() if names.get(user) in vocabulary]


def test_one_user_with_one_interaction_teaches_and_is_measured():
    history = make_history({"u": ["a"], "v": ["b"]}, ["", "a", "b"])
    split = UserSplit(np.array([1]), np.array([1]))
    pairs = draw_pairs(
        history,
        split,
        RewardSettings(),
        np.random.default_rng(0),
        lambda *place: place,
        lambda places: ["x"] * len(places),
    )
    assert pairs.groups.tolist() == [REWARD, JUDGE, PROBE]
    assert pairs.users.tolist() == [1, 1, 1]
