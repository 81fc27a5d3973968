"""Two runs in one folder at once: the same command twice, and two commands that share stages."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fault_trials.outcome import differences, outcome
from fault_trials.processes import Ended, forked
from fault_trials.systems import CUREC, RECCOT, System
from tqdm import tqdm

_LAST = "recommend"
_OTHER = {
    "CURec": {"correct": {"rounds": 1, "candidates": 2}},
    "RecCoT": {"embed": {**RECCOT.settings["embed"], "aspect_dim": 2}},
}


def together_trials(folder: Path, *, count: int, seed: int) -> list[dict[str, Any]]:
    """Start two runs shortly after one another, in one folder; in some the first is killed while both run.

    Args:
        folder: Where the runs lie, beside the data.
        count: Trials of each kind and system.
        seed: Seed of the moments.
    """
    rng, rows = np.random.default_rng([seed, 3]), []
    for system in (CUREC, RECCOT):
        commands = {"the same": {}, "another": _OTHER[system.name]}
        alone = {what: _alone(system, more, folder) for what, more in commands.items()}
        for number in tqdm(range(count), desc=f"together, {system.name}", unit="pair"):
            for what, more in commands.items():
                place = folder / f"together-{number}"
                place.mkdir()
                runs = _pair(system, more, place, float(rng.uniform(0, 6)), kill=False)
                rows.append(_row(system, what, runs, alone, place))
                shutil.rmtree(place)
            place.mkdir()
            runs = _pair(system, {}, place, float(rng.uniform(0, 4)), kill=True)
            rows.append(_row(system, "the same, one killed", runs[1:], alone, place))
            shutil.rmtree(place)
    return rows


def _alone(system: System, more: Mapping[str, Any], folder: Path) -> dict[str, str]:
    place = folder / "alone"
    ended = forked(system.arguments(**more), place).result()
    assert ended.code == 0, ended.said
    found = _artifacts(place)
    shutil.rmtree(place)
    return found


def _artifacts(place: Path) -> dict[str, str]:
    return {name: content for name, content in outcome(place).items() if "/" in name and "checkpoint" not in name}


def _pair(system: System, more: Mapping[str, Any], place: Path, lag: float, *, kill: bool) -> Sequence[Ended]:
    first = forked(system.arguments(), place)
    time.sleep(lag)
    second = forked(system.arguments(**more), place)
    if kill:
        second.wait(lag / 2 + 1)
        first.kill()
    return first.result(), second.result()


def _row(
    system: System, what: str, runs: Sequence[Ended], alone: Mapping[str, dict[str, str]], place: Path
) -> dict[str, Any]:
    computed = Counter(stage for run in runs for stage in run.computed() if stage != _LAST)
    expected = alone["the same"] | (alone["another"] if what == "another" else {})
    made = Counter(name.partition("/")[0].rpartition("-")[0] for name in expected if name.endswith("/run.json"))
    return {
        "system": system.name,
        "what": what,
        "codes": [run.code for run in runs],
        "said": [run.error for run in runs if run.error],
        "computed_twice": sorted(stage for stage in computed if computed[stage] > made[stage]),
        "said_that_it_waits": sum("waiting for another run" in run.said for run in runs),
        "different": differences(expected, _artifacts(place)),
    }
