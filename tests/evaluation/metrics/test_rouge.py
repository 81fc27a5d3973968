from __future__ import annotations

import pytest

from recbole_curec.evaluation.metrics.metric import Sample
from recbole_curec.evaluation.metrics.rouge import Rouge

pytest.importorskip("rouge_score", reason="pip install 'rouge-score>=0.1.2'")


def test_values_by_hand() -> None:
    # Six words each, five shared: F1 5/6. Pairs: the cat, cat sat, sat on of five: 3/5. Longest common subsequence:
    # the cat sat on mat, 5/6. The second reference is worse in all three.
    found = Rouge().measure(Sample(("The cat sat on the mat.",), (("the cat sat on a mat", "a dog"),)))
    assert found["rouge_1"].value == pytest.approx(100 * 5 / 6)
    assert found["rouge_2"].value == pytest.approx(100 * 3 / 5)
    assert found["rouge_l"].value == pytest.approx(100 * 5 / 6)


def test_order_matters_to_the_longest_common_subsequence_alone() -> None:
    found = Rouge().measure(Sample(("c b a",), (("a b c",),)))
    assert (found["rouge_1"].value, found["rouge_2"].value) == (100, 0)
    assert found["rouge_l"].value == pytest.approx(100 / 3)


def test_the_set_has_the_mean() -> None:
    found = Rouge().measure(Sample(("a b", "c d"), (("a b",), ("x y",))))
    assert found["rouge_1"].value == 50
    assert found["rouge_1"].by_pair is not None
    assert found["rouge_1"].by_pair.tolist() == [100, 0]
