"""What annotators say, against values worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.api.annotating import make_annotation, read_annotation
from recbole_curec.evaluation.annotation.key import Key, KeyedQuestion
from recbole_curec.evaluation.annotation.report import _alpha, _mean
from recbole_curec.evaluation.annotation.result import Mean, _majority
from tests.evaluation.annotation.filling import Rule, attentive, filled, make
from tests.evaluation.explained import tables

# Preferences of the six pairs in the key's order: 0 and 1 are the sets.
FIRST = (0, 0, 0, 1, 1, "tie")
SECOND = (0, 0, 1, 1, "tie", "tie")


def rule(path: Path, preferred: tuple[int | str, ...], ratings: tuple[int, int], right: int | str = 0) -> Rule:
    """Answers to the pairs in the order of their users, and one answer to every check."""
    key = Key.read(path)
    (sheet, *_) = key.sheets.values()
    users = sorted(one.user for one in sheet.questions.values() if one.check is None)

    def answer(asked: KeyedQuestion) -> tuple[int | str | None, tuple[int, int]]:
        return (preferred[users.index(asked.user)] if asked.check is None else right), ratings

    return answer


def test_two_annotators(tmp_path: Path) -> None:
    kit = make(tmp_path)
    key = kit.folder / "key.json"
    paths = [filled(kit, 0, rule(key, FIRST, (4, 2))), filled(kit, 1, rule(key, SECOND, (4, 3)), suffix=".json")]
    report = read_annotation(key, paths)
    found = report.result.everyone
    # By pair: 0, 0, one each, 1, 1 by one and a tie by the other, two ties.
    assert (found.by_pair.wins, found.by_pair.losses, found.by_pair.ties) == (2, 1, 3)
    assert (found.by_answer.wins, found.by_answer.losses, found.by_answer.ties) == (5, 4, 3)
    # Twelve values: five 0, four 1, three ties; two units disagree: 1 - 11 * 4 / (2 * (5 * 4 + 5 * 3 + 4 * 3))
    assert found.alpha == pytest.approx(1 - 44 / 94)
    scale = found.scales["faithful"]
    assert scale.sets == (Mean(4.0, (4.0, 4.0)), Mean(2.5, (2.5, 2.5)))
    assert scale.difference == Mean(1.5, (1.5, 1.5))
    # n2 = n3 = 6, n4 = 12: squared distances 36 (2, 3), 81 (3, 4), 225 (2, 4); observed 2 * 6 * 36 / 24,
    # expected 2 * (36 * 36 + 72 * 81 + 72 * 225) / (24 * 23)
    assert scale.alpha == pytest.approx(1 - 18 / (46656 / 552))
    assert report.result.attentive is None and report.result.failed == []
    text = str(report)
    assert "6 pairs, personal against plain; 2 annotators; 0 answers missing" in text
    said = "66.7% of 3 decided (95 % interval 20.8% to 93.9%), 3 ties"
    assert f"personal is preferred, by majority per pair: {said}\n" in text
    assert "agreement on the preference: alpha 0.53" in text
    assert "faithful  4.00 [4.00, 4.00]  2.50 [2.50, 2.50]  +1.50 [+1.50, +1.50]  alpha 0.79" in text


def test_who_failed_the_checks_is_named_and_left_out_of_a_second_result(tmp_path: Path) -> None:
    kit = make(tmp_path, annotators=3)
    key = kit.folder / "key.json"
    blind = rule(key, (1,) * 6, (1, 5), right=1)
    report = read_annotation(key, [filled(kit, 0, attentive), filled(kit, 1, attentive), filled(kit, 2, blind)])
    name = kit.study.sheets[2].name
    assert report.result.failed == [name]
    assert report.result.everyone.by_answer.rate == pytest.approx(12 / 18)
    assert report.result.everyone.by_pair.rate == 1.0
    attending = report.result.attentive
    assert attending is not None
    assert (attending.by_answer.wins, attending.by_answer.losses) == (12, 0)
    assert attending.alpha is None  # everybody says the same
    text = str(report)
    assert f"{name}: 0 of 4 right, failed" in text
    assert f"without those who failed ({name})" in text
    assert [row["preferred"] for row in report.figures()["pairs"]] == [0] * 6


def test_one_check_in_four_may_be_failed(tmp_path: Path) -> None:
    kit = make(tmp_path)
    (one, *_) = [asked for sheet in kit.study.key.sheets.values() for asked in sheet.questions.values() if asked.check]

    def careless(asked: KeyedQuestion) -> tuple[int | str | None, tuple[int, int]]:
        return (1 if asked.digest == one.digest else 0), (3, 3)

    report = read_annotation(kit.folder / "key.json", [filled(kit, 0, careless), filled(kit, 1, attentive)])
    assert [sum(sheet.checks) for sheet in report.result.filled] == [3, 4]
    assert report.result.failed == []


def test_one_annotator_and_missing_answers_are_said(tmp_path: Path) -> None:
    kit = make(tmp_path)
    key = kit.folder / "key.json"
    report = read_annotation(key, [filled(kit, 0, rule(key, (0, 0, 0, 1, None, None), (0, 3)))])
    text = str(report)
    assert "1 annotator; 12 answers missing" in text  # two preferences, ten ratings of one set
    assert "75.0% of 4 decided (95 % interval 30.1% to 95.4%), 0 ties; 2 pairs without an answer\n" in text
    assert report.figures()["everyone"]["unanswered"] == 2
    assert "Agreement needs at least two annotators: there is one." in text
    assert report.result.everyone.by_pair.wins == 3 and report.result.everyone.by_pair.ties == 0
    assert report.result.everyone.scales["faithful"].sets == (None, Mean(3.0, (3.0, 3.0)))
    assert report.result.everyone.scales["faithful"].difference is None
    assert "alpha not defined" in text and "no rating" in text


@pytest.mark.parametrize(
    ("answers", "majority"),
    [
        ([0, None, None], None),  # one of three, and two ties
        ([1, None, None], None),
        ([0, None], None),
        ([0, 0, None, None], None),
        ([0, 1], None),
        ([None, None], None),
        ([0, 0, None], 0),
        ([1, 0, 1], 1),
        ([1, 1, 0, None, None], None),
        ([1, 1, 1, None, None], 1),
        ([0], 0),
    ],
)
def test_a_majority_is_more_than_half_of_a_pairs_answers(answers: list[int | None], majority: int | None) -> None:
    assert _majority(answers) == majority


def test_of_three_annotators_one_preference_beside_two_ties_decides_nothing(tmp_path: Path) -> None:
    kit = make(tmp_path, annotators=3)
    key = kit.folder / "key.json"
    ties = rule(key, ("tie",) * 6, (3, 3))
    report = read_annotation(key, [filled(kit, 0, attentive), filled(kit, 1, ties), filled(kit, 2, ties)])
    assert "by majority per pair: none decided, 6 ties" in str(report)
    assert [row["preferred"] for row in report.figures()["pairs"]] == [None] * 6


def test_names_of_sets_add_no_line_and_move_no_cursor(tmp_path: Path) -> None:
    first, second = tables(8).values()
    kit = make_annotation({"a\nb": first, "c\x1b[2J": second}, tmp_path / "st\nudy", annotators=1, scales=[])
    report = read_annotation(kit.folder / "key.json", [filled(kit, 0, attentive)])
    for text in (str(kit), str(report)):
        assert "a\\nb against c\\x1b[2J" in text and "a\nb" not in text and "\x1b" not in text
    assert "st\\nudy" in str(kit) and "st\nudy" not in str(kit)
    assert "\na\\nb is preferred, answer by answer" in str(report)


def test_no_negative_zero_is_said() -> None:
    assert (_alpha(-0.001), _alpha(-0.01)) == ("alpha 0.00", "alpha -0.01")
    assert _mean(Mean(-0.001, (-0.2, 0.1)), signed=True) == "+0.00 [-0.20, +0.10]"


def test_a_mean_with_its_interval() -> None:
    # mean 2, standard error 1 / sqrt(3), t(0.975, 2) = 4.302653
    found = Mean.of([1.0, 2.0, 3.0])
    assert found is not None and found.mean == 2.0
    assert found.interval == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), abs=1e-5)
    assert Mean.of([1.0]) == Mean(1.0, None)
    assert Mean.of([]) is None
