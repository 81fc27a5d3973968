"""Two servers behind a balancer, of which one is killed: the recipe of docs/scale.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.atomic_dataset import AtomicDataset
from tests.llm.engines.balancer import Balancer
from tests.llm.engines.ruled import RuledServer
from tests.llm.engines.served import kill_after
from tests.pipeline_runs import artifact_bytes, run_stages, write_topics


def test_one_of_two_servers_is_killed_and_the_run_ends_the_same(
    atomic: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topics(atomic)
    given = {
        "engine": "openai", "openai_model": "ruled", "openai_concurrency": 4, "openai_retries": 2,
        "reward_positives": 8, "reasons_per_item": 1, "sft_steps": 1, "rl_steps": 0,
    }  # fmt: skip
    with RuledServer() as first, RuledServer() as second:
        whole = run_stages(atomic, tmp_path / "whole", openai_base_url=first.url, **given)
        with Balancer(first.url, second.url) as balancer, monkeypatch.context() as patched:
            kill_after(12, second, patched)
            told = run_stages(atomic, tmp_path / "balanced", openai_base_url=balancer.url, **given)
    answered = balancer.answered
    assert answered[second.url, 502] >= 1  # was under way, or sent before the balancer knew
    assert answered[first.url, 200] > answered[second.url, 200] > 0
    assert set(answered) == {(first.url, 200), (second.url, 200), (second.url, 502)}
    assert artifact_bytes(told) == artifact_bytes(whole)
