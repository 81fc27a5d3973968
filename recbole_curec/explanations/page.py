"""The page of explained lists: one HTML file that needs no network, whose data no browser can take for code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from recbole_curec.explanations.explained import ExplainedItem, ExplainedLists, ExplainedUser
from recbole_curec.explanations.facts_text import correction_words, fact_words
from recbole_curec.terminal import printable
from recbole_curec.version import __version__

_TEMPLATES = Path(__file__).parent / "templates"
# Characters of an id, a title or a reason that are shown.
_LONGEST = 600
# Items of a history that are shown: the latest.
_HISTORY = 50
_DIGITS = 3


def page(lists: ExplainedLists) -> str:
    """The page as HTML.

    Users, items and reasons are data in it (JSON), which its script shows as text. Its security policy allows this
    script and style alone, by their hashes, and no connection.

    Args:
        lists: What is shown.
    """
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    script, style = (_file(name) for name in ("page.js", "page.css"))
    return templates.get_template("page.html.j2").render(
        title=_shown(f"{lists.model} on {lists.dataset}"),
        n_users=len(lists.users),
        version=__version__,
        # Both files are part of this package, and escaping would break them.
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        script_hash=_policy_hash(script),
        style_hash=_policy_hash(style),
        data=_data(lists),
    )


def _file(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()


def _policy_hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(lists: ExplainedLists) -> dict[str, Any]:
    """What the script shows; titles stand once, in a table that everything refers to."""
    titles = _Titles()
    users = [_user(user, lists.sources, titles) for user in lists.users]
    return {
        "model": _shown(lists.model),
        "sources": list(lists.sources),
        "others": list(dict.fromkeys(role for user in lists.users for role in user.others)),
        "models": [
            {
                "name": _shown(model.name),
                "role": model.role,
                "explained": model.explained,
                "test": {metric: round(value, 4) for metric, value in model.test.items()},
            }
            for model in lists.models
        ],
        "users": users,
        "titles": titles.texts,
    }


class _Titles:
    """Numbers texts, so that each is written once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        shown = _shown(text)
        if shown not in self._numbers:
            self._numbers[shown] = len(self.texts)
            self.texts.append(shown)
        return self._numbers[shown]


def _user(user: ExplainedUser, sources: Sequence[str], titles: _Titles) -> dict[str, Any]:
    ranks = {one.item: one.rank for one in user.items}
    return {
        "id": _shown(user.user),
        "history": [titles.number(title) for title in user.history[-_HISTORY:]],
        "taken": len(user.history),
        "items": [_item(one, sources, titles) for one in user.items],
        "others": {
            role: [[titles.number(one.title), ranks.get(one.item)] for one in listed]
            for role, listed in user.others.items()
        },
    }


def _item(one: ExplainedItem, sources: Sequence[str], titles: _Titles) -> dict[str, Any]:
    record = one.record
    return {
        "id": _shown(one.item),
        "title": titles.number(one.title),
        "rank": one.rank,
        "score": None if one.score is None else round(one.score, _DIGITS),
        "parts": [round(one.sources[name], _DIGITS) for name in sources],
        "base": round(one.sources.get("base", 0.0), _DIGITS),
        "ranks": one.elsewhere,
        "depth": one.depth,
        "cold": one.is_cold,
        "reason": _shown(record.text),
        "facts": [[_shown(fact_words(fact)), fact.level] for fact in record.evidence.facts],
        "outcome": record.outcome,
        "checks": _shown(correction_words(record)),
        "fault": None if record.failure is None else _shown(record.failure),
        "draft": None if record.failure is None else _shown(record.draft),
        "rewards": {name: round(value, _DIGITS) for name, value in record.rewards.items()},
    }


def _shown(text: str) -> str:
    """Untrusted text in one line of limited length, with control and direction characters escaped."""
    line = " ".join(printable(text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
