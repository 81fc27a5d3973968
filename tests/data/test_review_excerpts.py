from __future__ import annotations

from dataclasses import replace

import numpy as np

from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.data.review_excerpts import ReviewExcerpt, best_sentence, terms_of
from tests.examples import make_builder, make_catalog

CATALOG = make_catalog(
    {"a": ("Warm Guitar Strings", ()), "b": ("Bright Strings", ()), "c": ("Guitar Stand", ()), "d": ("Drum", ())}
)
USERS = {"u": ["a", "b", "c", "d"], "v": ["a", "c", "b"], "w": ["a", "b", "c"], "x": ["d", "a"]}
REVIEWS = {
    ("u", "a"): "Fast delivery. My guitar sounds warm with these. I bought two.",
    ("u", "b"): "Too bright for my taste.",
    ("u", "c"): "The best guitar stand of all.",
    ("v", "a"): "A guitar needs these.",
}


def builder_with_reviews() -> EvidenceBuilder:
    plain = make_builder(CATALOG, USERS)
    rows = zip(
        plain.history.user_tokens[plain.history.users], plain.history.item_tokens[plain.history.items], strict=True
    )
    reviews = np.array([REVIEWS.get((str(user), str(item)), "") for user, item in rows], dtype=object)
    return EvidenceBuilder(replace(plain.history, reviews=reviews), CATALOG, plain.pairs, plain.settings)


def test_the_sentence_that_shares_most_terms_is_quoted() -> None:
    terms = terms_of("Guitar Stand made of wood")
    assert terms == {"guitar", "stand", "wood"}  # "of" and "made" are stop words
    assert best_sentence("I like it. My guitar is on a stand of wood! A guitar stand.", terms) == (
        "My guitar is on a stand of wood"
    )
    assert best_sentence("Nothing to do with it at all. Guitar!", terms) is None  # one word is no quotation


def test_a_long_sentence_is_cut_around_the_term() -> None:
    words = [f"word{k}" for k in range(40)]
    words[30] = "guitar"
    cut = best_sentence(" ".join(words), terms_of("guitar"))
    assert cut is not None and "guitar" in cut and len(cut.split(" ")) == 14
    assert cut in " ".join(words)


def test_quotes_come_from_the_users_own_earlier_reviews_of_other_items() -> None:
    builder = builder_with_reviews()
    item = CATALOG.index
    evidence = builder.build(1, item["c"], 2)
    assert evidence.excerpts == (ReviewExcerpt("Warm Guitar Strings", "My guitar sounds warm with these"),)
    assert "Warm Guitar Strings" in evidence.allowed_names
    assert builder.build(1, item["c"], 0).excerpts == ()
    # Later on, the review of the target itself is in the past, and still not quoted for it.
    assert {excerpt.name for excerpt in builder.build(1, item["c"], 4).excerpts} == {"Warm Guitar Strings"}
    assert {excerpt.name for excerpt in builder.build(1, item["a"], 4).excerpts} == {"Guitar Stand"}
    assert builder.build(1, item["d"], 3).excerpts == ()  # no review shares a term with it


def test_evidence_with_quotes_survives_storage_and_evidence_without_is_stored_as_before() -> None:
    evidence = builder_with_reviews().build(1, CATALOG.index["c"], 2)
    assert Evidence.from_record(evidence.record()) == evidence
    plain = make_builder(CATALOG, USERS).build(1, CATALOG.index["c"], 2)
    assert "excerpts" not in plain.record()
    assert Evidence.from_record(plain.record()) == plain == replace(evidence, excerpts=())


def test_what_is_no_prose_is_not_quoted() -> None:
    assert best_sentence(f"A guitar {'x' * 300} here.", terms_of("Guitar")) is None
    assert best_sentence(f"A guitar {'x' * 100} here.", terms_of("Guitar")) is not None
