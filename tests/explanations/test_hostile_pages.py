"""Texts of strangers on the pages of explanations: nothing of them is code, whatever they hold."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recbole_curec.explanations.explained import ExplainedLists, ExplainedUser
from recbole_curec.explanations.explained_ratings import ExplainedRatings, RatedItem, RatedUser
from recbole_curec.explanations.page import page
from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.explanations.rating_page import rating_page
from recbole_curec.explanations.ratings import RatedPair
from tests.browser import HOSTILE_IN_PAGES
from tests.explanations.explained_lists import item, lists, lists_of_reviews, told
from tests.explanations.rated import ratings, statement

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


def hostile_reviews() -> ExplainedLists:
    """Lists of a run without reasons, with hostile reviews, some quoted and some not."""
    users, sources = [], {"ids": 1.0, "text": 2.5, "reviews": -0.5, "base": 1.5}
    for text in HOSTILE_IN_PAGES:
        said = QuotedReview(text, text, 1.0, (text,), (text,), text, "2014-03-04")
        silent = QuotedReview(f"{text} too", text, 1.0, (), (), text)
        one = replace(item(text, 1, text, text, sources=sources), record=None, reviews=told(said, by=(silent,)))
        users.append(ExplainedUser(text, [text], [one]))
    titles = {text: text for text in HOSTILE_IN_PAGES}
    plain = lists_of_reviews()
    return replace(plain, model=HOSTILE_IN_PAGES[0], dataset=HOSTILE_IN_PAGES[1], users=users, titles=titles)


def hostile_ratings() -> ExplainedRatings:
    """Predicted ratings with hostile ids, titles and reviews, some quoted and some not."""
    users = []
    for text in HOSTILE_IN_PAGES:
        said = statement("user", text, text, 1.0, 0.5, praise=(text,), blame=(text,), date="2014-03-04")
        silent = statement("item", f"{text} too", text, 1.0, -0.5, beginning=text)
        pair = RatedPair(text, text, 3.0, 3.0, 0.0, 0.0, 0.0, (said, silent))
        users.append(RatedUser(text, [RatedItem(text, 1.0)], [pair]))
    titles = {text: text for text in HOSTILE_IN_PAGES}
    return ExplainedRatings(HOSTILE_IN_PAGES[1], HOSTILE_IN_PAGES[0], titles, users, ratings().models)


Shown = ExplainedLists | ExplainedRatings
HOSTILE: dict[str, Callable[[], Shown]] = {
    "lists": hostile_lists, "lists of reviews": hostile_reviews, "ratings": hostile_ratings,
}  # fmt: skip
every_page = pytest.mark.parametrize("kind", HOSTILE)


def made(shown: Shown) -> str:
    return page(shown) if isinstance(shown, ExplainedLists) else rating_page(shown)


@every_page
def test_no_text_of_the_data_can_become_code(kind: str) -> None:
    text = made(HOSTILE[kind]())
    assert len(SCRIPTS.findall(text)) == 1
    assert text.count("<script") == 2
    outside = DATA.sub("", SCRIPTS.sub("", text))
    for wrong in ("<img", "<svg", "onload=document", 'onerror="document'):
        assert wrong not in outside
    (data,) = DATA.findall(text)
    assert "<" not in data and ">" not in data
    assert "\u202e" not in text and "\x1b" not in text


@every_page
def test_the_policy_allows_this_script_and_style_alone(kind: str) -> None:
    text = made(HOSTILE[kind]())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none';")
    for tag in ("script", "style"):
        (inline,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text)


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
    nothing_ran(found)


@pytest.mark.parametrize("kind", ["lists of reviews", "ratings"])
def test_in_a_browser_hostile_reviews_are_text(opened: Any, kind: str) -> None:
    found = opened(HOSTILE[kind]())
    shown, ids = [], []
    for _ in HOSTILE_IN_PAGES:
        ids.append(found.input_value("#search"))
        found.locator("summary").click()
        shown.append(found.locator(".quote bdi").all_inner_texts())
        assert found.locator("#history li").count() == 1
        found.click("#next")
    # Praise, blame and beginning.
    assert [len(texts) for texts in shown] == [3] * len(HOSTILE_IN_PAGES)
    for place in (0, 1, 2, 3, 9):
        assert set(shown[place]) == {f"\u201c{HOSTILE_IN_PAGES[place]}\u201d"}
    assert set(shown[5]) == {"\u201c" + r"abc\u202edcba\u2066x\u2069" + "\u201d"}
    assert set(shown[8]) == {"\u201c" + "a" * 160 + "…\u201d"}
    assert ids[:4] == list(HOSTILE_IN_PAGES[:4])
    nothing_ran(found)


def nothing_ran(found: Any) -> None:
    """No text changed the title, became an element, raised an error or asked for a file."""
    assert "broken" not in found.title() or found.title().startswith("</script>")
    assert found.locator("img, svg[onload]").count() == 0
    assert found.faults == []
    assert len(found.asked) == 1
