"""Catalogs, histories and a reason small enough to check by hand, and those of the toy dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from recbole_curec.data.catalog import Catalog, read_catalog
from recbole_curec.data.evidence import Evidence, EvidenceBuilder, Fact
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.item_pairs import ItemPairs
from recbole_curec.settings.sections import CollectSettings

TOY = Path(__file__).resolve().parents[1] / "dataset" / "toy"

CATALOG = Catalog(
    tokens=("", "1", "2", "3"),
    names=("", "Heat", "Fargo", "Toy Story"),
    attributes=((), ("Crime",), ("Crime", "Drama"), ("Animation",)),
    texts=("", "Heat", "Fargo", "Toy Story"),
)
EVIDENCE = Evidence(
    user="u", item="2", position=3, target="Fargo", attributes=("Crime", "Drama"), history=("Heat",),
    facts=(Fact("similar", "Heat", 5, 0.5), Fact("attribute", "Crime", 2, 2.0), Fact("popularity", "popular", 0, 0.7)),
)  # fmt: skip
FIVE_FACTS = replace(
    EVIDENCE,
    history=("Alien", "Brazil", "Heat"),
    facts=(
        Fact("similar", "Heat", 5, 0.5),
        Fact("similar", "Alien", 2, 0.3),
        Fact("attribute", "Crime", 2, 1.2),
        Fact("together", "Clue", 3, 0.1),
        Fact("popularity", "lesser known", 0, 0.2),
    ),
)
GOOD = (
    '<think> "Fargo": "Heat", Crime</think> You may like "Fargo" because you enjoyed "Heat" and you often choose Crime.'
)


def make_catalog(items: Mapping[str, tuple[str, Sequence[str]]]) -> Catalog:
    """A catalog of ``{id: (name, attribute labels)}``."""
    tokens = sorted(items)
    return Catalog(
        tokens=("", *tokens),
        names=("", *(items[token][0] for token in tokens)),
        attributes=((), *(tuple(items[token][1]) for token in tokens)),
        texts=("", *(items[token][0] for token in tokens)),
    )


def make_history(sequences: Mapping[str, Sequence[str]], item_tokens: Sequence[str]) -> TrainHistory:
    """A history of ``{user: item ids, oldest first}``; internal ids are places in ``item_tokens``, users are sorted."""
    index = {token: place for place, token in enumerate(item_tokens)}
    users = sorted(sequences)
    return TrainHistory(
        indptr=np.concatenate([[0, 0], np.cumsum([len(sequences[user]) for user in users])]).astype(np.int64),
        items=np.array([index[item] for user in users for item in sequences[user]], dtype=np.int64),
        n_items=len(item_tokens),
        user_tokens=np.array(["", *users]),
        item_tokens=np.array(item_tokens),
    )


def make_builder(
    catalog: Catalog, sequences: Mapping[str, Sequence[str]], settings: CollectSettings | None = None
) -> EvidenceBuilder:
    """Evidence over ``{user: item ids, oldest first}``."""
    history = make_history(sequences, catalog.tokens)
    return EvidenceBuilder(history, catalog, ItemPairs(history), settings or CollectSettings())


def toy_sequences() -> dict[str, list[str]]:
    """Every user's items in the toy dataset, oldest first."""
    table = pd.read_csv(TOY / "toy.inter", sep="\t").sort_values("timestamp:float")
    return {str(user): rows["item_id:token"].tolist() for user, rows in table.groupby("user_id:token")}


def toy_builder() -> EvidenceBuilder:
    """Evidence over the training split (leave-one-out) of the toy dataset."""
    sequences = {user: items[:-2] for user, items in toy_sequences().items()}
    train = np.array(sorted({item for items in sequences.values() for item in items}))
    return make_builder(read_catalog(TOY / "toy.item", "item_id", train, CollectSettings()), sequences)
