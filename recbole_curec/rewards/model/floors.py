"""The precondition of ``reinforce``: held-out figures of the reward model must reach their floors."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from recbole_curec.errors import RewardError
from recbole_curec.pipeline.artifacts import MANIFEST, Artifact
from recbole_curec.settings.sections import Floor, GuardSettings
from recbole_curec.settings.settings import Settings

logger = logging.getLogger(__name__)

# The figure of the reward stage that each floor applies to.
FIGURES: dict[Floor, str] = {
    "auc": "auc_with_reason",
    "another_user": "prefers_true_user",
    "another_item": "prefers_true_item",
    "shuffled": "prefers_true_evidence",
}


def check_reward(settings: Settings, artifacts: Mapping[str, Artifact]) -> None:
    """Stop a run whose reward model misses a floor, before the language model is trained against it.

    With ``reinforce.steps: 0`` this is only a warning: nothing is trained, but correction ranks by the reward model.

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
    """Description of the figures that miss their bounds; empty if none does."""
    found = []
    for name, floor in guard.all_floors.items():
        value = float(figures[FIGURES[name]])
        if floor and not value >= floor:  # not "value < floor", so that NaN misses the floor too
            found.append(f"{name} {value:.3f} is below its floor {floor:g}")
    error, ceiling = float(figures["calibration_error"]), guard.calibration_ceiling
    if not error <= ceiling:
        found.append(f"the calibration error {error:.3f} is above its ceiling {ceiling:g}")
    return " and ".join(found)
