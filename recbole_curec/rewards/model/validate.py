"""Validation of a reward model on held-out users: AUC, calibration, and preference for true reasons."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.model.fit import Pairs
from recbole_curec.rewards.model.scorer import RewardScorer


def validate(
    scorer: RewardScorer,
    pairs: Pairs,
    builder: EvidenceBuilder,
    teacher: EvidenceTeacher,
    rng: np.random.Generator,
    *,
    bins: int,
) -> dict[str, float]:
    """Held-out AUC with and without reasons, calibration, and how often a true reason beats a corrupted one.

    The ``evidence`` teacher writes both the true and the corrupted reasons, so that they do not differ in wording.
    Corrupted are: another user's reason for the same item, the same user's reason for another item, and the true
    sentence with its item names replaced at random.
    """
    users = np.repeat(pairs.users, pairs.items.shape[1]).tolist()
    positions = np.repeat(pairs.positions, pairs.items.shape[1]).tolist()
    items = pairs.items.reshape(-1).tolist()
    labels = np.zeros(pairs.items.shape)
    labels[:, 0] = 1
    vectors = torch.from_numpy(scorer.encoder.encode([text for row in pairs.texts for text in row]))
    logits = scorer.logits(users, items, positions, vectors)
    report = {
        "auc_with_reason": _auc(labels, logits),
        "auc_without_reason": _auc(labels, scorer.logits(users, items, positions, None)),
        "calibration_error": calibration_error(labels.reshape(-1), expit(logits), bins),
    }
    return {**report, **_preferences(scorer, pairs, builder, teacher, rng)}


def _auc(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    return float(roc_auc_score(labels.reshape(-1), scores))


def calibration_error(labels: NDArray[np.float64], probabilities: NDArray[np.float64], bins: int) -> float:
    """Expected calibration error (Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599).

    Probabilities of a positive fall into bins of equal width over [0, 1], each closed on the left and the last one on
    both sides; the error is the mean over bins, weighted by how many fall in, of ``|share of positives - mean
    probability|``.

    Args:
        labels: 1 for a positive, 0 for a negative, shape ``(n,)``.
        probabilities: Shape ``(n,)``.
        bins: Number of bins.
    """
    places = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(places, weights=labels - probabilities, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def _preferences(
    scorer: RewardScorer, pairs: Pairs, builder: EvidenceBuilder, teacher: EvidenceTeacher, rng: np.random.Generator
) -> dict[str, float]:
    true, corrupted = [], {"user": [], "item": [], "evidence": []}  # type: list[str], dict[str, list[str]]
    for row, (user, position) in enumerate(zip(pairs.users.tolist(), pairs.positions.tolist(), strict=True)):
        item, other_item = int(pairs.items[row, 0]), int(pairs.items[row, 1])
        evidence = builder.build(user, item, position)
        true.append(teacher.write(evidence).text)
        # At the same position and without the item: history length or the item itself would reveal the other user.
        others, lengths = scorer.other_users(user, item, position)
        other, length = (int(others[0]), int(lengths[0])) if len(others) else (user, position)
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
    """The sentence with the name of every supporting item replaced by that of a random catalog item."""
    for fact in evidence.facts:
        if fact.kind in ("similar", "together"):
            name = builder.catalog.names[int(rng.integers(1, builder.catalog.n_items))]
            text = text.replace(f'"{fact.name}"', f'"{name}"')
    return text
