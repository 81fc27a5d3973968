"""Spellings of prose made alike before it is read: marks of punctuation within quotes, and labels joined by hyphens."""

from __future__ import annotations

import re
from collections.abc import Callable

from recbole_curec.reasons.parsing import QUOTED

_MARKS = ",.;!?"
# Any word: asked for a hyphen, it would look for one from each letter of a word of 20,000.
_QUOTE_OR_COMPOUND = re.compile(r'"[^"]*"|\u201c[^\u201d]*\u201d|[^\W_]+(?:-[^\W_\d]+)*')
# What may be joined to a label, and the word that says how much: "a mystery-loving reader", "a comedy-heavy history".
_JOINED = {
    "loving": "mostly", "heavy": "mostly", "focused": "mostly", "oriented": "mostly", "leaning": "leaning",
    "style": "", "themed": "", "based": "",
}  # fmt: skip


def marks_outside(text: str, is_name: Callable[[str], bool]) -> str:
    """A text with a mark behind the quote that American spelling puts before it: '"Heat," a film' as '"Heat", a film'.

    Args:
        text: Prose with names of items in double quotes.
        is_name: Whether something is the name of an item, whose own marks stay: "Mr. Smith Goes to Washington!".
    """

    def moved(found: re.Match[str]) -> str:
        name = found[1].rstrip(_MARKS)
        return f'"{name}"{found[1][len(name) :]}' if not is_name(found[1]) and is_name(name) else found[0]

    return QUOTED.sub(moved, text)


def compounds_apart(text: str, is_label: Callable[[str], bool], is_listed: Callable[[str], bool]) -> str:
    """A text with hyphenated labels apart: 'a comedy-drama' as 'a comedy drama'.

    Args:
        text: Prose; what is quoted stays as it is.
        is_label: Whether a word is a label, or a form of one.
        is_listed: Whether a word has a meaning of its own with its hyphen.
    """

    def parted(found: re.Match[str]) -> str:
        word = found[0]
        parts = word.lower().split("-")
        if len(parts) == 1 or word[0] in '"\u201c' or is_listed(word.lower()) or is_label(word):
            return word
        labels = [is_label(part) for part in parts]
        joined = any(labels) and all(label or part in _JOINED for label, part in zip(labels, parts, strict=True))
        if not joined:
            return word
        how = [_JOINED[part] for part, label in zip(parts, labels, strict=True) if not label and _JOINED[part]]
        return " ".join([*how, *(part for part, label in zip(word.split("-"), labels, strict=True) if label)])

    return _QUOTE_OR_COMPOUND.sub(parted, text)
