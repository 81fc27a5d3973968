"""Which texts the stored vectors come from, for every ``reason_source``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recbole_curec.text.encoders import LsaEncoder

from recbole_curec.data.collected import Collected
from recbole_curec.features.canonical_directions import neighbour_directions
from recbole_curec.features.store import FeatureStore
from recbole_curec.features.whitening import Whitening
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.stages.encode import item_sentence, whitened_width
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, run_stages, write_topics

SEED = 2020


@pytest.fixture
def by_source(atomic: AtomicDataset, tmp_path: Path) -> dict[str, dict[str, Artifact]]:
    """The stages once with every source; all but ``encode`` are shared."""
    write_topics(atomic)
    return {
        source: run_stages(atomic, tmp_path, reason_source=source)
        for source in ("corrected", "drafts", "teacher", "none")
    }


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-8)


def test_the_sources_share_every_other_stage_and_pool_their_own_texts(
    by_source: dict[str, dict[str, Artifact]],
) -> None:
    keys = {source: [artifact.key for artifact in stages.values()] for source, stages in by_source.items()}
    assert all(value[:5] == keys["corrected"][:5] for value in keys.values())
    assert len({value[5] for value in keys.values()}) == 4

    collected = Collected.load(by_source["corrected"]["collect"].folder)
    catalog, history = collected.catalog, collected.history
    records = read_records(by_source["corrected"]["correct"].folder / STORE)
    teacher = EvidenceTeacher(GroundingChecker(catalog), SEED)
    drafts = [parse_reason(record.draft) for record in records]
    texts = {
        "corrected": [record.text for record in records],
        "drafts": [draft.text for draft in drafts],
        "teacher": [teacher.write(record.evidence).text for record in records],
        "none": ["" for _ in records],
    }
    items = [item_sentence(collected, item) for item in range(1, catalog.n_items)]
    for source, told in texts.items():
        used = [place for place, text in enumerate(told) if text]
        encoder = LsaEncoder.fit([*items, *(told[place] for place in used)], 2 * FAST["feature_dim"], SEED)
        pooled = encoder.encode(items)
        reasons = {place: encoder.encode([told[place]])[0] for place in used}
        for item in range(1, catalog.n_items):
            own = [reasons[place] for place in used if records[place].item == catalog.tokens[item]]
            if own:
                pooled[item - 1] += np.mean(own, axis=0)
        trained = np.unique(history.items) - 1
        white = Whitening.fit(pooled[trained], whitened_width(FAST["feature_dim"], len(trained))).apply(pooled)
        expected = _unit(white @ neighbour_directions(white, history)[:, : FAST["feature_dim"]])
        stored = FeatureStore.load(by_source[source]["encode"].folder)
        assert stored.item_tokens == list(catalog.tokens[1:])
        np.testing.assert_allclose(stored.item, expected, atol=1e-4)
        assert len(stored.interaction) == len(stored.interactions) == len(used)

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


def test_item_vectors_without_reasons_do_not_depend_on_reasons(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    first = run_stages(atomic, tmp_path, reason_source="none")
    other = run_stages(atomic, tmp_path, reason_source="none", reasons_per_item=1, rl_steps=0)
    assert first["correct"].key != other["correct"].key
    ours, theirs = (FeatureStore.load(artifacts["encode"].folder) for artifacts in (first, other))
    assert np.array_equal(ours.item, theirs.item)
    assert np.array_equal(ours.user, theirs.user)


def test_few_items_are_whitened_in_fewer_directions() -> None:
    assert whitened_width(256, 12_000) == 512
    assert whitened_width(256, 1_680) == 105
    assert whitened_width(256, 40) == 16
    assert whitened_width(4, 12_000) == 8
