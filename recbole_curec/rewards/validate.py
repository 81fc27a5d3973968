"""Validation of the reward model on held-out users, before it may guide anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.rewards.scorer import RewardScorer

if TYPE_CHECKING:
    from recbole_curec.rewards.train import Pairs


def validate(
    scorer: RewardScorer, pairs: Pairs, builder: EvidenceBuilder, teacher: EvidenceTeacher, rng: np.random.Generator
) -> dict[str, float]:
    """Held-out AUC with and without reasons, and how often a true reason beats a corrupted one.

    The corrupted reasons are the teacher's, as is the true one, so that wording cannot decide: another user's reason
    for the same item, the same user's reason for another item, and the true sentence with its names shuffled.
    """
    users = np.repeat(pairs.users, pairs.items.shape[1]).tolist()
    positions = np.repeat(pairs.positions, pairs.items.shape[1]).tolist()
    items = pairs.items.reshape(-1).tolist()
    labels = np.zeros(pairs.items.shape)
    labels[:, 0] = 1
    vectors = torch.from_numpy(scorer.encoder.encode([text for row in pairs.texts for text in row]))
    report = {
        "auc_with_reason": _auc(labels, scorer.logits(users, items, positions, vectors)),
        "auc_without_reason": _auc(labels, scorer.logits(users, items, positions, None)),
    }
    return {**report, **_preferences(scorer, pairs, builder, teacher, rng)}


def _auc(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    return float(roc_auc_score(labels.reshape(-1), scores))


def _preferences(
    scorer: RewardScorer, pairs: Pairs, builder: EvidenceBuilder, teacher: EvidenceTeacher, rng: np.random.Generator
) -> dict[str, float]:
    history = scorer.history
    true, corrupted = [], {"user": [], "item": [], "evidence": []}  # type: list[str], dict[str, list[str]]
    for row, (user, position) in enumerate(zip(pairs.users.tolist(), pairs.positions.tolist(), strict=True)):
        item, other_item = int(pairs.items[row, 0]), int(pairs.items[row, 1])
        other = int(rng.integers(1, history.n_users))
        evidence = builder.build(user, item, position)
        true.append(teacher.write(evidence).text)
        length = len(history.of_user(other))
        corrupted["user"].append(teacher.write(builder.build(other, item, length)).text)
        corrupted["item"].append(teacher.write(builder.build(user, other_item, position)).text)
        corrupted["evidence"].append(_shuffle_names(true[-1], evidence, builder, rng))
    where = (pairs.users.tolist(), pairs.items[:, 0].tolist(), pairs.positions.tolist())
    base = _with_reason(scorer, *where, true)
    result = {}
    for kind, texts in corrupted.items():
        score = _with_reason(scorer, *where, texts)
        differs = np.array([a != b for a, b in zip(true, texts, strict=True)])
        wins = (base > score) + 0.5 * (base == score)
        result[f"prefers_true_{kind}"] = float(wins[differs].mean()) if differs.any() else 0.5
    return result


def _with_reason(
    scorer: RewardScorer, users: list[int], items: list[int], positions: list[int], texts: list[str]
) -> NDArray[np.float64]:
    return scorer.logits(users, items, positions, torch.from_numpy(scorer.encoder.encode(texts)))


def _shuffle_names(text: str, evidence: Evidence, builder: EvidenceBuilder, rng: np.random.Generator) -> str:
    """The sentence with every supporting item replaced by a random one of the catalog."""
    for fact in evidence.facts:
        if fact.kind in ("similar", "together"):
            name = builder.catalog.names[int(rng.integers(1, builder.catalog.n_items))]
            text = text.replace(f'"{fact.name}"', f'"{name}"')
    return text
