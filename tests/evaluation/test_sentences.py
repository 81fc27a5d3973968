from __future__ import annotations

from recbole_curec.evaluation.sentences import ItemWords, about_item, clean_sentences

REVIEW = (
    "My cousin came along. The alien hides in the ship; 8/10. I give it four stars! A ship with one alien is enough."
)


def test_scores_are_cut_out_and_short_ends_dropped() -> None:
    sentences = clean_sentences(REVIEW)
    assert sentences[:2] == ["My cousin came along.", "The alien hides in the ship;"]
    assert not any(word in " ".join(sentences) for word in ("8/10", "four", "stars"))
    assert sentences[-1] == "A ship with one alien is enough."


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
