"""The test interactions of a benchmark's rows, which must be the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.errors import DataError

_NAMED = 3


@dataclass(frozen=True)
class Targets:
    """Which interactions a row is tested on under one seed.

    Attributes:
        title: Title of the row.
        model: Its model.
        pairs: Columns ``user`` and ``item``, original ids, one row per test interaction.
    """

    title: str
    model: str
    pairs: pd.DataFrame

    @classmethod
    def of_split(cls, title: str, model: str, dataset: Any) -> Targets:
        """The targets of a test split."""
        users, items = pairs_of(dataset)
        return cls(title, model, pd.DataFrame({"user": users, "item": items}))


def pairs_of(dataset: Any) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Original ids of user and item of every row of a split, shape ``(N,)`` each."""
    users, items = (
        np.asarray(dataset.field2id_token[field], dtype=np.str_)[dataset.inter_feat[field].numpy()]
        for field in (dataset.uid_field, dataset.iid_field)
    )
    return users, items


def check_same_targets(first: Targets, other: Targets) -> None:
    """Check that two rows are tested on the same items of the same users; else nothing about them can be compared.

    Raises:
        DataError: They are not.
    """
    counts = [one.pairs.astype(str).groupby(["user", "item"]).size() for one in (first, other)]
    difference = counts[0].sub(counts[1], fill_value=0)
    users = difference[difference != 0].index.get_level_values("user").unique()
    if not len(users):
        return
    everybody = set(first.pairs["user"].astype(str)) | set(other.pairs["user"].astype(str))
    raise DataError(
        f"'{first.title}' and '{other.title}' cannot be compared: they are tested on different items for "
        f"{len(users):,} of {len(everybody):,} users, such as {', '.join(map(repr, users[:_NAMED]))}: "
        f"{_reason(first, other)}"
    )


def _reason(first: Targets, other: Targets) -> str:
    plain = [one for one in (other, first) if one.model not in OUR_MODELS]
    if len(plain) == 1:
        ours = first.model if plain[0] is other else other.model
        return (
            f"RecBole's own dataset orders interactions by float32 timestamps: set model: {ours} with backbone: "
            f"{plain[0].model} and fusion: none in the row '{plain[0].title}', which trains the same model on the "
            "exact order."
        )
    return "give both rows the same eval_args, filters and seed."
