"""The page of explained lists: what it holds, that nothing in it is code, and how it behaves in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.data.statements import Statement
from recbole_curec.explanations.explained import ExplainedLists, ExplainedUser
from recbole_curec.explanations.page import page
from recbole_curec.explanations.result import Explanations
from tests.browser import HOSTILE_IN_PAGES
from tests.explanations.explained_lists import item, lists

SCRIPTS = re.compile(r"<script>(.*?)</script>", re.DOTALL)
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def hostile_lists() -> ExplainedLists:
    """Every text that comes from data is hostile."""
    users = [
        ExplainedUser(
            text, [text], [item(text, 1, text, text, name=text, failure=text, failure_kind="format", outcome="left")]
        )
        for text in HOSTILE_IN_PAGES
    ]
    return replace(lists(), model=HOSTILE_IN_PAGES[0], dataset=HOSTILE_IN_PAGES[1], users=users)


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


def test_no_text_of_the_data_can_become_code() -> None:
    text = page(hostile_lists())
    assert len(SCRIPTS.findall(text)) == 1
    assert text.count("<script") == 2
    outside = DATA.sub("", SCRIPTS.sub("", text))
    for wrong in ("<img", "<svg", "onload=document", 'onerror="document'):
        assert wrong not in outside
    (data,) = DATA.findall(text)
    assert "<" not in data and ">" not in data
    assert "\u202e" not in text and "\x1b" not in text


def test_the_policy_allows_this_script_and_style_alone() -> None:
    text = page(hostile_lists())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none';")
    for kind in ("script", "style"):
        (inline,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text)


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


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Any:
    """``opened(lists)`` gives the page in a browser; faults and requests are collected on it."""

    def open_page(shown: ExplainedLists) -> Any:
        file = tmp_path / "why.html"
        Explanations(shown.rows(), [], shown).to_html(file)
        found = browser.new_context().new_page()
        found.faults, found.asked = [], []
        found.on("pageerror", lambda error: found.faults.append(str(error)))
        found.on("console", lambda message: found.faults.append(message.text))
        found.on("request", lambda request: found.asked.append(request.url))
        found.goto(file.as_uri())
        return found

    return open_page


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


def test_in_a_browser_hostile_texts_are_text(opened: Any) -> None:
    found = opened(hostile_lists())
    shown = []
    for _ in HOSTILE_IN_PAGES:
        shown.append(found.locator(".item .reason").inner_text())
        found.locator("summary").click()
        found.click("#next")
    assert shown[:3] == list(HOSTILE_IN_PAGES[:3])
    assert shown[5] == r"abc\u202edcba\u2066x\u2069"
    assert shown[6] == r"\x1b[31mred\x1b[0m\x07"
    assert shown[8] == "a" * 600 + "…"
    assert shown[9] == HOSTILE_IN_PAGES[9]
    assert "broken" not in found.title() or found.title().startswith("</script>")
    assert found.locator("img, svg[onload]").count() == 0
    assert found.faults == []
    assert len(found.asked) == 1
