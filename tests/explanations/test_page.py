"""The page of explained lists: what it holds, that nothing in it is code, and how it behaves in a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from recbole_curec.data.statements import Statement
from recbole_curec.explanations.explained import ExplainedUser
from recbole_curec.explanations.page import page
from tests.browser import HOSTILE_IN_PAGES
from tests.explanations.explained_lists import item, lists, lists_of_reviews

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def test_the_data_are_all_there() -> None:
    (text,) = DATA.findall(page(lists()))
    data = json.loads(text)
    first, second = data["users"]
    assert [data["texts"][title] for title in first["history"]] == ["Heat", "The Godfather"]
    assert (second["taken"], len(second["history"]), data["texts"][second["history"][-1]]) == (60, 50, "Title 59")
    assert first["items"][0]["parts"] == [1.0, 2.5, -0.5, 1.5]
    assert first["items"][0]["ranks"] == [1, None]
    assert (
        data["texts"][second["items"][0]["checks"]] == "first draft: low reward; the teacher's sentence took its place"
    )
    assert [entry["cold"] for entry in second["items"]] == [True, True]
    assert data["models"][0]["test"] == {"Recall@10": 0.2, "NDCG@10": 0.1, "Recall@10, history left out": 0.3}
    assert data["models"][1]["test"] == {"Recall@10": 0.1, "NDCG@10": 0.05}  # a record from before it was measured
    assert first["others"] == [[[data["texts"].index("Alien"), 1], [data["texts"].index("Fargo"), None]],
                               [[data["texts"].index("Fargo"), None]]]  # fmt: skip


def test_statements_of_others_are_data_too() -> None:
    shown = lists()
    user = shown.users[0]
    told = replace(user.items[0].record.evidence, statements=(Statement(HOSTILE_IN_PAGES[0]),))
    one = replace(user.items[0], record=replace(user.items[0].record, evidence=told))
    made = page(replace(shown, users=[replace(user, items=[one])]))
    (statement,) = json.loads(DATA.findall(made)[0])["users"][0]["items"][0]["statements"]
    assert statement.startswith("another reviewer wrote \u201c") and HOSTILE_IN_PAGES[0] not in made


def test_two_hundred_users_fit_in_three_megabytes() -> None:
    reason = "You may like it because fans of a film with a long title nearly always take it, and more. " * 3
    users = [
        ExplainedUser(
            str(number),
            [f"A title of ordinary length {number} {place}" for place in range(50)],
            [
                item(
                    str(number),
                    rank,
                    f"Title {number} {rank}",
                    reason,
                    failure="f" * 120,
                    failure_kind="format",
                    outcome="left",
                )
                for rank in range(1, 11)
            ],
            lists().users[0].others,
        )
        for number in range(200)
    ]
    assert len(page(replace(lists(), users=users)).encode()) < 3_000_000


def test_in_a_browser_users_are_picked_and_filtered(opened: Any) -> None:
    found = opened(lists())
    assert found.inner_text("#status") == "1 of 2"
    assert found.locator("#history li").all_inner_texts() == ["The Godfather", "Heat"]
    assert found.locator(".item h3").all_inner_texts() == ["Alien", "Brazil"]
    assert found.locator(".item").first.locator(".tag").all_inner_texts() == [
        "text only: 1", "ids only: not in the first 100",
    ]  # fmt: skip
    assert found.locator(".plain").first.locator("li").all_inner_texts() == [
        "Alien (same place)",
        "Fargo (not in the list)",
    ]
    found.locator("summary").first.focus()
    found.keyboard.press("Enter")
    assert (
        'taken with "Alien" of the history by 1,200 other users: strong' in found.locator("details").first.inner_text()
    )
    assert "\u22120.50" in found.locator(".parts").first.inner_text()
    found.get_by_label("cold").check()
    assert found.inner_text("#status") == "1 of 1"
    assert found.input_value("#search") == "7"
    found.get_by_label("replaced").check()
    assert found.locator(".item h3").all_inner_texts() == ["Casino"]
    found.get_by_label("cold").uncheck()
    found.get_by_label("replaced").uncheck()
    found.fill("#search", "godfather")
    found.locator("#search").press("Enter")
    assert found.input_value("#search") == "196"
    found.click("#next")
    assert found.input_value("#search") == "7"
    for _ in range(20):
        found.click("#random")
        assert found.input_value("#search") in ("7", "196")
    dark = found.evaluate("document.documentElement.dataset.theme")
    found.click("#theme")
    assert found.evaluate("document.documentElement.dataset.theme") != dark
    found.select_option("#up", "Recall@10")
    assert "CURec (SASRec) Recall@10 0.2, Recall@10 0.2" in found.locator("#scatter svg").get_attribute("aria-label")
    assert found.faults == []
    assert len(found.asked) == 1


def test_reviews_stand_in_the_place_of_reasons() -> None:
    made = page(lists_of_reviews())
    data = json.loads(DATA.findall(made)[0])
    first, second = data["users"][0]["items"]
    assert data["reasons"] is False and "reason" not in first
    assert first["told"] == {"item": [[0], 8], "user": [[1], 1]}
    assert second["told"] == {"item": [[], 0], "user": [[], 0]}
    texts = data["texts"]
    assert data["reviews"] == [
        [texts.index("u9"), texts.index("i1"), 2.0, "2014-03-04", ["fair price"], ["cable broke"], ""],
        [texts.index("196"), texts.index("Fargo"), 5.0, None, [], [], "It came on a Tuesday ..."],
    ]
    assert 'id="faulty"' not in made and 'id="cold"' in made


def test_in_a_browser_reviews_are_read(opened: Any) -> None:
    found = opened(lists_of_reviews())
    found.locator("summary").first.click()
    told = [" ".join(line.split()) for line in found.locator("details").first.locator("dd li").all_inner_texts()]
    assert [line for line in told if "rated" in line or "earlier" in line] == [
        "by u9, rated 2, 2014-03-04: + \u201cfair price\u201d \u2212 \u201ccable broke\u201d",
        "and 7 earlier",
        "of Fargo, rated 5: \u201cIt came on a Tuesday ...\u201d",
    ]
    assert "reviews" in found.locator(".parts").first.inner_text()
    assert found.locator(".item .reason").count() == 0
    assert found.get_by_label("cold").count() == 1 and found.get_by_label("replaced").count() == 0
    found.locator("summary").nth(1).click()
    assert found.locator("details").nth(1).locator("dd").first.inner_text() == "none"
    assert found.faults == []
