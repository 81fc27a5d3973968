"""What holds for every reward, whatever a language model writes."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import REWARDS
from recbole_curec.plugin.config import load_config
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import parse_reason, words_of
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.reward import ALWAYS, RESERVED, Reward, RewardRequest, prepare_rewards, weights_by_name
from recbole_curec.settings.settings import Settings
from recbole_curec.text.lsa import LsaEncoder
from recbole_curec.training.curves import TABLE
from recbole_curec.training.rollouts import COMPLETIONS
from tests.examples import CATALOG, GOOD, make_history
from tests.hostile import HOSTILE
from tests.pipeline_runs import FAST, SharedRun, run_stages
from tests.rewards import own
from tests.rewards.rated import rows

ENTRIES = REWARDS.entries()
BREVITY = "tests.rewards.own:Brevity"
JUNK = (
    "", " ", "\n\n", "<think>", "</think>", "<think></think>", "<think> </think> .", "<think>a</think><think>b</think>",
    "no tags at all", GOOD + GOOD, GOOD.upper(), GOOD[::-1], GOOD.replace(" ", ""), '"' * 500, "a " * 5000, "\ud800",
    '<think> "Fargo"</think> “Fargo” because you wrote “ about “Heat”.', "1e309", "nan", "null", "[]", "{}",
)  # fmt: skip
WRITTEN = [
    *JUNK, *HOSTILE,
    *(f"<think> x</think> {text}" for text in HOSTILE),
    *(f'<think> x</think> You may like "Fargo" because you enjoyed "{text}" and favour Crime.' for text in HOSTILE),
]  # fmt: skip


def _request() -> RewardRequest:
    """A reward model that was never trained, but with everything it has."""
    texts = [f'"{name}" {", ".join(labels)}' for name, labels in zip(CATALOG.names, CATALOG.attributes, strict=True)]
    encoder = LsaEncoder.fit(texts[1:], 3, seed=0)
    torch.manual_seed(0)
    model = RewardModel(torch.from_numpy(encoder.encode(["", *texts[1:]])), hidden=8)
    history = make_history({"t": ["3", "1"], "u": ["1", "3", "1", "2"], "v": ["2"]}, CATALOG.tokens)
    scorer = RewardScorer(model, encoder, history, history_length=3, probes=2, seed=0)
    return RewardRequest(scorer, ClaimChecker(CATALOG), Settings())


@lru_cache
def _prepared(name: str) -> Reward:
    prepared: Reward = ENTRIES[name].prepare(_request())
    return prepared


@pytest.fixture(params=sorted(ENTRIES))
def reward(request: pytest.FixtureRequest) -> Reward:
    """Every reward, prepared."""
    return _prepared(request.param)


def _rate(reward: Reward, completions: list[Any]) -> list[float]:
    return reward(prompts=completions, completions=completions, **rows(len(completions)))


def test_what_is_always_measured_is_there() -> None:
    assert set(ALWAYS) <= set(ENTRIES)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_it_is_found_under_its_name(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.name == name and REWARDS.find(name) is entry
    assert isinstance(entry.prepare(_request()), Reward)
    assert entry.revision >= 1 and entry.__doc__


def test_no_completion_has_no_reward(reward: Reward) -> None:
    assert reward(prompts=[], completions=[]) == []
    assert _rate(reward, []) == []


def test_whatever_is_written_has_one_finite_number(reward: Reward) -> None:
    rated = _rate(reward, [GOOD, *WRITTEN])
    assert len(rated) == 1 + len(WRITTEN)
    assert all(type(number) is float and math.isfinite(number) for number in rated)


@settings(deadline=None)
@given(written=st.lists(st.text(), max_size=4))
@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_any_text_has_one_finite_number(name: str, written: list[str]) -> None:
    rated = _rate(_prepared(name), written)
    assert len(rated) == len(written) and all(map(math.isfinite, rated))


def test_the_same_completions_have_the_same_rewards(reward: Reward) -> None:
    written = [GOOD, *WRITTEN]
    first = _rate(reward, written)
    assert _rate(reward, written) == first
    assert _rate(type(reward).prepare(_request()), written) == first


def test_what_stands_beside_a_completion_does_not_matter(reward: Reward) -> None:
    written = [GOOD, *WRITTEN]
    alone = [_rate(reward, [completion])[0] for completion in written]
    np.testing.assert_allclose(_rate(reward, written), alone, atol=1e-5)


def test_a_completion_may_be_messages(reward: Reward) -> None:
    messages = [[{"role": "assistant", "content": completion}] for completion in (GOOD, *JUNK)]
    assert _rate(reward, messages) == _rate(reward, [GOOD, *JUNK])


def test_a_reward_of_the_users_own_is_prepared_weighs_in_and_is_logged_under_its_name(
    shared_run: SharedRun, tmp_path: Path
) -> None:
    weights = {"model": 1.0, "grounding": 1.0, BREVITY: 2.0}
    changed = {"reinforce.weights": weights, "brevity.words": 4}
    artifacts = run_stages(shared_run.dataset, tmp_path, shared_run, **changed)
    shared = shared_run.artifacts
    assert [stage for stage in artifacts if artifacts[stage].key == shared[stage].key] == ["collect", "align", "reward"]

    reinforce = artifacts["reinforce"]
    rollouts = pd.read_parquet(reinforce.folder / COMPLETIONS)
    lengths = rollouts["completion"].map(lambda completion: len(words_of(parse_reason(completion).text)))
    np.testing.assert_allclose(rollouts["reward_brevity"], -(lengths - 4).clip(lower=0) / 10, atol=1e-6)
    assert lengths.max() > 4
    assert {f"reward_{name}" for name in ("model", "grounding", "brevity")} == {
        column for column in rollouts if column.startswith("reward_")
    }
    assert {"reward_brevity", "held_out_brevity"} <= set(pd.read_csv(reinforce.folder / TABLE))
    manifest = reinforce.manifest()
    assert manifest["settings"]["brevity"] == {"words": 4}
    for look in ("before", "after"):
        measured = manifest["figures"][look]
        assert measured["total"] == pytest.approx(
            measured["model"] + measured["grounding"] + 2 * measured["brevity"], abs=1e-6
        )
    assert all("brevity" in rewards for rewards in manifest["figures"]["gaming"].values())

    for record in read_records(artifacts["correct"].folder / STORE):
        rewards = record.rewards
        assert rewards["brevity"] == pytest.approx(-max(len(words_of(record.text)) - 4, 0) / 10)
        expected = rewards["model"] + rewards["grounding"] + 2 * rewards["brevity"]
        assert rewards["total"] == pytest.approx(expected, abs=1e-5)


def test_a_reward_of_the_users_own_stands_beside_those_that_are_always_measured() -> None:
    weights = {BREVITY: 2.0}
    given = Settings.from_mapping({"reinforce.weights": weights, "brevity.words": 7})
    prepared = prepare_rewards(weights, replace(_request(), settings=given))
    assert tuple(prepared) == (*ALWAYS, "brevity")
    assert isinstance(prepared["brevity"], own.Brevity) and prepared["brevity"].words == 7
    assert weights_by_name(weights) == {"brevity": 2.0}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"tests.rewards.own:Nameless": 1.0}, "tests.rewards.own:Nameless has no name to be logged under: set its"),
        ({"tests.rewards.own:OwnFormat": 1.0}, "is named 'format' like recbole_curec.rewards.format.FormatReward:"),
        ({"tests.rewards.own:OwnTotal": 1.0}, "is named 'total' like a figure of every report: give it another name."),
        ({"length": 1.0, "recbole_curec.rewards.length:LengthReward": 2.0}, "weighs the reward 'length' twice: keep"),
        ({"tests.rewards.own:Missing": 1.0}, "holds no Missing"),
        ({"tests.rewards.own:BrevitySettings": 1.0}, "is no reward: derive it from"),
    ],
)
def test_a_reward_that_cannot_be_told_apart_is_an_error_before_anything_runs(
    shared_run: SharedRun, tmp_path: Path, weights: dict[str, float], message: str
) -> None:
    given = {**FAST, "data_path": str(shared_run.dataset.root), "checkpoint_dir": str(tmp_path)}
    given["reinforce"] = {**given["reinforce"], "weights": weights}
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        load_config("CURec", shared_run.dataset.name, (), given)


def test_no_reward_may_have_the_name_of_another_figure(shared_run: SharedRun) -> None:
    figures = shared_run.artifacts["reinforce"].manifest()["figures"]
    assert set(figures["before"]) == {*ALWAYS, *RESERVED}
