"""Predicted ratings and their statements as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.explanations.ratings import RatedPair, Statement, rating_block

PRAISES = Statement("user", "u1", "i2", 5.0, ("great tone",), (), "Great tone.", 0.21)
BLAMES = Statement("item", "u9", "i1", 2.0, (), ("cable broke", "thin strap"), "The cable broke", -0.08)
SILENT = Statement("item", "u8", "i1", 4.0, (), (), "", 0.001)
PAIR = RatedPair("u1", "i1", 4.321, 4.1, 0.2, -0.05, 0.071, (PRAISES, BLAMES, SILENT))
TITLES = {"i1": "Strap", "i2": "Flute"}


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
