"""The page of predicted ratings: what it holds, how big it is, and how it behaves in a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from recbole_curec.explanations.explained_ratings import ExplainedRatings, RatedUser
from recbole_curec.explanations.rating_page import rating_page
from recbole_curec.explanations.ratings import RatedPair
from tests.explanations.rated import PAIR, TITLES, ratings, statement

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def data_of(shown: ExplainedRatings) -> dict[str, Any]:
    (text,) = DATA.findall(rating_page(shown))
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_data_are_all_there() -> None:
    data = data_of(ratings())
    first, second = data["users"]
    texts, reviews = data["texts"], data["reviews"]
    assert [texts[title] for title in first["history"]] == ["Flute", "i4"]
    assert first["given"] == [5.0, 3.7]
    assert (second["taken"], len(second["history"]), texts[second["history"][-1]]) == (60, 50, "i64")
    (one,) = first["items"]
    assert (one["rating"], one["mean"], one["parts"]) == (4.321, 4.1, [0.2, -0.05, 0.071])
    assert one["rests"] == [[0, 0, 0.21], [1, 1, -0.08], [2, 1, 0.001]]
    assert reviews[0] == [texts.index("u1"), texts.index("Flute"), 5.0, None, ["great tone"], [], ""]
    assert reviews[1] == [texts.index("u9"), texts.index("Strap"), 2.0, None, [], ["cable broke", "thin strap"], ""]
    assert (one["moved"], one["more"], one["reason"]) == (True, 0, PAIR.reason(TITLES))
    assert "true" not in one and "cut" not in one
    cut, low = second["items"]
    assert (cut["cut"], cut["true"], cut["split"], cut["moved"]) == (5.2, 3.5, "test", False)
    assert (low["true"], low["split"], "cut" in low) == (3.0, "validation", False)
    assert data["models"][0]["test"] == {"rmse": 1.0, "mae": 0.8}


def test_those_that_change_it_most_are_shown_and_the_others_counted() -> None:
    many = tuple(statement("item", f"u{place}", "i1", 3.0, 1 - place / 10) for place in range(9))
    shown = replace(ratings(), users=[RatedUser("u1", [], [replace(PAIR, statements=many)])])
    (one,) = data_of(shown)["users"][0]["items"]
    assert [change for _, _, change in one["rests"]] == pytest.approx([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
    assert one["more"] == 3


def test_a_review_stands_once_however_many_ratings_rest_on_it() -> None:
    shown = replace(ratings(), users=[RatedUser(f"u{number}", [], [PAIR] * 10) for number in range(20)])
    assert len(data_of(shown)["reviews"]) == 3


def test_without_a_known_rating_nothing_can_be_off() -> None:
    shown = ratings()
    assert 'id="wrong"' in rating_page(shown)
    assert 'id="wrong"' not in rating_page(replace(shown, users=shown.users[:1]))


def test_two_hundred_users_fit_in_three_megabytes() -> None:
    """No two ratings share an item, so every review of an item stands there for one rating alone."""
    users = []
    for user in range(200):
        pairs = []
        for place in range(10):
            item = f"item{user}x{place}"
            told = [
                statement(
                    "item" if number % 2 else "user", f"user{number}y{user}", item if number % 2 else f"past{number}",
                    4.0, 0.5 - number / 100, date="2014-03-04",
                    praise=(f"love the sturdy case of it {number} {item}", "thumbs up for the great bargain it is"),
                )
                for number in range(20)
            ]  # fmt: skip
            pairs.append(RatedPair(f"user{user}", item, 4.321, 4.1, 0.2, -0.05, 0.071, tuple(told)))
        users.append(RatedUser(f"user{user}", [], pairs))
    titles = {pair.item: f"A title of ordinary length {pair.item}" for user in users for pair in user.pairs}
    assert len(rating_page(replace(ratings(), users=users, titles=titles)).encode()) < 3_000_000


def test_in_a_browser_ratings_are_picked_and_filtered(opened: Any) -> None:
    found = opened(ratings())
    assert found.title() == "RecCoT (reviews) on toy: which ratings are predicted, and why"
    assert found.inner_text("#status") == "1 of 2"
    assert found.locator("#history li").all_inner_texts() == ["i4, rated 3.7", "Flute, rated 5"]
    assert found.inner_text("#history-note") == "2 rated, latest first"
    assert found.locator(".item h3").all_inner_texts() == ["Strap"]
    assert found.locator(".score").all_inner_texts() == ["predicted 4.32"]
    assert found.locator(".item .reason").inner_text() == PAIR.reason(TITLES)
    found.locator("summary").first.focus()
    found.keyboard.press("Enter")
    parts = found.locator(".parts").inner_text().split("\n")
    assert [text for text in parts if text.strip()] == [
        "this user", "+0.20", "this item", "\u22120.05", "ids and past reviews", "+0.07", "mean of all", "4.10",
    ]  # fmt: skip
    told = [" ".join(line.split()) for line in found.locator(".rests > li").all_inner_texts()]
    assert told == [
        "+0.210 the user's review of Flute, rated 5: + \u201cgreat tone\u201d",
        "\u22120.080 a review of the item by u9, rated 2: \u2212 \u201ccable broke\u201d \u2212 \u201cthin strap\u201d",
        "+0.001 a review of the item by u8, rated 4: no text",
    ]
    widths = [float(bar.get_attribute("width")) for bar in found.locator(".rests svg rect:first-child").all()]
    assert widths == pytest.approx([50, 50 * 0.08 / 0.21, 50 * 0.001 / 0.21])
    found.get_by_label("below the mean").check()
    assert (found.inner_text("#status"), found.input_value("#search")) == ("1 of 1", "u2")
    assert found.locator(".item h3").all_inner_texts() == ["i3"]
    assert found.locator(".tag").all_inner_texts() == ["rated 3 (validation split)", "0.20 too high"]
    assert "2014-03-04" in found.locator("details").first.text_content()
    found.get_by_label("below the mean").uncheck()
    found.get_by_label("resting on no review").check()
    found.get_by_label("off by 1 or more").check()
    assert found.locator(".item h3").all_inner_texts() == ["Flute"]
    assert found.locator(".tag.off").all_inner_texts() == ["1.50 too high"]
    found.locator("summary").first.click()
    assert "The sum is 5.20, cut to the scale." in found.locator("details").first.inner_text()
    assert "no past review is read for it" in found.locator("details").first.inner_text()
    found.get_by_label("resting on no review").uncheck()
    found.get_by_label("off by 1 or more").uncheck()
    found.fill("#search", "flute")
    found.locator("#search").press("Enter")
    assert found.input_value("#search") == "u1"
    found.click("#next")
    assert found.input_value("#search") == "u2"
    for _ in range(20):
        found.click("#random")
        assert found.input_value("#search") in ("u1", "u2")
    dark = found.evaluate("document.documentElement.dataset.theme")
    found.click("#theme")
    assert found.evaluate("document.documentElement.dataset.theme") != dark
    assert "RecCoT (ids) rmse 1.1, mae 0.9" in found.locator("#scatter svg").get_attribute("aria-label")
    assert found.faults == []
    assert len(found.asked) == 1


def test_in_a_browser_it_prints_opened_and_a_user_without_ratings_says_so(opened: Any) -> None:
    found = opened(replace(ratings(), users=[*ratings().users, RatedUser("u3", [], [])]))
    found.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert found.evaluate("[...document.querySelectorAll('details')].every((one) => one.open)")
    found.fill("#search", "u3")
    found.locator("#search").press("Enter")
    assert found.inner_text("#status") == "3 of 3"
    assert "this user has rated every item" in found.inner_text("#lists")
    assert found.faults == []
