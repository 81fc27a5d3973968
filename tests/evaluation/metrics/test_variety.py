"""Distinct-n, USR, and the metrics of features."""

from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.evaluation.metrics.distinct import Distinct
from recbole_curec.evaluation.metrics.feature_match import FeatureMatch, has_feature
from recbole_curec.evaluation.metrics.metric import Sample
from recbole_curec.evaluation.metrics.usr import UniqueSentenceRatio
from recbole_curec.reasons.words import is_unspaced, lower_words


def test_distinct_by_hand() -> None:
    # Words a b a | a b: 2 different of 5. Pairs ab ba | ab: 2 different of 3; none across the two texts.
    found = Distinct().measure(Sample(("A b a!", "a b")))
    assert found["distinct_1"].value == pytest.approx(2 / 5)
    assert found["distinct_2"].value == pytest.approx(2 / 3)
    assert found["distinct_1"].by_pair is None
    assert Distinct().measure(Sample(("one",)))["distinct_2"].value == 0  # no pair of words


def test_unique_sentences_by_hand() -> None:
    # The first three differ in case, blanks and marks alone.
    found = UniqueSentenceRatio().measure(Sample(("It is good.", "it is  good", "It is good!", "It is bad.")))
    assert found["usr"].value == 2 / 4


def test_features_by_hand() -> None:
    sample = Sample(
        texts=("The battery life is long.", "A bright screen and battery life", "Buy it, it has a nice Screen"),
        references=(("x",),) * 3,
        features=(frozenset({"battery life"}), frozenset({"screen", "case"}), frozenset({"sound"})),
    )
    found = FeatureMatch().measure(sample)
    # Named: battery life | screen, battery life | screen. Own: 1 of 1, 1 of 2, 0 of 1.
    assert found["fmr"].value == pytest.approx((1 + 1 / 2 + 0) / 3)
    # battery life and screen of battery life, screen, case, sound.
    assert found["fcr"].value == 2 / 4
    # In common: 1 of texts 1 and 2, 0 of 1 and 3, 1 of 2 and 3.
    assert found["div"].value == pytest.approx(2 / 3)


def test_a_feature_is_whole_words_in_order() -> None:
    sample = Sample(("life of a battery", "screening"), None, (frozenset({"battery life"}), frozenset({"screen"})))
    assert FeatureMatch().measure(sample)["fmr"].value == 0
    assert FeatureMatch().measure(Sample(("a",), None, (frozenset(),))) == {}  # no feature is known
    chinese = Sample(("\u8fd9\u4e2a\u97f3\u8d28\u5f88\u597d",), None, (frozenset({"\u97f3\u8d28"}),))
    assert FeatureMatch().measure(chinese)["fmr"].value == 1


def test_pairs_without_features_do_not_count() -> None:
    features = (frozenset({"screen"}), frozenset[str](), frozenset({"case"}), frozenset({"!"}))
    found = FeatureMatch().measure(Sample(("a screen", "a screen", "nothing", "!"), None, features))["fmr"]
    assert found.value == 1 / 2
    assert found.by_pair is not None and np.array_equal(found.by_pair, [1, np.nan, 0, np.nan], equal_nan=True)
    assert [has_feature(one) for one in features] == [True, False, True, False]


def test_texts_without_words_are_compared_as_they_are() -> None:
    found = UniqueSentenceRatio().measure(Sample(("\U0001f600", "\U0001f622", "\U0001f600", "!!", "a!", "a")))
    assert found["usr"].value == 4 / 6


def test_every_character_is_a_word_where_a_script_has_no_blanks() -> None:
    assert lower_words("\u7535\u5f71 iPhone-15 it's") == ("\u7535", "\u5f71", "iphone-15", "it's")
    assert is_unspaced("a\u5f71") and not is_unspaced("\u0444\u0438\u043b\u044c\u043c caf\u00e9")
