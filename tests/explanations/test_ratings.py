"""Predicted ratings and their statements as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.explanations.ratings import Statement, rating_block
from tests.explanations.rated import BLAMES, PAIR, PRAISES, SILENT, TITLES


def test_the_reason_quotes_what_moves_the_rating() -> None:
    assert PAIR.reason(TITLES) == (
        '4.3: of "Flute", rated 5, the user praised "great tone" (+0.21); user u9, who rated it 2, blamed '
        '"cable broke", "thin strap" (-0.08); ratings are 4.1 on average, this user\'s +0.20 and this item\'s -0.05.'
    )
    assert "u9" not in PAIR.reason(TITLES, most=1)


def test_without_a_change_no_statement_is_a_reason() -> None:
    assert replace(PAIR, statements=(SILENT,)).reason(TITLES).startswith("4.3: no past review changes it; ")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (BLAMES, 'blamed "cable broke", "thin strap"'),
        (replace(BLAMES, praise=("good price",)), 'praised "good price" and blamed "cable broke", "thin strap"'),
        (replace(SILENT, beginning="It came ..."), 'wrote "It came ..."'),
        (SILENT, "wrote no text"),
    ],
)
def test_what_a_statement_says(told: Statement, words: str) -> None:
    assert told.words() == words


def test_hostile_text_adds_no_line() -> None:
    hostile = replace(PRAISES, praise=("a\nuser u2, item i9: 5.00\x1b[2J",))
    block = rating_block(replace(PAIR, statements=(hostile,)), {"i1": "x\ny"}, 3)
    assert len(block.splitlines()) == 4
    assert "\x1b" not in block


def test_a_block_shows_the_parts_and_so_many_statements() -> None:
    lines = rating_block(PAIR, TITLES, 1).splitlines()
    assert lines[0] == "user u1, item i1 (Strap): 4.32"
    assert lines[1] == "  parts     mean 4.10, user +0.20, item -0.05, ids and past reviews +0.07"
    assert lines[2] == '  without   +0.210  user\'s review of i2 (Flute), rated 5: praised "great tone"'
    assert len(lines) == 4


def test_a_row_holds_everything() -> None:
    row = PAIR.as_row(TITLES)
    assert row["statements"][1]["blame"] == ("cable broke", "thin strap")
    assert row["reason"] == PAIR.reason(TITLES)


def test_a_pair_of_the_data_says_what_was_given_and_reviews_say_when() -> None:
    known = replace(PAIR, statements=(replace(PRAISES, date="2014-03-04"),), true_rating=4.0, split="test")
    lines = rating_block(known, TITLES, 1).splitlines()
    assert lines[0] == "user u1, item i1 (Strap): 4.32; rated 4 in the test split"
    assert lines[2].endswith('user\'s review of i2 (Flute), rated 5 on 2014-03-04: praised "great tone"')
    row = known.as_row(TITLES)
    assert (row["true_rating"], row["split"], row["statements"][0]["date"]) == (4.0, "test", "2014-03-04")


def test_a_statement_moves_a_rating_where_two_decimals_show_it() -> None:
    assert [replace(SILENT, change=change).moves for change in (0.005, -0.005, 0.0049)] == [True, True, False]
