from __future__ import annotations

from recbole_curec.evaluation.sentences import ItemWords, about_item, clean_sentences

REVIEW = (
    "My cousin came along. The alien hides in the ship; 8/10. I give it four stars! Great, 9 out of 10. No. It is a "
    "ship with one alien."
)


def test_sentences_that_state_a_score_or_are_too_short_or_long_are_dropped() -> None:
    assert clean_sentences(REVIEW) == [
        "My cousin came along.", "The alien hides in the ship;", "It is a ship with one alien.",
    ]  # fmt: skip
    assert clean_sentences("") == []
    assert clean_sentences(f"So {'on and ' * 40}on. It is short.") == ["It is short."]


def test_sentences_about_the_item_are_those_that_share_its_words() -> None:
    sentences = ["We went to bed.", "The alien hides.", "An alien in a ship.", "The ship flies."]
    terms = frozenset({"alien", "ship"})
    assert about_item(sentences, terms, most=1) == ("An alien in a ship.",)
    assert about_item(sentences, terms, most=2) == ("The alien hides.", "An alien in a ship.")  # earlier among equals
    assert about_item(sentences, terms, most=9) == tuple(sentences[1:])
    assert about_item(sentences, terms, most=0) == tuple(sentences)
    assert about_item(sentences, frozenset(), most=3) == ()


def test_words_of_an_item_are_twice_as_common_in_its_reviews() -> None:
    items = ["a", "a", "a", "b", "b", "b"]
    reviews = ["alien good", "alien good", "alien once", "good music", "good music", "good 9/10 once"]
    words = ItemWords.of(items, reviews, {"b": "Space Odyssey"})
    # alien: 3 of 3 against 3 of 6; good: 2 of 3 against 5 of 6; once: in one review of each.
    assert words.of_item("a") == {"alien"}
    assert words.of_item("b") == {"music", "space", "odyssey"}
    assert words.of_item("unknown") == frozenset()
