"""Explained lists in a ranker's order: moved from where to where, by what, and what the reason is asked to say."""

from __future__ import annotations

from typing import Any

import pytest

import recbole_curec as curec
from recbole_curec.explanations.result import Explanations
from recbole_curec.plugin.loaded_ranker import LoadedRanker
from recbole_curec.ranking.store import RankRecord
from recbole_curec.reasoner import Reasoner
from recbole_curec.serving import recommender as module
from recbole_curec.serving.recommender import Recommender
from tests.pipeline_runs import SharedRun
from tests.ranking.stand_ins import by_number

USERS = ["u1", "u2"]
RECORD = RankRecord(
    True, "", 4, ["number"], [], [], test={"recbole": {"recall@10": 0.5, "ndcg@10": 0.25, "mrr@10": 0.1}}
)


@pytest.fixture(scope="module")
def plain(shared_run: SharedRun) -> Recommender:
    return Recommender.load(shared_run.result.checkpoint)


@pytest.fixture(scope="module")
def asked() -> list[dict[Any, Any]]:
    return []


@pytest.fixture(scope="module")
def explained(shared_run: SharedRun, plain: Recommender, asked: list[dict[Any, Any]]) -> Explanations:
    with pytest.MonkeyPatch.context() as patch:
        ranker = LoadedRanker(RECORD, by_number(4))
        own = shared_run.result.checkpoint
        patch.setattr(module, "ranker_of", lambda run: ranker if run.checkpoint == own else None)
        write = Reasoner.write

        def spy(self: Any, pairs: Any, **given: Any) -> Any:
            asked.append(dict(given["first"]))
            return write(self, pairs, **given)

        patch.setattr(Reasoner, "write", spy)
        return curec.explain(shared_run.result, USERS, 6)


def test_lists_are_in_the_rankers_order_and_scores_stay(explained: Explanations, plain: Recommender) -> None:
    before = plain.for_users(USERS, 6)
    numbers = plain._items
    for user in USERS:
        old = before[before["user"] == user].set_index("item")
        found = [row for row in explained.rows if row["user"] == user]
        first = sorted(old.index[:4], key=lambda item: -numbers[item])
        assert [row["item"] for row in found] == [*first, *old.index[4:]]
        assert [row["rank"] for row in found] == [1, 2, 3, 4, 5, 6]
        for place, row in enumerate(found):
            assert row["score"] == pytest.approx(old["score"][row["item"]], abs=1e-5)
            if place < 4:
                moved = row["ranked_again"]
                assert (moved["before"], moved["after"]) == (old["rank"][row["item"]], place + 1)
                assert list(moved["contributions"]) == sorted(
                    moved["contributions"], key=lambda name: -moved["contributions"][name]
                )
            else:
                assert "ranked_again" not in row


def test_what_moved_an_item_comes_first_in_its_evidence(explained: Explanations, asked: list[dict[Any, Any]]) -> None:
    (first,) = asked
    up = [pair for pair, kinds in first.items() if kinds]
    assert up and {kind for kinds in first.values() for kind in kinds} == {"similar"}
    rows = {(row["user"], row["item"]): row for row in explained.rows}
    for pair in up:
        kinds = [fact["kind"] for fact in rows[pair]["evidence"]["facts"]]
        assert kinds[-1] == "popularity"
        assert kinds == sorted(kinds, key=lambda kind: (kind == "popularity", kind != "similar"))


def test_a_person_reads_it(explained: Explanations) -> None:
    text = str(explained)
    assert "     ranked    place " in text and "its number is high +" in text
    assert explained.lists is not None
    assert explained.lists.models[0].name == "CURec (SASRec), ranked again"
    assert explained.lists.models[0].test["ndcg@10"] == 0.25


def test_a_page_shows_it(explained: Explanations, tmp_path: Any) -> None:
    explained.to_html(tmp_path / "why.html")
    page = (tmp_path / "why.html").read_text()
    assert "its number is high +" in page and "Ranked again" in page


def test_without_a_ranker_nothing_is_said(shared_run: SharedRun) -> None:
    found = curec.explain(shared_run.result, USERS[:1], 2)
    assert "ranked_again" not in found.rows[0] and "     ranked" not in str(found)
