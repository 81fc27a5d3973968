"""Sheets say nothing of the sets, and their sides and orders are balanced."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.annotation.blinding import Study, make_study
from recbole_curec.evaluation.annotation.csv_files import csv_text
from recbole_curec.evaluation.annotation.key import Key
from recbole_curec.evaluation.annotation.page import page_text
from recbole_curec.evaluation.compared_pairs import Context
from tests.evaluation.explained import compared, personal, plain


def study(seed: int = 1, pairs: int = 7, annotators: int = 4, checks: int = 4) -> Study:
    return make_study(compared(9), pairs=pairs, annotators=annotators, checks=checks, scales=["personal"], seed=seed)


def test_the_key_knows_which_text_stands_where() -> None:
    made = study()
    for sheet in made.sheets:
        keyed = made.key.sheets[sheet.name].questions
        assert {question.name for question in sheet.questions} == set(keyed)
        for question in sheet.questions:
            known = keyed[question.name]
            number, place = int(known.item[1:]), 0 if known.first_on == "A" else 1
            if known.check is None:
                assert question.texts[place] == personal(number)
                assert question.texts[1 - place] == plain(number)
            else:
                assert known.check.right == known.first_on
                assert question.texts[place] in (personal(number), plain(number))
                assert question.texts[1 - place] not in (personal(number), plain(number))


def test_sides_are_balanced_on_every_sheet_and_for_every_pair() -> None:
    made = study()
    by_pair: dict[str, Counter[str]] = {}
    for sheet in made.key.sheets.values():
        for check in (False, True):
            sides = Counter(one.first_on for one in sheet.questions.values() if (one.check is not None) == check)
            assert abs(sides["A"] - sides["B"]) <= 1
        for one in sheet.questions.values():
            if one.check is None:
                by_pair.setdefault(one.user, Counter())[one.first_on] += 1
    assert set(map(tuple, (sorted(sides.items()) for sides in by_pair.values()))) == {(("A", 2), ("B", 2))}


def test_every_annotator_is_asked_in_an_order_and_under_names_of_their_own() -> None:
    made = study()
    orders = [
        [made.key.sheets[sheet.name].questions[one.name].user for one in sheet.questions] for sheet in made.sheets
    ]
    assert len({tuple(order) for order in orders}) == 4
    names = [question.name for sheet in made.sheets for question in sheet.questions]
    assert len(set(names)) == len(names) == 4 * 11


def test_checks_are_of_both_kinds_and_on_pairs_that_are_not_compared_where_there_are_some() -> None:
    made = study()
    assert [check.kind for check in made.checks] == ["wrong item", "empty talk", "wrong item", "empty talk"]
    compared_users = {pair.user for pair in made.pairs}
    assert [check.pair.user in compared_users for check in made.checks] == [False, False, True, True]


def test_sheets_with_other_titles_or_histories_have_other_names() -> None:
    given = compared(4)
    marks = set()
    for context in (None, Context("Alien", ()), Context("Aliens", ()), Context("Alien", ("Up",))):
        told = replace(given, pairs=tuple(replace(pair, context=context) for pair in given.pairs))
        marks.add(make_study(told, pairs=4, annotators=1, checks=0, scales=[], seed=1).sheets[0].name)
    assert len(marks) == 4


def test_a_seed_repeats_a_study_and_another_one_does_not() -> None:
    assert study(1) == study(1)
    assert study(1).key != study(2).key


def test_nothing_on_a_sheet_names_a_set_a_user_or_what_is_a_check() -> None:
    made = study()
    for sheet in made.sheets:
        for text in (csv_text(sheet), page_text(sheet)):
            rest = text.replace("personal", "")  # also the name of a scale
            assert "plain" not in rest and "first_on" not in rest
            assert not any(f"u{number}" in rest.split() or f"i{number}" in rest.split() for number in range(9))
            assert "wrong item" not in rest and "empty talk" not in rest


def test_a_key_is_read_back_and_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(study().key.model_dump_json())
    assert Key.read(path) == study().key
    for content in ("", "{}", study().key.model_dump_json().replace('"A"', '"C"'), '{"format": "other"}'):
        path.write_text(content)
        with pytest.raises(ConfigurationError, match="is no key of `curec annotate make`"):
            Key.read(path)
