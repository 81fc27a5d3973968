from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.evaluation.explanation_quality import (
    Material,
    Quality,
    by_user,
    common_pairs,
    drawn,
    measure_sets,
    with_notes,
)
from recbole_curec.evaluation.explanations import ExplanationSet, References
from recbole_curec.evaluation.metrics.feature_match import FeatureMatch
from recbole_curec.evaluation.metrics.rouge import Rouge
from recbole_curec.evaluation.metrics.usr import UniqueSentenceRatio
from recbole_curec.evaluation.quality_table import QualityReport
from tests.sentences import is_one_sentence

pytest.importorskip("rouge_score", reason="pip install 'rouge-score>=0.1.2'")

PAIRS = [("u1", "a"), ("u1", "b"), ("u2", "a"), ("u3", "a")]
REFERENCES = References(dict(zip(PAIRS, [("x y",), ("x z",), ("y z",), ("q r",)], strict=True)))
SAME = ExplanationSet("same", dict.fromkeys(PAIRS, "x y"))  # ROUGE-L 100, 50, 50, 0
GOOD = ExplanationSet("good", dict(zip(PAIRS, ["x y", "x z", "y z", "q r"], strict=True)), oracle=True)
LONGER = ExplanationSet("longer", {**SAME.texts, ("u9", "a"): "more"})


def measured(*sets: ExplanationSet, against: str | None = None) -> Quality:
    return measure_sets(sets, PAIRS, Material([Rouge(), UniqueSentenceRatio()], REFERENCES, samples=50), against)


def test_figures_tests_and_what_is_left_out() -> None:
    quality = measured(LONGER, GOOD)
    longer, good = quality.sets
    assert (longer.left_out, good.left_out) == (1, 0)
    assert longer.figures["rouge_l"].value == pytest.approx(50)
    assert longer.by_pair["rouge_l"] == pytest.approx([100, 50, 50, 0])
    assert good.figures["rouge_l"].value == pytest.approx(100)
    assert [one.figures["usr"].value for one in quality.sets] == [1 / 4, 1]
    assert longer.figures["usr"].low is None
    low, high = longer.figures["rouge_l"].low, longer.figures["rouge_l"].high
    assert low is not None and high is not None and 0 <= low < 50 < high <= 75  # u1 alone has 75
    (test,) = quality.comparisons
    # By user, so that the mean over users is that over pairs: 3/4 times 0 + 50, 50 and 100.
    assert (test.row, test.reference, test.metric, test.users) == ("good", "longer", "rouge_l", 3)
    assert test.difference == pytest.approx(50)
    assert measured(LONGER, GOOD, against="good").comparisons[0].difference == pytest.approx(-50)


def test_pairs_that_were_not_drawn_are_not_left_out() -> None:
    material = Material([UniqueSentenceRatio()], None, samples=0)
    longer, good = measure_sets([LONGER, GOOD], PAIRS[:2], material, common=PAIRS).sets
    assert (longer.left_out, good.left_out) == (1, 0)


def test_metrics_without_values_by_pair_have_no_tests() -> None:
    (one,) = measure_sets([SAME], PAIRS, Material([UniqueSentenceRatio()], None)).sets
    table = by_user(PAIRS, one)
    assert list(table.index) == ["u1", "u2", "u3"] and table.empty


def test_one_user_has_no_interval_and_no_p() -> None:
    material = Material([Rouge(), UniqueSentenceRatio()], REFERENCES, samples=100)
    report = QualityReport(measure_sets([SAME, GOOD], PAIRS[:2], material))
    (test,) = report.record()["comparisons"]
    assert test["difference"] == 25
    assert {test[key] for key in ("low", "high", "t_test", "wilcoxon", "t_test_holm", "wilcoxon_holm")} == {None}
    row = next(line for line in str(report).splitlines() if "+25.000" in line)
    assert row.split() == ["good", "(oracle)", "ROUGE-L", "+25.000", "-", "-", "-"]


def test_pairs_without_features_are_no_part_of_the_tests() -> None:
    features = {PAIRS[0]: frozenset({"x"}), PAIRS[1]: frozenset({"z"}), PAIRS[2]: frozenset({"z"})}
    material = Material([FeatureMatch(), UniqueSentenceRatio()], References(REFERENCES.texts, features), samples=100)
    quality = measure_sets([SAME, GOOD], PAIRS, material)
    assert [one.figures["fmr"].value for one in quality.sets] == pytest.approx([1 / 3, 1])
    (test,) = quality.comparisons
    # By user, u1 and u2 of three pairs: (0 + 1) 2/3 and 1 times 2/3; u3 has no features.
    assert (test.metric, test.users, test.difference) == ("fmr", 2, pytest.approx(2 / 3))


def test_usr_is_beside_every_similarity_and_an_oracle_is_marked(tmp_path: Path) -> None:
    report = QualityReport(with_notes(measured(SAME, GOOD), ["a\x1b[2J\nb"], {"seed": 2020}))
    page = str(report)
    assert "4 pairs of 3 users" in page
    assert "Against same" in page and "BLEU-4" not in page
    alone = measure_sets([SAME], PAIRS[:1], Material([UniqueSentenceRatio()], None))
    assert str(QualityReport(alone)).startswith("1 pair of 1 user\n")
    blocks = page.split("\n\n")
    assert blocks[1].startswith("Similarity to the references\nset ")
    assert blocks[1].splitlines()[1].split()[:3] == ["set", "USR", "ROUGE-1"]
    assert blocks[1].splitlines()[3].split()[:2] == ["same", "0.250"]
    assert "good (oracle)" in blocks[1]
    assert "note: a\\x1b[2J\\nb" in page
    report.save(tmp_path / "out.json")
    record = json.loads((tmp_path / "out.json").read_text())
    assert record["seed"] == 2020
    assert record["sets"][0]["metrics"]["rouge_1"]["usr"] == 0.25
    assert [one["oracle"] for one in record["sets"]] == [False, True]
    report.save(tmp_path / "out.parquet")
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert list(table) == ["set", "oracle", "metric", "value", "low", "high", "usr"]
    assert table.set_index(["set", "metric"]).loc[("good", "rouge_l"), "value"] == pytest.approx(100)


def test_pairs_are_those_that_all_have() -> None:
    assert common_pairs([LONGER, GOOD], REFERENCES) == PAIRS
    assert common_pairs([LONGER], None) == sorted(LONGER.texts)
    with pytest.raises(
        DataError, match=r"No pair of user and item is in all of: other \(1, such as user 'u9'"
    ) as error:
        common_pairs([ExplanationSet("other", {("u9", "z"): "a"})], REFERENCES)
    assert is_one_sentence(error.value)
    few = drawn(PAIRS, 2, seed=0)
    assert few == sorted(few) and len(set(few) & set(PAIRS)) == 2
    assert drawn(PAIRS, 2, seed=0) == few
    assert drawn(PAIRS, 9, seed=0) == PAIRS
    with pytest.raises(DataError, match="No pair has facts"):
        drawn([], None, seed=0)


def test_names_are_told_apart() -> None:
    with pytest.raises(ConfigurationError, match=r"against='god' is none of the sets \(nearest: 'good'\)"):
        measured(SAME, GOOD, against="god")
    with pytest.raises(ConfigurationError, match="Two sets are called 'same'"):
        measured(SAME, SAME)
