"""Sheets say nothing of the sets, and their sides and orders are balanced."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recbole_curec.api.annotating import make_annotation
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.annotation.blinding import Study, make_study
from recbole_curec.evaluation.annotation.csv_files import csv_text
from recbole_curec.evaluation.annotation.key import Key
from recbole_curec.evaluation.annotation.page import page_text
from recbole_curec.evaluation.compared_pairs import Context
from tests.evaluation.explained import compared, personal, plain, tables

COMPARED = compared(9)


def salt(number: int) -> str:
    return f"{number:032x}"


def study(seed: int = 1, pairs: int = 7, annotators: int = 4, checks: int = 4, secret: int = 7) -> Study:
    return make_study(
        COMPARED,
        pairs=pairs,
        annotators=annotators,
        checks=checks,
        scales=["personal"],
        seed=seed,
        salt=salt(secret),
    )


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
        marks.add(make_study(told, pairs=4, annotators=1, checks=0, scales=[], seed=1, salt=salt(7)).sheets[0].name)
    assert len(marks) == 4


def test_a_seed_repeats_the_pairs_and_with_the_salt_of_a_key_the_whole_study() -> None:
    made = study(1)
    assert study(1, secret=int(made.key.salt, 16)) == made
    assert study(2).key != made.key
    other = study(1, secret=8)
    assert other.pairs == made.pairs != study(2).pairs
    assert other.key != made.key


def shown(made: Study) -> set[str]:
    """Ids that annotators see."""
    return {name for sheet in made.sheets for name in (sheet.name, *(question.name for question in sheet.questions))}


def test_two_studies_with_one_seed_share_no_id(tmp_path: Path) -> None:
    kits = [make_annotation(tables(8), tmp_path / name, pairs=6, annotators=2, seed=3) for name in ("a", "b")]
    first, second = (kit.study for kit in kits)
    assert first.pairs == second.pairs and first.key.salt != second.key.salt
    assert not shown(first) & shown(second)
    for kit in kits:
        assert kit.study.key.salt in (kit.folder / "key.json").read_text()
        for path in (kit.folder / "sheets").iterdir():
            assert kit.study.key.salt not in path.read_text(encoding="utf-8-sig")


def test_no_guess_of_the_seed_is_confirmed_by_an_id() -> None:
    ids = shown(study(5, annotators=2))
    for guess in range(40):
        rng = np.random.default_rng([guess, 6, 3, 0])
        assert not {f"q{rng.bytes(8).hex()}" for _ in range(11)} & ids  # what ids once were
        assert not shown(study(guess, annotators=2, secret=0)) & ids


def test_who_knows_the_seed_and_both_sets_but_no_salt_guesses_sides_and_checks_by_chance() -> None:
    guessed = study(0, annotators=1, secret=0)
    (sheet,) = guessed.sheets
    plan = [guessed.key.sheets[sheet.name].questions[question.name] for question in sheet.questions]
    right, found, checks, count = 0, 0, 0, 0
    for secret in range(1, 201):
        made = study(0, annotators=1, secret=secret)
        (real,) = made.sheets
        known = [made.key.sheets[real.name].questions[question.name] for question in real.questions]
        by_item = {one.item: one.first_on for one in plan if one.check is None}
        for guess, one in zip(plan, known, strict=True):
            found += guess.check is not None and one.check is not None
            checks += one.check is not None
            if one.check is None:
                right += by_item[one.item] == one.first_on
                count += 1
    assert (checks, count) == (800, 1400)
    assert abs(right / count - 1 / 2) < 4 * (1 / 4 / count) ** 0.5
    assert abs(found / checks - 4 / 11) < 4 * (4 / 11 * 7 / 11 / checks) ** 0.5


def test_checks_that_can_be_made_but_once_are_made_once() -> None:
    made = study(pairs=3, annotators=1, checks=100)
    assert len({(one.pair.user, one.kind, one.right, one.wrong) for one in made.checks}) == len(made.checks) == 36
    assert len(made.sheets[0].questions) == 3 + 36


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
