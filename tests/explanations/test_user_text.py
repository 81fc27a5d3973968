from __future__ import annotations

from dataclasses import replace

from recbole_curec.data.statements import Statement
from recbole_curec.explanations.explained import ExplainedUser
from recbole_curec.explanations.user_text import user_block
from tests.explanations.explained_lists import item, lists, lists_of_reviews


def test_a_block_holds_history_table_and_a_paragraph_per_item() -> None:
    shown = lists()
    assert user_block(shown.users[0], shown).splitlines() == [
        "user 196, CURec (SASRec) on toy",
        '  history   "Heat", "The Godfather"',
        "",
        "  rank  item    score    ids   text  reasons  text only  ids only",
        "     1  Alien    4.50  +1.00  +2.50    -0.50          1      >100",
        "     2  Brazil   3.50  +1.00  +2.50    -0.50     1 (-1)      >100",
        "",
        "  1. Alien (item i1)",
        "     You may like it.",
        '     evidence  taken with "Alien" of the history by 1,200 other users: strong',
        "               Sci-Fi: once in the history, above its share: fair",
        '               taken with "Alien" by 1 other user: weak',
        "               popular among all items: fair",
        "     checks    the first draft passed every check; reward +1.25 (model +0.25, format +1.00)",
        "",
        "  2. Brazil (item i2)",
        "     Try it.",
        '     evidence  taken with "Alien" of the history by 1,200 other users: strong',
        "               Sci-Fi: once in the history, above its share: fair",
        '               taken with "Alien" by 1 other user: weak',
        "               popular among all items: fair",
        "     checks    first draft: target; revised by the model (once); reward +1.25 (model +0.25, format +1.00)",
    ]


def test_only_the_latest_of_a_long_history_and_cold_items_are_marked() -> None:
    shown = lists()
    block = user_block(shown.users[1], shown)
    assert '"Title 58", "Title 59", and 55 earlier ones' in block
    assert "3. Casino (item i3, nobody took it in training)" in block


def test_no_text_adds_lines_or_moves_the_cursor() -> None:
    hostile = "two\nlines\x1b[2J\u202e"
    user = ExplainedUser(hostile, [hostile], [item("u", 1, hostile, hostile, name=hostile)])
    block = user_block(user, replace(lists(), model=hostile))
    assert "\x1b" not in block and "\u202e" not in block
    assert len(block.splitlines()) == len(user_block(replace(user, user="u"), lists()).splitlines())


def test_another_users_statement_is_shown_behind_the_facts() -> None:
    shown = lists()
    user = shown.users[0]
    first = user.items[0]
    told = replace(first.record.evidence, statements=(Statement("Warm\nand deep"),))
    one = replace(first, record=replace(first.record, evidence=told))
    block = user_block(replace(user, items=[one]), shown)
    assert "               another reviewer wrote \u201cWarm\\nand deep\u201d\n     checks" in block


def test_reviews_stand_in_the_place_of_reasons() -> None:
    shown = lists_of_reviews()
    block = user_block(shown.users[0], shown)
    assert block.splitlines()[7:] == [
        "  1. Alien (item i1)",
        '     item\'s    by u9, rated 2 on 2014-03-04: praised "fair price" and blamed "cable broke"',
        "               and 7 earlier",
        '     user\'s    of Fargo, rated 5: wrote "It came on a Tuesday ..."',
        "",
        "  2. Brazil (item i2)",
        "     item's    no review",
        "     user's    no review",
    ]
