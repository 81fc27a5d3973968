"""The labelled sentences are what they say they are, and the checker agrees with their labels."""

from __future__ import annotations

from collections import Counter

import pytest

from recbole_curec.reasons.claims.checker import ClaimChecker
from tests.reasons.claims.labelled_sentences import (
    FOLDER,
    KINDS,
    SOURCES,
    LabelledSentence,
    catalogs,
    read_labelled,
)

SENTENCES = read_labelled()
APART = read_labelled(FOLDER / "apart.jsonl")
UNSEEN = read_labelled(FOLDER / "unseen.jsonl")
UNSEEN2 = read_labelled(FOLDER / "unseen2.jsonl")
# True ones that are flagged: what "the one" and "the other" stand for is not read.
FLAGGED = ("the fans of the one nearly always choose the other",)
# Of the second set: that the user is like readers of whom a taste is told.
FLAGGED2 = ("readers who often choose mysteries, like you",)
# False ones that are not found: a history is taken to be recent.
MISSED2 = ("recently watched",)


def judged(sentences: list[LabelledSentence]) -> list[tuple[LabelledSentence, bool]]:
    checkers = {dataset: ClaimChecker(catalog) for dataset, catalog in catalogs().items()}
    return [(one, bool(checkers[one.dataset].faults(one.parsed, one.evidence))) for one in sentences]


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[LabelledSentence, bool]]:
    return judged(SENTENCES)


@pytest.fixture(scope="module")
def unseen() -> list[tuple[LabelledSentence, bool]]:
    return judged(UNSEEN)


@pytest.fixture(scope="module")
def unseen2() -> list[tuple[LabelledSentence, bool]]:
    return judged(UNSEEN2)


def test_there_are_300_of_every_source_label_and_kind() -> None:
    assert len(SENTENCES) == 300
    labels = Counter(one.label for one in SENTENCES)
    assert labels["true"] >= 90
    assert labels["false"] >= 150
    assert labels["generic"] >= 5
    assert {one.source for one in SENTENCES if one.label == "true"} == set(SOURCES)
    assert {one.kind for one in SENTENCES if one.label == "false"} == set(KINDS)


def test_no_sentence_occurs_twice() -> None:
    texts = [one.text for one in (*SENTENCES, *APART, *UNSEEN, *UNSEEN2)]
    assert len(set(texts)) == len(texts)
    assert len(APART) >= 60


@pytest.mark.parametrize(
    "sentences", [SENTENCES, APART, UNSEEN, UNSEEN2], ids=["labelled", "apart", "unseen", "unseen2"]
)
def test_a_false_sentence_quotes_its_fault_and_no_one_is_named(sentences: list[LabelledSentence]) -> None:
    for one in sentences:
        assert one.reason, one.text
        assert (one.evidence.user, one.evidence.item) == ("u", "i"), one.text
        assert sentences in (UNSEEN, UNSEEN2) or one.evidence.excerpts == (), one.text
        assert one.evidence.allowed_names <= catalogs()[one.dataset].name_set, one.text
        assert one.evidence.allowed_labels <= catalogs()[one.dataset].labels, one.text
        if one.label == "false":
            assert one.words in one.text, (one.words, one.text)
            assert one.words, one.text
        else:
            assert (one.kind, one.words) == ("", ""), one.text


def test_at_least_97_percent_of_the_false_sentences_are_found(verdicts: list[tuple[LabelledSentence, bool]]) -> None:
    false = [(one, fault) for one, fault in verdicts if one.label == "false"]
    missed = [(one.kind, one.words, one.text) for one, fault in false if not fault]
    assert len(missed) <= 0.03 * len(false), missed


def test_at_most_one_percent_of_the_true_sentences_is_flagged(verdicts: list[tuple[LabelledSentence, bool]]) -> None:
    true = [(one, fault) for one, fault in verdicts if one.label == "true"]
    wrong = [one.text for one, fault in true if fault]
    assert len(wrong) <= 0.01 * len(true), wrong


def test_every_unseen_false_sentence_is_found(unseen: list[tuple[LabelledSentence, bool]]) -> None:
    assert Counter(one.label for one, _ in unseen) == {"false": 147, "true": 98}
    assert [one.text for one, fault in unseen if one.label == "false" and not fault] == []


def test_no_other_unseen_true_sentence_is_flagged(unseen: list[tuple[LabelledSentence, bool]]) -> None:
    wrong = [one.text for one, fault in unseen if one.label == "true" and fault]
    assert [text for text in wrong if not any(words in text for words in FLAGGED)] == []
    assert len(wrong) == len(FLAGGED)


def test_no_other_false_sentence_of_the_second_set_is_missed(unseen2: list[tuple[LabelledSentence, bool]]) -> None:
    assert Counter(one.label for one, _ in unseen2) == {"false": 40, "true": 90}
    missed = [one.words for one, fault in unseen2 if one.label == "false" and not fault]
    assert missed == [*MISSED2]


def test_no_other_true_sentence_of_the_second_set_is_flagged(unseen2: list[tuple[LabelledSentence, bool]]) -> None:
    wrong = [one.text for one, fault in unseen2 if one.label == "true" and fault]
    assert [text for text in wrong if not any(words in text for words in FLAGGED2)] == []
    assert len(wrong) == len(FLAGGED2)
