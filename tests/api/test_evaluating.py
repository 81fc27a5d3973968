"""Evaluation of files, and of what a run makes: its reasons, the teacher's, and controls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import recbole_curec as curec
from recbole_curec.errors import CURecError
from tests.pipeline_runs import SharedRun
from tests.sentences import is_one_sentence

pytest.importorskip("sacrebleu", reason="pip install 'sacrebleu>=2.6'")
pytest.importorskip("rouge_score", reason="pip install 'rouge-score>=0.1.2'")

# Somebody else's reasons and references for them.
THEIRS = [
    {"uid": 1, "iid": 10, "explanation": "the sound is clear"},
    {"uid": 1, "iid": 11, "explanation": "the sound is clear"},
    {"uid": 2, "iid": 10, "explanation": "a long battery life"},
    {"uid": 3, "iid": 10, "explanation": "nobody has asked"},
]
WANTED = [
    {"user": 1, "item": 10, "text": "the sound is clear", "features": ["sound"]},
    {"user": 1, "item": 11, "text": "screen is bright", "features": ["screen"]},
    {"user": 2, "item": 10, "text": "long battery life", "features": ["battery life"]},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Explanations as JSON lines and references as Parquet."""
    theirs, wanted = tmp_path / "theirs.jsonl", tmp_path / "wanted.parquet"
    theirs.write_text("".join(json.dumps(row) + "\n" for row in THEIRS), encoding="utf-8")
    pd.DataFrame(WANTED).to_parquet(wanted)
    return theirs, wanted


def test_somebody_elses_explanations_against_references(files: tuple[Path, Path]) -> None:
    theirs, wanted = files
    report = curec.evaluate([theirs], wanted, samples=100)
    (quality,) = report.quality.sets
    assert quality.left_out == 1
    values = {key: figure.value for key, figure in quality.figures.items()}
    # Tokens 4 + 4 + 4, of which 4, 1 ("is") and 3 match; the references have 4 + 3 + 3 tokens: no penalty.
    assert values["bleu_1"] == pytest.approx(100 * 8 / 12)
    # F1 of 4 of 4 and 4, 1 of 4 and 3, 3 of 4 and 3.
    assert values["rouge_1"] == pytest.approx(100 * (1 + 2 / 7 + 6 / 7) / 3)
    assert values["usr"] == pytest.approx(2 / 3)
    assert values["fmr"] == pytest.approx(2 / 3)  # sound and battery life, not screen
    assert values["fcr"] == pytest.approx(2 / 3)
    assert values["div"] == pytest.approx(1 / 3)  # the first two both speak of the sound
    assert values["distinct_1"] == pytest.approx(8 / 12)
    assert -1 <= values["cosine"] <= 1
    assert "grounded" not in values
    assert "grounded explanations are not counted" in str(report)


def test_a_runs_reasons_beside_the_teacher_and_controls(shared_run: SharedRun) -> None:
    words = ["written", "teacher", "constant", "popular", "oracle"]
    # Six pairs: Wilcoxon's test takes seconds for a dozen differences with ties.
    report = curec.evaluate(words, "test", checkpoint=shared_run.result, sentences=0, samples=100, pairs=6)
    sets = {one.name: one for one in report.quality.sets}
    assert list(sets) == words
    source, drawn, constant = report.quality.notes
    assert drawn == "6 of 12 pairs were drawn"
    assert all(one.left_out == 0 for one in sets.values())
    assert source == "test reviews: 12 of 12 pairs have a sentence"
    assert constant.startswith("constant says: review ")
    # The teacher says only what the facts hold.
    assert sets["teacher"].figures["grounded"].value == 1
    assert sets["constant"].figures["usr"].value == 1 / 6
    assert sets["oracle"].oracle and not sets["popular"].oracle
    assert sets["oracle"].figures["rouge_1"].value >= sets["popular"].figures["rouge_1"].value
    assert {one.row for one in report.quality.comparisons} == set(words[1:])
    for one in sets.values():
        shares = [one.figures[key].value for key in ("grounded", "generic", "faulty")]
        assert sum(shares) == pytest.approx(1)


def test_stored_reasons_need_no_references(shared_run: SharedRun) -> None:
    report = curec.evaluate(["stored"], checkpoint=shared_run.result.checkpoint, samples=0)
    (stored,) = report.quality.sets
    reasons = curec.load_reasons(shared_run.result)
    assert len(report.quality.pairs) == len(reasons)
    assert stored.figures["usr"].value <= 1
    assert set(stored.figures) >= {"usr", "distinct_1", "distinct_2", "grounded", "generic", "faulty"}
    assert "bleu_1" not in stored.figures


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reasons": []}, "No explanations are given"),
        ({"reasons": ["writen"]}, "reasons: 'writen' is no set (nearest: 'written'): give files"),
        ({"reasons": "a.jsonl"}, "reasons='a.jsonl' is one set: give a list of files and words"),
        ({"reasons": ["written.jsonl"]}, "reasons: a set would be called 'written', like one that a checkpoint makes"),
        ({"reasons": {"a": 7}}, "file=7 cannot be used: it must be a path"),
        ({"references": 7}, "file=7 cannot be used: it must be a path"),
        ({"reasons": ["a/x.jsonl", "b/x.parquet"]}, "reasons: two sets would be called 'x'"),
        ({"reasons": ["written"]}, "reasons: 'written' is made by a run: give its checkpoint too"),
        ({"reasons": ["oracle"], "checkpoint": "x"}, "reasons: 'oracle' looks at the references"),
        ({"reasons": ["popular"], "checkpoint": "x"}, "nothing says for which pairs popular are wanted"),
        ({"references": "test"}, "references='test' are the reviews of a run: give its checkpoint too"),
        ({"references": "tset"}, "references='tset' is no split (nearest: 'test'): give valid or test, or a file that"),
        ({"seed": 99999999999999999999999}, "cannot be used: it must be a whole number from 0 to 4294967295"),
        ({"pairs": 1.5}, "pairs=1.5 cannot be used: give a whole number of at least 1"),
        ({"encoder": "lsaa", "references": "x.jsonl"}, "encoder='lsaa' is no folder (nearest: 'lsa')"),
        ({"samples": -1}, "samples=-1 cannot be used: give a whole number of at least 0"),
        ({"samples": 1}, "samples=1 are too few for a 95 % interval: give at least 100, or 0 for no intervals"),
        ({"samples": 99}, "samples=99 are too few"),
        (
            {"against": "their", "reasons": ["gone/theirs.jsonl"]},
            "against='their' is none of the sets (nearest: 'theirs')",
        ),
        (
            {"against": "x", "reasons": ["written"], "checkpoint": "x", "references": "test"},
            "against='x' is none of the",
        ),
        ({"pairs": 0}, "pairs=0 cannot be used: give a whole number of at least 1"),
        ({"checkpoint": "nowhere.pth"}, "There is no checkpoint at"),
    ],
)
def test_what_cannot_be_evaluated(files: tuple[Path, Path], given: dict[str, Any], said: str) -> None:
    with pytest.raises(CURecError) as error:
        curec.evaluate(**{"reasons": [files[0]], **given})
    assert said in str(error.value)
    assert is_one_sentence(error.value)


def test_tables_can_be_given_by_name(files: tuple[Path, Path]) -> None:
    sets = {"theirs": pd.DataFrame(THEIRS), "same": pd.DataFrame(WANTED)[["user", "item", "text"]]}
    report = curec.evaluate(sets, pd.DataFrame(WANTED), samples=0, against="same", pairs=2)
    assert [one.name for one in report.quality.sets] == ["theirs", "same"]
    assert report.quality.against == "same"
    assert report.quality.sets[1].figures["rouge_l"].value == 100
    assert len(report.quality.pairs) == 2
    assert report.quality.sets[0].figures["rouge_l"].low is None


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    wanted = [{**row, "features": row["features"] if row["item"] == 10 else None} for row in WANTED]
    wanted += [{"user": 9, "item": item, "text": "\u7535\u5f71"} for item in range(7)]
    report = curec.evaluate({"theirs": pd.DataFrame(THEIRS)}, pd.DataFrame(wanted), samples=0)
    assert report.quality.sets[0].figures["fmr"].value == 1  # of the pairs with features: sound and battery life
    record = report.record()
    assert (record["references_left_out"], record["pairs_without_features"]) == (7, 1)
    assert (record["references"], record["rouge"][:15]) == ("references", "case:lc|stem:no")
    assert "sentences" not in record
    page = str(report)
    assert "note: 7 of 10 reference pairs are left out: the set does not explain them" in page
    assert "note: 1 of 3 pairs have no features: FMR is the share over the others" in page
    assert "does not split scripts" not in page  # the Chinese references are not used


def test_what_limits_the_metrics_is_said() -> None:
    theirs = [{"user": 1, "item": 1, "text": "\u7535\u5f71"}, {"user": 2, "item": 1, "text": "b"}]
    wanted = [{**row, "features": None} for row in theirs] + [{"user": 3, "item": 1, "text": "c", "features": "d"}]
    sets = {"one": pd.DataFrame(theirs), "other": pd.DataFrame(theirs)}
    report = curec.evaluate(sets, pd.DataFrame(wanted), samples=0)
    assert "fmr" not in report.quality.sets[0].figures
    page = str(report)
    assert "note: 1 of 3 reference pairs are left out: not every set explains them" in page
    assert "note: 2 of 2 pairs have no features: there is no FMR, FCR and DIV" in page
    assert "does not split scripts without blanks between words" in page
