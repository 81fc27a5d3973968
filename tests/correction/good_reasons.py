"""Good reasons without a language model: the teacher's sentences for training interactions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import recbole

from recbole_curec.data.catalog import read_catalog
from recbole_curec.data.evidence import EvidenceBuilder
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings
from tests.examples import make_builder, toy_builder

_ML100K = Path(recbole.__file__).parent / "dataset_example" / "ml-100k"


def ml100k_builder() -> EvidenceBuilder:
    """Evidence over the first interactions of the users of ml-100k."""
    table = pd.read_csv(_ML100K / "ml-100k.inter", sep="\t", dtype=str, encoding="utf-8")
    table = table.sort_values("timestamp:float", key=lambda column: column.astype(float), kind="stable")
    sequences = {user: rows["item_id:token"].head(40).tolist() for user, rows in table.groupby("user_id:token")}
    train = np.array(sorted({item for items in sequences.values() for item in items}))
    return make_builder(read_catalog(_ML100K / "ml-100k.item", "item_id", train, CollectSettings()), sequences)


def builders() -> dict[str, EvidenceBuilder]:
    """Evidence builders by dataset."""
    return {"toy": toy_builder(), "ml-100k": ml100k_builder()}


def teacher_records(builder: EvidenceBuilder, count: int, seed: int = 0) -> list[ReasonRecord]:
    """The teacher's reasons for ``count`` training interactions, as the reason store holds them."""
    rng = np.random.default_rng(seed)
    history = builder.history
    teacher = EvidenceTeacher(ClaimChecker(builder.catalog), seed)
    rows = np.sort(rng.choice(np.flatnonzero(history.positions > 0), size=count, replace=False))
    records = []
    for row in rows:
        evidence = builder.build(int(history.users[row]), int(history.items[row]), int(history.positions[row]))
        reason = teacher.write(evidence)
        records.append(
            ReasonRecord(
                user=evidence.user, item=evidence.item, position=evidence.position, evidence=evidence,
                draft=reason.completion, text=reason.text, rewards={"model": 0.5, "total": 2.0}, draft_reward=2.0,
                rounds=0, failure=None, failure_kind=None, outcome="kept",
            )
        )  # fmt: skip
    return records
