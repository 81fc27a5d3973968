"""The stage: chronological, batched across users, and honest about what it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recbole_curec.llm.engines.transformers_engine import TransformersEngine

from recbole_curec.data.review_excerpts import Quote
from recbole_curec.reasons.store import STORE, ReasonRecord, read_records
from recbole_curec.stages.correct import carried_reasons
from tests.conftest import AtomicDataset
from tests.pipeline_runs import run_stages, write_topics
from tests.rewards.test_functions import EVIDENCE, GOOD


def test_one_generation_per_time_step_not_one_per_reason(
    atomic: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []
    write = TransformersEngine.write

    def spy(self: Any, prompts: Any, *, seed: str, **arguments: Any) -> list[str]:
        calls.append((seed, len(prompts)))
        return write(self, prompts, seed=seed, **arguments)

    monkeypatch.setattr(TransformersEngine, "write", spy)
    write_topics(atomic)
    artifacts = run_stages(atomic, tmp_path, generation_batch_size=64, reasons_per_item=3)
    records = read_records(artifacts["correct"].folder / STORE)
    written = Counter(record.user for record in records)
    steps = max(written.values())
    drafts = [count for seed, count in calls if seed.endswith("/draft")]
    revisions = [seed for seed, _ in calls if seed.endswith("/round1")]
    # Step s holds the s-th reason of every user that has so many: one generation for all of them.
    assert drafts == [sum(count > step for count in written.values()) for step in range(steps)]
    assert len(revisions) == len(set(revisions)) <= steps < len(records) / 3
    assert sum(drafts) == len(records)


def test_figures_count_failures_and_outcomes_by_kind(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    artifacts = run_stages(atomic, tmp_path)
    records = read_records(artifacts["correct"].folder / STORE)
    figures = artifacts["correct"].manifest()["figures"]
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


def test_a_reason_that_quotes_a_review_of_the_target_is_not_carried() -> None:
    record = ReasonRecord("u", "2", 3, EVIDENCE, GOOD, "first", {"total": 1.0}, 1.0, 0, None, None, "kept")
    quoting = replace(record, text="second", evidence=replace(EVIDENCE, quotes=(Quote("Fargo", "my own words"),)))
    assert EVIDENCE.target == "Fargo"
    assert carried_reasons([record, quoting], EVIDENCE, 2) == ("first",)
    assert carried_reasons([record, quoting], replace(EVIDENCE, target="Heat"), 2) == ("first", "second")
    assert carried_reasons([record, quoting], replace(EVIDENCE, target="Heat"), 1) == ("second",)
    assert carried_reasons([record, quoting], EVIDENCE, 0) == ()
