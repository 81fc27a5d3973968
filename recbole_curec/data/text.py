"""Cleaning of untrusted item text before it reaches a prompt."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
# Double quotes delimit names, angle brackets and bars open chat-template and <think> tags: data may hold none of them.
_REPLACEMENTS = str.maketrans({'"': "'", "“": "'", "”": "'", "<": "(", ">": ")", "|": "/"})


def clean_text(text: str) -> str:
    """Make a piece of item text safe to quote: one line, no double quotes, no markup characters."""
    return _SPACE.sub(" ", _CONTROL.sub(" ", text.translate(_REPLACEMENTS))).strip()


def shorten(text: str, words: int) -> str:
    """The first ``words`` words of a text, without trailing punctuation left by the cut."""
    parts = text.split(" ")
    return text if len(parts) <= words else " ".join(parts[:words]).rstrip(" ,;:-(&/'")
