"""Which texts the stored vectors come from, for every ``reason_source``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.data.collected import Collected
from recbole_curec.features.canonical_directions import canonical_directions
from recbole_curec.features.pooling import whitened_width
from recbole_curec.features.store import FeatureStore
from recbole_curec.features.whitening import Whitening
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.stages.encode import item_sentence
from recbole_curec.text.lsa import LsaEncoder
from tests.pipeline_runs import FAST, SharedRun, run_stages

SEED = 2020
DIM = FAST["encode.feature_dim"]
WITH_REASONS = ("corrected", "drafts", "teacher")


@pytest.fixture
def by_source(shared_run: SharedRun, tmp_path: Path) -> dict[str, dict[str, Artifact]]:
    """The stages once with every source; all but ``encode`` are shared."""
    return {
        source: run_stages(shared_run.dataset, tmp_path, shared_run, **{"encode.reason_source": source})
        for source in (*WITH_REASONS, "none")
    }


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-8)


def test_the_sources_share_every_other_stage_and_pool_their_own_texts(
    by_source: dict[str, dict[str, Artifact]],
) -> None:
    keys = {source: {name: made.key for name, made in stages.items()} for source, stages in by_source.items()}
    encoded = {found.pop("encode") for found in keys.values()}
    assert len(encoded) == 4
    shared = ("collect", "align", "reward", "reinforce", "correct")
    assert all(keys[source] == keys["corrected"] and tuple(keys[source]) == shared for source in WITH_REASONS)
    assert keys["none"] == {"collect": keys["corrected"]["collect"]}  # item text alone needs no language model

    collected = Collected.load(by_source["corrected"]["collect"].folder)
    catalog, history = collected.catalog, collected.history
    records = read_records(by_source["corrected"]["correct"].folder / STORE)
    teacher = EvidenceTeacher(ClaimChecker(catalog), SEED)
    drafts = [parse_reason(record.draft) for record in records]
    texts = {
        "corrected": [record.text for record in records],
        "drafts": [draft.text for draft in drafts],
        "teacher": [teacher.write(record.evidence).text for record in records],
        "none": ["" for _ in records],
    }
    items = [item_sentence(catalog, item) for item in range(1, catalog.n_items)]
    for source, told in texts.items():
        used = [place for place, text in enumerate(told) if text]
        encoder = LsaEncoder.fit([*items, *(told[place] for place in used)], 2 * DIM, SEED)
        pooled = encoder.encode(items)
        reasons = {place: encoder.encode([told[place]])[0] for place in used}
        for item in range(1, catalog.n_items):
            own = [reasons[place] for place in used if records[place].item == catalog.tokens[item]]
            if own:
                pooled[item - 1] += np.mean(own, axis=0)
        trained = np.unique(history.items) - 1
        white = Whitening.fit(pooled[trained], whitened_width(DIM, len(trained))).apply(pooled)
        expected = _unit(white @ canonical_directions(white, history)[:, :DIM])
        stored = FeatureStore.load(by_source[source]["encode"].folder)
        assert stored.item_tokens == list(catalog.tokens[1:])
        np.testing.assert_allclose(stored.item, expected, atol=1e-4)
        summary = by_source[source]["encode"].manifest()["summary"]
        assert f"from {len(used)} reasons" in summary

    figures = by_source["drafts"]["encode"].manifest()["figures"]
    assert figures["broken_drafts"] == sum(not draft.valid for draft in drafts)
    assert figures["empty_drafts"] == sum(not draft.text for draft in drafts)
    assert figures["reason_source"] == "drafts"


def test_without_reasons_users_are_the_mean_of_their_training_items(
    by_source: dict[str, dict[str, Artifact]],
) -> None:
    history = Collected.load(by_source["none"]["collect"].folder).history
    stored = FeatureStore.load(by_source["none"]["encode"].folder)
    for user in range(1, history.n_users):
        mean = stored.item[history.of_user(user) - 1].mean(axis=0)
        np.testing.assert_allclose(stored.user[user - 1], _unit(mean), atol=1e-5)
    summary = by_source["none"]["encode"].manifest()["summary"]
    assert "16 from text alone" in summary and "without reasons" in summary


def test_item_vectors_without_reasons_do_not_depend_on_reasons(shared_run: SharedRun, tmp_path: Path) -> None:
    first, other = (
        run_stages(shared_run.dataset, tmp_path / name, **{"encode.reason_source": "none", **changed})
        for name, changed in (("first", {}), ("other", {"select.reasons_per_item": 1, "reinforce.steps": 0}))
    )
    assert first["encode"].key == other["encode"].key
    assert first["encode"].folder != other["encode"].folder  # made twice
    ours, theirs = (FeatureStore.load(artifacts["encode"].folder) for artifacts in (first, other))
    assert np.array_equal(ours.item, theirs.item)
    assert np.array_equal(ours.user, theirs.user)
