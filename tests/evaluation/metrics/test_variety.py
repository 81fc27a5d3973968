"""Distinct-n, USR, and the metrics of features."""

from __future__ import annotations

import pytest

from recbole_curec.evaluation.metrics.distinct import Distinct
from recbole_curec.evaluation.metrics.feature_match import FeatureMatch
from recbole_curec.evaluation.metrics.metric import Sample
from recbole_curec.evaluation.metrics.usr import UniqueSentenceRatio


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
    assert FeatureMatch().measure(Sample(("a",), None, (frozenset(),)))["fcr"].value == 0  # no feature is known
