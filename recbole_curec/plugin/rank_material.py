"""What the ranker's features are made from: the training interactions of a run, and its artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.collected import Collected
from recbole_curec.features.store import FeatureStore
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.loading import internal_ids
from recbole_curec.ranking.family import RankMaterial
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.settings.travel import settings_of


def rank_material(training: Any, artifacts: Mapping[str, Artifact]) -> RankMaterial:
    """Everything that a family of features may read.

    Args:
        training: Dataset of the training split.
        artifacts: The artifacts of the run, by stage; empty for a run without features.
    """
    arrays: dict[str, NDArray[Any]] = {}
    tokens = training.field2id_token[training.iid_field]
    if "encode" in artifacts:
        store = FeatureStore.load(artifacts["encode"].folder)
        arrays["text"] = store.text_for_ids(tokens, training.field2id_token[training.uid_field]).item.numpy()
    if "collect" in artifacts:
        catalog = Collected.load(artifacts["collect"].folder).catalog
        known = {label: number for number, label in enumerate(sorted(catalog.labels))}
        rows = [catalog.index.get(str(token), 0) for token in tokens]  # 0 has no labels
        labels = [[known[label] for label in catalog.attributes[row]] for row in rows]
        arrays["label_ends"] = np.cumsum([len(one) for one in labels]).astype(np.int64)
        arrays["labels"] = np.array([label for one in labels for label in one], dtype=np.int64)
        if not known:
            del arrays["label_ends"], arrays["labels"]
    return RankMaterial(training.praised_history(), arrays, settings_of(training.config))


def explained_pairs(training: Any, artifacts: Mapping[str, Artifact]) -> frozenset[tuple[int, int]]:
    """Users and items that a reason was written for or stands at, in the dataset's ids."""
    if "correct" not in artifacts:
        return frozenset()
    records = read_records(artifacts["correct"].folder / STORE)
    users, items = (internal_ids(training.field2id_token[field]) for field in (training.uid_field, training.iid_field))
    pairs = {(user, one.item) for one in records for user in (one.user, one.written_for)}
    return frozenset((users[user], items[item]) for user, item in pairs)
