"""A headless browser, for the tests of pages; they are skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

# Texts that would be more than text in a page that did not escape them.
HOSTILE_IN_PAGES = (
    "</script><script>document.title='broken'</script>",
    "<img src=x onerror=\"document.title='broken'\">",
    "\"><svg onload=document.title='broken'>",
    "javascript:document.title='broken'",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; ' \" `${1}` <!-- ]]>",
    "abc\u202edcba\u2066x\u2069",
    "\x1b[31mred\x1b[0m\x07",
    "line one\nline two\ttabbed\u2028end",
    "a" * 10_000,
    "{name} {count} $& $1",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()
