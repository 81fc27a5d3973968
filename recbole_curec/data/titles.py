"""Titles in reading order: lists of films sort by ``Godfather, The``, and people say ``The Godfather``."""

from __future__ import annotations

import re

# Articles that catalogues move behind a title, by language. Left out are single letters other than the English "A",
# such as the Italian "I" and the Portuguese "O": in titles they are more often another word, or a letter.
_ARTICLES = (
    "The|A|An"  # English
    "|Le|La|Les|L'|Un|Une"  # French
    "|Il|Lo|Gli|Uno|Una"  # Italian; "La", "Le", "L'" and "Un" as above
    "|Der|Die|Das|Ein|Eine"  # German
    "|El|Los|Las"  # Spanish; "La", "Un" and "Una" as above
    "|Os|As|Um|Uma"  # Portuguese
    "|De|Het|Een|Det|Den|En|Ett"  # Dutch, Danish, Norwegian, Swedish
)
_MOVED = re.compile(rf"(?P<title>.+), ?(?P<article>{_ARTICLES})")
# What stands behind a title in brackets: the same title in another language, or a year.
_BRACKETS = re.compile(r"(?: \([^()]*\))*$")
_BRACKET = re.compile(r"\(([^()]*)\)")


def in_reading_order(title: str) -> str:
    """The title with its article in front: ``Seven Samurai, The (Shichinin no samurai)`` begins with ``The``.

    Titles in brackets are put in order too. A list of single words, ``Me, Myself, A``, is left as it is: its last word
    is no article.

    Args:
        title: A whole title, not yet shortened.
    """
    start = next(_BRACKETS.finditer(title)).start()
    behind = _BRACKET.sub(lambda bracket: f"({_ordered(bracket[1])})", title[start:])
    return f"{_ordered(title[:start])}{behind}"


def _ordered(title: str) -> str:
    moved = _MOVED.fullmatch(title)
    if moved is None or _is_list(moved["title"]):
        return title
    space = "" if moved["article"].endswith("'") else " "
    return f"{moved['article']}{space}{moved['title']}"


def _is_list(title: str) -> bool:
    parts = title.split(",")
    return len(parts) > 1 and all(" " not in part.strip() for part in parts)
