"""Runs that are killed at random moments and started again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fault_trials.outcome import differences, leftovers, outcome
from fault_trials.processes import Running
from fault_trials.systems import System
from tqdm import tqdm

Start = Callable[[Sequence[str], Path], Running]


def kill_trials(
    start: Start,
    systems: Sequence[System],
    expected: Mapping[str, tuple[dict[str, str], float]],
    folder: Path,
    *,
    count: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Kill runs once to three times each, let them end, and compare what they leave.

    Args:
        start: Starts a run.
        systems: The systems, which take turns.
        expected: What an undisturbed run leaves, and its wall time in seconds, by system.
        folder: Where the runs lie, beside the data.
        count: Number of trials.
        seed: Seed of the moments.
    """
    rows = []
    for number in tqdm(range(count), desc="kills", unit="run"):
        system = systems[number % len(systems)]
        rng = np.random.default_rng([seed, number])
        before, seconds = expected[system.name]
        place = folder / f"kill-{number}"
        killed_in: list[str] = []
        while not killed_in:  # a machine that is idle now may end runs before the moment
            shutil.rmtree(place, ignore_errors=True)
            killed_in = _kill(start, system, place, rng.uniform(0, seconds, size=rng.choice([1, 1, 2, 3])))
        ended = start(system.arguments(), place).result()
        found = differences(before, outcome(place)) if ended.code == 0 else []
        rows.append(
            {
                "system": system.name,
                "killed_in": killed_in,
                "code": ended.code,
                "said": ended.error,
                "different": found,
                "leftovers": leftovers(place),
            }
        )
        if ended.code == 0 and not found:
            shutil.rmtree(place)
    return rows


def _kill(start: Start, system: System, place: Path, moments: Sequence[float]) -> list[str]:
    """Start a run for each moment and kill it then; the stages they were in, without runs that ended before."""
    killed_in = []
    for moment in moments:
        running = start(system.arguments(), place)
        if not running.wait(moment):
            killed_in.append(running.stage())
            running.kill()
    return killed_in
