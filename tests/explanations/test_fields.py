"""The fields of explained lists are those that docs/explanations.md describes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from recbole_curec.explanations.explained import ExplainedLists
from recbole_curec.ranking.reranker import Moved
from tests.explanations.explained_lists import item, lists_of_reviews, record

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanations.md"


def test_every_field_is_described() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("The fields of a `.json` or `.parquet` file")[2]
    table = text.partition("\n\n")[2].partition("\n\n")[0]
    described = [name for line in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", line.split("|")[1])]
    assert len(described) == len(set(described))
    reviewed = lists_of_reviews()
    (user, *_) = reviewed.users
    anothers = replace(item("196", 1, "Alien", "Try it."), record=record("7", "i1", "Try it."), moved=Moved(2, 1, ()))
    assert anothers.record is not None
    given = replace(anothers.record, user="196")
    shuffled = replace(user, items=[replace(anothers, record=given)])
    lists = ExplainedLists("toy", "CURec", [], [shuffled, *reviewed.users])
    assert {name for row in lists.rows() for name in row} == set(described)
