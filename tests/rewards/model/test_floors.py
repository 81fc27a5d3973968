"""A reward model that learned nothing is stopped; one that learned passes; both by the default floors."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recbole_curec.data.history import TrainHistory
from recbole_curec.data.negatives import negative_item
from recbole_curec.errors import ConfigurationError, RewardError
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.model.fit import Pairs, fit_base, fit_reasons
from recbole_curec.rewards.model.floors import shortfalls
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.model.train import item_texts
from recbole_curec.rewards.model.validate import validate
from recbole_curec.settings.sections import DEFAULT_FLOORS, GuardSettings, RewardSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.text.lsa import LsaEncoder
from tests.conftest import AtomicDataset
from tests.examples import toy_builder
from tests.pipeline_runs import run_stages, write_topics

FIGURES = {
    "auc_with_reason": 0.84, "prefers_true_user": 0.76, "prefers_true_item": 0.84, "prefers_true_evidence": 0.89,
    "calibration_error": 0.09,
}  # fmt: skip


def test_the_figure_and_its_bound_are_named() -> None:
    assert shortfalls(FIGURES, GuardSettings()) == ""
    low = {**FIGURES, "auc_with_reason": 0.5, "calibration_error": 0.25}
    expected = "auc 0.500 is below its floor 0.7 and the calibration error 0.250 is above its ceiling 0.2"
    assert shortfalls(low, GuardSettings()) == expected
    assert shortfalls(low, GuardSettings(floors={"auc": 0.5}, calibration_ceiling=0.25)) == ""
    assert "prefers" not in shortfalls({**FIGURES, "prefers_true_user": 0.5}, GuardSettings())
    assert "another_user 0.500" in shortfalls({**FIGURES, "prefers_true_user": 0.5}, GuardSettings())
    undefined = {**FIGURES, "prefers_true_evidence": float("nan")}
    assert "shuffled nan" in shortfalls(undefined, GuardSettings())
    assert shortfalls(undefined, GuardSettings(floors={"shuffled": 0.0})) == ""


def test_floors_left_out_keep_their_default() -> None:
    assert GuardSettings(floors={"auc": 0.9}).all_floors == {**DEFAULT_FLOORS, "auc": 0.9}
    for floors in ({"auc": 76.0}, {"auc": -0.1}, {"judge": 0.5}):
        with pytest.raises(ConfigurationError, match=r"guard\.floors"):
            Settings.from_mapping({"guard.floors": floors})


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_default_floors_tell_true_labels_from_permuted_ones(seed: int) -> None:
    assert shortfalls(_validated(True, seed), GuardSettings()) == ""
    figures = _validated(False, seed)
    assert f"auc {figures['auc_with_reason']:.3f} is below its floor 0.7" in shortfalls(figures, GuardSettings())


def _validated(learns: bool, seed: int) -> dict[str, float]:
    """Validation on held-out users of the toy dataset, with the teacher's sentences as reasons."""
    builder = toy_builder()
    history, catalog = builder.history, builder.catalog
    teacher = EvidenceTeacher(ClaimChecker(catalog), 0)
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(np.flatnonzero(history.positions > 0))[:400])
    users, positions = history.users[rows], history.positions[rows]
    drawn = [negative_item(history, int(user), rng) for user in users]
    items = np.stack([history.items[rows], np.array(drawn)], axis=1)
    texts = [
        [teacher.write(builder.build(int(user), int(item), int(position))).text for item in pair]
        for user, position, pair in zip(users, positions, items, strict=True)
    ]
    pairs = Pairs(users, positions, items, texts, np.full(len(rows), "all"))
    held_out = rng.permutation(np.unique(users))[:60]
    mask = np.isin(users, held_out)
    settings = RewardSettings(history=3, epochs=60)
    encoder = LsaEncoder.fit([*item_texts(catalog)[1:], *(text for row in texts for text in row)], 64, 0)
    torch.manual_seed(seed)
    model = RewardModel(torch.from_numpy(encoder.encode(item_texts(catalog))), settings.hidden_size)
    seen, learned = (history, pairs) if learns else _permuted(history, pairs, rng)
    others = np.setdiff1d(np.unique(history.users), held_out)
    fit_base(model, seen, others, settings, rng, progress=False)
    fit_reasons(model, history, learned.where(~mask), encoder, settings, rng, progress=False)
    scorer = RewardScorer(model, encoder, history, history_length=3, probes=2, seed=0)
    return validate(scorer, pairs.where(mask), builder, teacher, rng, bins=10)


def _permuted(history: TrainHistory, pairs: Pairs, rng: np.random.Generator) -> tuple[TrainHistory, Pairs]:
    """Every interaction and every reasoned pair given to a random user, and positives as often the negative.

    Swapping positives and negatives alone would leave each reason with the user it was written for, from which the
    preference loss learns without any label.
    """
    swap, order = rng.random(len(pairs.items)) < 0.5, rng.permutation(len(pairs.items))
    items = np.where(swap[:, None], pairs.items[:, ::-1], pairs.items)[order]
    texts = [pairs.texts[row][::-1] if swap[row] else pairs.texts[row] for row in order.tolist()]
    return replace(history, items=rng.permutation(history.items)), replace(pairs, items=items, texts=texts)


def test_the_pipeline_stops_before_rl_and_a_lowered_floor_goes_on(
    atomic: AtomicDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_topics(atomic)
    high = {"auc": 0.999, "another_user": 0.0, "another_item": 0.0, "shuffled": 0.0}
    with pytest.raises(RewardError, match=r"held-out users auc 0\.\d{3} is below its floor 0\.999: train it on more"):
        run_stages(atomic, tmp_path, reward_floors=high)
    folders = [path.name for path in (tmp_path / "curec" / atomic.name).iterdir() if path.is_dir()]
    assert sorted(name.split("-")[0] for name in folders) == ["align", "collect", "reward"]
    assert not any("partial" in name for name in folders)
    with caplog.at_level(logging.WARNING, "recbole_curec.rewards.model.floors"):
        without = run_stages(atomic, tmp_path, reward_floors=high, rl_steps=0)
    assert any("is below its floor 0.999), and correction relies on it." in message for message in caplog.messages)
    made = without["reward"].folder.stat().st_mtime_ns
    assert set(without["reward"].manifest()["figures"]["judge"]) == set(FIGURES) | {"auc_without_reason"}
    lower = run_stages(atomic, tmp_path)
    assert lower["reward"].folder == without["reward"].folder
    assert lower["reward"].folder.stat().st_mtime_ns == made
    # A raised floor stops a run whose later artifacts are there, too.
    with pytest.raises(RewardError):
        run_stages(atomic, tmp_path, reward_floors=high)
