"""The pages of explanations in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.explanations.explained import ExplainedLists
from recbole_curec.explanations.explained_ratings import ExplainedRatings
from recbole_curec.explanations.result import Explanations


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Any:
    """``opened(shown)`` gives the page in a browser; faults and requests are collected on it."""

    def open_page(shown: ExplainedLists | ExplainedRatings) -> Any:
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
