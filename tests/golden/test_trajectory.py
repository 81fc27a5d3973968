"""A run computes what it computed when the trajectory was recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden.trajectory import TRAJECTORY, trajectory
from tests.pipeline_runs import SharedRun

# One thread, float32, a few hundred steps at most: another processor or another build of torch rounds sums in another
# order, which moves losses and rewards in the fifth digit. Text, counts, ids and outcomes must be equal: a draft of the
# untrained model is sampled from nearly even probabilities, and a flip there would be the first sign of a change. It
# held with both kinds of matrix kernels of MKL (docs/training.md). A run of full length does differ by processor.
RELATIVE = {"sft_losses": 1e-4, "curves": 2e-3, "figures": 2e-3, "features": 1e-3, "metrics": 1e-9, "reasons": 2e-3}
# Where values near zero are differences of larger ones.
ABSOLUTE = {"sft_losses": 1e-6, "curves": 2e-4, "figures": 2e-4, "features": 2e-5, "metrics": 1e-9, "reasons": 2e-4}


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return json.loads(TRAJECTORY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def computed(shared_run: SharedRun) -> dict[str, Any]:
    return trajectory(shared_run)


@pytest.mark.parametrize("part", sorted(RELATIVE))
def test_the_trajectory_is_kept(part: str, recorded: dict[str, Any], computed: dict[str, Any]) -> None:
    differences = list(compare(recorded[part], computed[part], part, RELATIVE[part], ABSOLUTE[part]))
    assert differences == []


def compare(old: Any, new: Any, place: str, relative: float, absolute: float) -> Any:
    """Every place where two trees of plain data differ by more than the tolerances."""
    if isinstance(old, dict) and isinstance(new, dict):
        if old.keys() != new.keys():
            yield f"{place}: keys {sorted(old.keys() ^ new.keys())}"
        for key in old.keys() & new.keys():
            yield from compare(old[key], new[key], f"{place}/{key}", relative, absolute)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{place}: {len(old)} and {len(new)} entries"
        for number, pair in enumerate(zip(old, new, strict=False)):
            yield from compare(*pair, f"{place}[{number}]", relative, absolute)
    elif isinstance(old, float) and isinstance(new, float | int):
        if new != pytest.approx(old, rel=relative, abs=absolute):
            yield f"{place}: {old} and {new}"
    elif old != new:
        yield f"{place}: {old!r} and {new!r}"


def test_a_difference_would_be_seen(recorded: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(recorded))
    changed["sft_losses"][0][1] *= 1.001
    changed["reasons"][0]["draft"] += "."
    changed["metrics"]["SASRec, ids only"]["test"]["ndcg@10"] += 1e-4
    for part in ("sft_losses", "reasons", "metrics"):
        assert len(list(compare(recorded[part], changed[part], part, RELATIVE[part], ABSOLUTE[part]))) == 1
