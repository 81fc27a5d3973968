"""Filled sheets: what comes back is taken apart by the key, and what was edited or unblinded is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from recbole_curec.api.annotating import AnnotationKit
from recbole_curec.errors import ConfigurationError, CURecError, DataError
from recbole_curec.evaluation.annotation.key import Key
from recbole_curec.evaluation.annotation.reading import read_filled
from tests.evaluation.annotation.filling import attentive, filled, make, write

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> AnnotationKit:
    return make(tmp_path_factory.mktemp("kit"))


def key_of(kit: AnnotationKit) -> Key:
    return Key.read(kit.folder / "key.json")


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_sides_are_undone(kit: AnnotationKit, suffix: str) -> None:
    (found,) = read_filled(key_of(kit), [filled(kit, 0, attentive, suffix=suffix)])
    assert found.sheet == kit.study.sheets[0].name
    assert (len(found.compared), found.checks, found.missing) == (6, [True] * 4, 0)
    assert {one.question.first_on for one in found.compared} == {"A", "B"}
    for one in found.answers:
        assert (one.preferred, one.ratings) == (0, {("faithful", 0): 4, ("faithful", 1): 2})


def test_ties_empty_cells_and_other_spellings(kit: AnnotationKit) -> None:
    path = filled(kit, 0, lambda asked: ("TIE " if asked.check is None else None, (0, 5)), separator=";")
    (found,) = read_filled(key_of(kit), [path])
    assert {(one.answered, one.preferred) for one in found.compared} == {(True, None)}
    assert found.checks == [False] * 4  # a check without an answer is not passed
    assert found.missing == 10 + 4
    assert {tuple(one.ratings.items()) for one in found.compared} == {((("faithful", 1), 5),)}


def change(place: int, column: str, value: str) -> Callable[[Rows], Rows]:
    return lambda rows: [{**row, column: value} if number == place else row for number, row in enumerate(rows)]


def swap_texts(rows: Rows) -> Rows:
    first = {**rows[0], "explanation A": rows[0]["explanation B"], "explanation B": rows[0]["explanation A"]}
    return [first, *rows[1:]]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change(1, "explanation A", "Take this."), "holds other words in question '.*' than were handed out"),
        (change(1, "history", "another"), "holds other words in question"),
        (change(1, "item", '"Another"'), "holds other words in question"),
        (swap_texts, "holds other words in question"),
        (lambda rows: rows[1:], "lacks 1 of 10 questions, so it was edited"),
        (lambda rows: [*rows, rows[0]], "holds the question '.*' twice"),
        (change(0, "question", "q1"), "holds the question 'q1' of no sheet"),
        (lambda rows: [{**row, "system": "ours"} for row in rows], "has a column 'system' that the sheet did not have"),
        (
            lambda rows: [{k: v for k, v in row.items() if k != "faithful B"} for row in rows],
            "lacks the column 'faithful B'",
        ),
        (change(0, "sheet", "sheet-9"), "holds answers to 2 sheets"),
        (change(2, "faithful A", "6"), "faithful A='6' is no answer: write a whole number from 1 to 5"),
        (change(2, "faithful A", "4.5"), "is no answer"),
        (change(2, "preferred", "ours"), "preferred='ours' is no answer: write A, B or tie, or nothing"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_sheet_that_is_not_as_it_was_handed_out(
    kit: AnnotationKit, suffix: str, edit: Callable[[Rows], Rows], message: str
) -> None:
    path = filled(kit, 0, attentive, suffix=".json")
    rows = edit(json.loads(path.read_text()))
    edited = path.with_name(f"edited{suffix}")
    write(edited, rows)
    with pytest.raises(DataError, match=message):
        read_filled(key_of(kit), [edited])


def test_rows_in_another_order_are_no_edit(kit: AnnotationKit) -> None:
    path = filled(kit, 0, attentive, suffix=".json")
    write(path, json.loads(path.read_text())[::-1])
    (found,) = read_filled(key_of(kit), [path])
    assert found.checks == [True] * 4


def test_one_file_per_annotator(kit: AnnotationKit) -> None:
    first, again = filled(kit, 0, attentive), filled(kit, 0, attentive, suffix=".json")
    assert len(read_filled(key_of(kit), [first, filled(kit, 1, attentive)])) == 2
    with pytest.raises(ConfigurationError, match=f"'{first}' and '{again}' both answer sheet-1"):
        read_filled(key_of(kit), [first, again])


@pytest.mark.parametrize("given", [{"seed": 4}, {"checks": 3}, {"scales": ["personal"]}])
def test_the_key_of_another_study(kit: AnnotationKit, tmp_path: Path, given: dict[str, object]) -> None:
    (tmp_path / "other").mkdir()
    other = make(tmp_path / "other", **given)
    with pytest.raises(ConfigurationError, match=r"holds answers to 'sheet-1-.*', which belongs to another key"):
        read_filled(key_of(other), [filled(kit, 0, attentive)])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.html", "", r"must end in \.json or \.csv: give the file that the page saved, or the filled CSV\."),
        ("missing.json", None, "is no file"),
        ("a.json", "{", "is no JSON"),
        ("a.json", "\udcff", "is not UTF-8: give the file that the page saved"),
        ("a.json", "[]", "is no file of answers"),
        ("a.json", '[{"sheet": 1}]', "is no file of answers"),
        ("a.csv", "sheet,question\n", "holds no row"),
    ],
)
def test_files_that_hold_no_answers(
    kit: AnnotationKit, tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, errors="surrogateescape")
    with pytest.raises(CURecError, match=message):
        read_filled(key_of(kit), [tmp_path / name])


def test_an_empty_sheet_is_no_answer(kit: AnnotationKit) -> None:
    with pytest.raises(DataError, match="holds no answer: give a filled sheet"):
        read_filled(key_of(kit), [filled(kit, 0, lambda _: (None, (0, 0)))])
