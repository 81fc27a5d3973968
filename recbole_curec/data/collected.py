"""The artifact of ``collect``: the catalog and the training history."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open
from safetensors.numpy import save_file

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import EvidenceBuilder
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.item_pairs import ItemPairs
from recbole_curec.data.statements import StatementChooser
from recbole_curec.settings.sections import CollectSettings

_REVIEWS = "reviews.parquet"
_CATALOG, _USERS, _ARRAYS = "catalog.parquet", "users.parquet", "training.safetensors"
_SAVED = ("indptr", "items")


@dataclass(frozen=True)
class Collected:
    """The artifact of ``collect``; ids are the catalog's, not RecBole's."""

    catalog: Catalog
    history: TrainHistory

    @cached_property
    def pairs(self) -> ItemPairs:
        """How many users took two items both."""
        return ItemPairs(self.history.population)

    def builder(self, settings: CollectSettings, statements: StatementChooser | None = None) -> EvidenceBuilder:
        """A builder of evidence for any user, target and position.

        Args:
            settings: Numbers of facts.
            statements: Chooses statements of other users; None for none.
        """
        return EvidenceBuilder(self.history, self.catalog, self.pairs, settings, statements)

    def terms(self) -> list[str]:
        """Quoted names of training items and attribute labels, most frequent first."""
        counts = np.bincount(self.history.items, minlength=self.history.n_items)
        frequency: Counter[str] = Counter()
        for item in np.flatnonzero(counts):
            for term in (f'"{self.catalog.names[item]}"', *self.catalog.attributes[item]):
                frequency[term] += int(counts[item])
        return sorted(frequency, key=lambda term: (-frequency[term], term))

    def save(self, folder: Path) -> None:
        """Write the artifact."""
        self.catalog.frame().to_parquet(folder / _CATALOG, index=False)
        pd.DataFrame({"user": self.history.user_tokens[1:]}).to_parquet(folder / _USERS, index=False)
        if self.history.reviews is not None:
            pd.DataFrame({"review": self.history.reviews}).to_parquet(folder / _REVIEWS, index=False)
        arrays = {name: getattr(self.history, name) for name in _SAVED}
        save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / _ARRAYS)

    @classmethod
    def load(cls, folder: Path) -> Collected:
        """Inverse of :meth:`save`."""
        catalog = Catalog.from_frame(pd.read_parquet(folder / _CATALOG))
        # Artifacts of earlier versions also hold the table of all pairs, which may be large: it is not read.
        with safe_open(folder / _ARRAYS, framework="numpy") as stored:
            arrays = {name: stored.get_tensor(name) for name in _SAVED}
        users = pd.read_parquet(folder / _USERS)["user"].to_numpy().astype(str)
        reviews = folder / _REVIEWS
        history = TrainHistory(
            indptr=arrays["indptr"],
            items=arrays["items"],
            n_items=catalog.n_items,
            user_tokens=np.concatenate([[""], users]),
            item_tokens=np.array(catalog.tokens),
            reviews=pd.read_parquet(reviews)["review"].to_numpy(dtype=object) if reviews.is_file() else None,
        )
        return cls(catalog, history)
