"""The page of a sheet: hostile texts are text, and in a browser it is answered, saved and read back."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.api.annotating import AnnotationKit, make_annotation, read_annotation
from recbole_curec.evaluation.annotation.key import Key
from recbole_curec.evaluation.annotation.page import page_text
from recbole_curec.evaluation.annotation.sheet import Question, Sheet

HOSTILE = (
    "</script><script>document.title='broken'</script>",
    "<img src=x onerror=\"document.title='broken'\">",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; ' \" `${1}`",
)


def page(*texts: str) -> str:
    return page_text(Sheet("sheet-1", [Question("q1", texts[0], texts[1], (texts[2], "other"))], ["personal"]))


def test_texts_of_others_stay_text() -> None:
    text = page(*HOSTILE)
    assert "<img" not in text and text.count("<script>") == 1 and "49" not in text
    for hostile in HOSTILE:
        assert hostile in unescape(text)


def test_the_policy_lets_only_its_own_script_and_style_run() -> None:
    text = page(*HOSTILE)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        (inline,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.findall(
        r"(?:src|href|action)=|https?:|@import|url\(", re.sub(r"<(p|h2|blockquote).*?</\1>", "", text)
    )


def hostile_kit(folder: Path) -> AnnotationKit:
    ids = {"user": ["u1", "u2", "u3"], "item": ["i1", "i2", "i3"]}
    first = pd.DataFrame({**ids, "text": list(HOSTILE)})
    second = pd.DataFrame({**ids, "text": ["one", "two", "three"]})
    return make_annotation({"hostile": first, "plain": second}, folder, annotators=1, checks=0, scales=["faithful"])


def test_in_a_browser_a_sheet_is_answered_saved_and_read_back(browser: Any, tmp_path: Path) -> None:
    kit = hostile_kit(tmp_path / "study")
    (sheet,) = kit.study.sheets
    key = Key.read(tmp_path / "study" / "key.json").sheets[sheet.name]
    file = tmp_path / "study" / "sheets" / f"{sheet.name}.html"
    context = browser.new_context(accept_downloads=True)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text))
    opened.goto(file.as_uri())
    assert opened.title() == "Which explanation is better?"
    for number, question in enumerate(sheet.questions[:2]):
        assert opened.locator(".question:visible").get_attribute("data-question") == question.name
        assert opened.locator(".question:visible blockquote").all_inner_texts() == list(question.texts)
        side = key.questions[question.name].first_on
        opened.keyboard.press("a" if side == "A" else "b")
        for place, rating in ((side, "5"), ("B" if side == "A" else "A", "2")):
            opened.locator(f"[data-question={question.name}] [data-answer='faithful {place}'] input").first.focus()
            opened.keyboard.press(rating)
        assert opened.inner_text("#status") == f"Question {number + 1} of 3; {number + 1} answered in full"
        opened.keyboard.press("n")
    opened.reload()  # what was answered is kept
    assert opened.inner_text("#status") == "Question 3 of 3; 2 answered in full"
    opened.get_by_label("Neither is better").locator("visible=true").check()
    with opened.expect_download() as download:
        opened.click("#save")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert opened.title() == "Which explanation is better?" and faults == []
    assert set(asked) == {file.as_uri()}
    report = read_annotation(tmp_path / "study" / "key.json", [saved])
    (filled,) = report.result.filled
    assert filled.missing == 2
    found = report.result.everyone
    assert (found.by_pair.wins, found.by_pair.losses, found.by_pair.ties) == (2, 0, 1)
    first, second = found.scales["faithful"].sets
    assert first is not None and second is not None and (first.mean, second.mean) == (5.0, 2.0)
