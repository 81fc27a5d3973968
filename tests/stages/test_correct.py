"""The stage: chronological, batched across users, and honest about what it did."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.llm.engines.batched import BatchedEngine
from recbole_curec.reasons.store import STORE, read_records
from tests.pipeline_runs import SharedRun, run_stages


def test_one_generation_per_time_step_not_one_per_reason(
    shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []
    write = BatchedEngine.write

    def spy(self: Any, prompts: Any, *, seed: str, **arguments: Any) -> list[str]:
        calls.append((seed, len(prompts)))
        return write(self, prompts, seed=seed, **arguments)

    monkeypatch.setattr(BatchedEngine, "write", spy)
    changed = {"generate.batch_size": 64, "select.reasons_per_item": 3}
    artifacts = run_stages(shared_run.dataset, tmp_path, shared_run, **changed)
    records = read_records(artifacts["correct"].folder / STORE)
    written = Counter(record.user for record in records)
    steps = max(written.values())
    drafts = [count for seed, count in calls if seed.endswith("/draft")]
    revisions = [seed for seed, _ in calls if seed.endswith("/round1")]
    # Step s holds the s-th reason of every user that has so many: one generation for all of them.
    assert drafts == [sum(count > step for count in written.values()) for step in range(steps)]
    assert len(revisions) == len(set(revisions)) <= steps < len(records) / 3
    assert sum(drafts) == len(records)


def test_figures_count_failures_and_outcomes_by_kind(shared_run: SharedRun) -> None:
    artifact = shared_run.artifacts["correct"]
    records = read_records(artifact.folder / STORE)
    figures = artifact.manifest()["figures"]
    kinds = Counter(record.failure_kind for record in records if record.failure_kind)
    assert figures["failures"] == dict(kinds) and figures["failed"] == sum(kinds.values()) > 0
    assert {kind: sum(of.values()) for kind, of in figures["outcomes_by_failure"].items()} == dict(kinds)
    outcomes = Counter(record.outcome for record in records)
    names = {"repaired": "repaired", "teacher": "replaced", "left": "left"}
    assert {name: figures[name] for name in names} == {name: outcomes[outcome] for name, outcome in names.items()}
    assert outcomes["kept"] == len(records) - figures["failed"]
    fell = [record for record in records if record.rewards["total"] < record.draft_reward]
    assert figures["reward_fell"] == len(fell)
    assert not [record for record in fell if record.failure_kind in (None, "low reward")]
