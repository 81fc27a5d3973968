"""Where names and text of items come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recbole_curec.data.item_text import catalog_of, named_by_id
from recbole_curec.data.source import InteractionSource
from recbole_curec.errors import DataError
from recbole_curec.settings.sections import CollectSettings
from tests.examples import make_history
from tests.told_items import NAMES, REVIEWS, training_rows

FROM_REVIEWS, BOTH = CollectSettings(item_text_from="reviews"), CollectSettings(item_text_from="both")


@pytest.fixture
def source(tmp_path: Path) -> InteractionSource:
    rows = sorted(training_rows(), key=lambda row: row[0])
    sequences: dict[str, list[str]] = {}
    for user, item, _ in rows:
        sequences.setdefault(user, []).append(item)
    history = make_history(sequences, ("", *REVIEWS))
    item_file = tmp_path / "told.item"
    item_file.write_text("item_id:token\n" + "".join(f"{item}\n" for item in [*REVIEWS, "cold"]))
    return InteractionSource(
        history, item_file, "item_id", item_reviews=np.array([text for _, _, text in rows], dtype=object)
    )


def test_names_and_text_come_from_reviews(source: InteractionSource) -> None:
    catalog = catalog_of(source, FROM_REVIEWS)
    names = dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True))
    assert names == {**NAMES, "unknown": "item unknown", "cold": "item cold"}
    assert named_by_id(catalog) == 2
    texts = dict(zip(catalog.tokens[1:], catalog.texts[1:], strict=True))
    assert (texts["cold"], texts["unknown"], texts["more"]) == ("", "", "strings")
    assert set(texts["elixir"].split(", ")) == {"strings", "Elixir"}
    assert catalog.attributes == ((),) * catalog.n_items


def test_without_an_item_file_the_items_are_those_of_training(source: InteractionSource) -> None:
    source.item_file.unlink()
    assert catalog_of(source, FROM_REVIEWS).tokens == ("", *sorted(REVIEWS))


def test_both_keeps_titles_and_adds_the_terms_to_their_text(source: InteractionSource) -> None:
    rows = [*(f"{item}\t{'Strings' if item == 'elixir' else ''}" for item in REVIEWS), "cold\tCold Thing"]
    source.item_file.write_text("item_id:token\ttitle:token_seq\n" + "\n".join(rows) + "\n")
    catalog = catalog_of(source, BOTH)
    names = dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True))
    assert (names["elixir"], names["cold"]) == ("Strings", "Cold Thing")
    assert (names["wah"], names["more"]) == (NAMES["wah"], NAMES["more"])
    text = catalog.texts[catalog.index["elixir"]]
    assert text.startswith("Strings. ") and "Elixir" in text
    assert catalog_of(source, CollectSettings()).texts[catalog.index["elixir"]] == "Strings"


def test_reviews_of_the_same_user_about_one_item_are_one(source: InteractionSource) -> None:
    history = make_history({"u0": ["wah"] * 5, "u1": ["more"]}, ("", *REVIEWS))
    texts = np.array([*REVIEWS["wah"], "Good."], dtype=object)
    catalog = catalog_of(replace(source, history=history, item_reviews=texts), FROM_REVIEWS)
    assert set(catalog.texts) == {""}


def test_no_review_at_all_is_one_sentence(source: InteractionSource) -> None:
    empty = replace(source, item_reviews=np.full(source.history.n_interactions, "", dtype=object))
    with pytest.raises(DataError, match=r"No training interaction has a review of its own.*item_text_from: columns"):
        catalog_of(empty, FROM_REVIEWS)


def test_reviews_and_the_setting_are_in_the_fingerprint(source: InteractionSource) -> None:
    other = replace(source, item_reviews=source.item_reviews[::-1])  # type: ignore[index]
    none = replace(source, item_reviews=None)
    assert len({str(one.fingerprint()) for one in (source, other, none)}) == 3
    assert FROM_REVIEWS.fingerprint_fields()["item_text_from"] == "reviews"
