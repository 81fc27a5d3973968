"""Kinds of the columns of an item file: brands, categories, prose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recbole_curec.data.catalog import Catalog, read_catalog
from recbole_curec.data.evidence import Fact
from recbole_curec.data.item_columns import ItemColumn
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.languages.german import German
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings
from tests.examples import make_builder

HEADER = "item_id:token\ttitle:token_seq\tbrand:token\tcategory:token\tdescription:token_seq\n"


def _column(name: str, cells: Sequence[str], separator: str | None = None) -> ItemColumn:
    return ItemColumn(name, cells, separator, is_title=False)


def _shop(folder: Path, language: str = "en") -> Catalog:
    rows = [
        f"i{k:02}\tThing {k}\t{'Fender' if k % 2 else f'Maker {k}'}\t[['Music', '{'Straps' if k % 3 else 'Picks'}', "
        f"'Redeemable toward millions of items here.']]\tA <b>fine</b> thing &amp; number {k}. {'on ' * 300}"
        for k in range(30)
    ]  # fmt: skip
    (folder / "shop.item").write_text(HEADER + "\n".join(rows) + "\n")
    settings = CollectSettings(language=language)
    return read_catalog(folder / "shop.item", "item_id", np.array([], dtype=str), settings)


def test_a_brand_is_an_attribute_in_words_where_several_items_have_it(tmp_path: Path) -> None:
    catalog = _shop(tmp_path)
    assert catalog.attributes[2] == ("products by Fender", "Straps")
    assert catalog.attributes[1] == ("Picks",)  # Maker 0 has one thing
    assert "Maker 0" in catalog.texts[1] and "Fender" in catalog.texts[2]
    assert _shop(tmp_path, "de").attributes[2][0] == "Produkte von Fender"


def test_the_root_of_the_categories_and_sentences_among_them_are_no_labels(tmp_path: Path) -> None:
    catalog = _shop(tmp_path)
    assert catalog.labels == {"products by Fender", "Straps", "Picks"}
    assert "Music" in catalog.texts[1]
    few = _column("category", ["['Music', 'Straps']"] * 20)
    assert [label.is_told for label in few.labels(0)] == [True, True]  # of twenty items it may be chance
    many = _column("category", ["['Music', 'Straps']"] * 20 + ["['Music', 'Picks']"])
    assert [label.is_told for label in many.labels(20)] == [False, True]
    genres = _column("genre", ["Drama"] * 30)
    assert genres.labels(0)[0].is_told  # no path of categories


def test_a_description_is_prose_whatever_its_cells_without_html_and_bounded(tmp_path: Path) -> None:
    catalog = _shop(tmp_path)
    assert "A fine thing & number 0. on on" in catalog.texts[1]
    assert len(catalog.texts[1].split(" ")) < 275
    alike = _column("description", ["The same text"] * 30, " ")
    assert (alike.kind, alike.text(0)) == ("prose", "The same text")


def test_running_text_of_a_large_catalogue_is_no_set_of_labels() -> None:
    words = [f"word{k}" for k in range(40)]
    prose = [" ".join(words[(k + j) % 40] for j in range(15)) for k in range(200)]
    assert _column("notes", prose, " ").kind == "prose"  # 40 words are fewer than 0.3 of 200 items
    tags = [" ".join(words[(k + j) % 40] for j in range(5)) for k in range(200)]
    assert _column("notes", tags, " ").kind == "attribute"


def test_brands_in_reasons_are_true_and_no_noun_follows_them(tmp_path: Path) -> None:
    assert English.labelled(["Crime", "movies by Warner"], "movies") == "movies by Warner and Crime movies"
    assert German.branded("Filme", "Warner") == "Filme von Warner"
    catalog = _shop(tmp_path)
    builder = make_builder(
        catalog, {"a": ["i01", "i03", "i05"], "b": ["i00", "i02", "i04", "i06", "i08"], "c": ["i00", "i01"]}
    )
    evidence = builder.build(1, catalog.index["i05"], 2)
    brand = next(fact for fact in evidence.facts_of("attribute") if fact.name == "products by Fender")
    assert isinstance(brand, Fact) and brand.count == 2
    checker = checker_of(catalog)
    for seed in range(6):
        told = EvidenceTeacher(checker, seed).write(evidence)
        assert checker.faults(told, evidence) == [], told.text
