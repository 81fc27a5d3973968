"""Whether the reward model may guide reinforcement learning."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from recbole_curec.errors import RewardError
from recbole_curec.pipeline.artifacts import MANIFEST, Artifact
from recbole_curec.settings.sections import Floor, GuardSettings
from recbole_curec.settings.settings import Settings

logger = logging.getLogger(__name__)

# The figure of the reward stage that each floor is about.
FIGURES: dict[Floor, str] = {
    "auc": "auc_with_reason",
    "another_user": "prefers_true_user",
    "another_item": "prefers_true_item",
    "shuffled": "prefers_true_evidence",
}


def check_reward(settings: Settings, artifacts: Mapping[str, Artifact]) -> None:
    """Stop a run whose reward model falls short, before anything is trained against it.

    With ``reinforce.steps: 0`` nothing is, and a warning says what falls short: correction still ranks by this model.

    Raises:
        RewardError: A held-out figure is below its floor, or the calibration error above its ceiling.
    """
    artifact = artifacts["reward"]
    short = shortfalls(artifact.manifest()["figures"], settings.guard)
    if not short:
        return
    if not settings.reinforce.steps:
        logger.warning("The reward model falls short on held-out users (%s), and correction relies on it.", short)
        return
    raise RewardError(
        f"The reward model may not guide reinforcement learning, for on held-out users {short}: train it on more "
        f"(reward.positives, reward.epochs), change guard.floors or guard.calibration_ceiling, which trains nothing "
        f"again, or set reinforce.steps: 0 (all figures: {artifact.folder / MANIFEST})."
    )


def shortfalls(figures: Mapping[str, Any], guard: GuardSettings) -> str:
    """Which figures miss their bound, by how much, in words; empty if none does."""
    found = []
    for name, floor in guard.all_floors.items():
        value = float(figures[FIGURES[name]])
        if floor and not value >= floor:  # so that an undefined value falls short too
            found.append(f"{name} {value:.3f} is below its floor {floor:g}")
    error, ceiling = float(figures["calibration_error"]), guard.calibration_ceiling
    if not error <= ceiling:
        found.append(f"the calibration error {error:.3f} is above its ceiling {ceiling:g}")
    return " and ".join(found)
