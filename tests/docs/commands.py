"""The commands in a block of shell."""

from __future__ import annotations

import re
import shlex

_END = {"&&", "||", "|", ";"}


def commands(text: str) -> list[list[str]]:
    """The words of every command, without variables set before it and without comments.

    Args:
        text: Lines as for a shell; a backslash at the end continues a line.

    Raises:
        ValueError: A quotation mark is not closed.
    """
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words: list[str] = []
        for word in [*shlex.split(line, comments=True), ";"]:
            if word not in _END:
                words.append(word)
            elif words:
                found.append(words)
                words = []
    return [_without_variables(words) for words in found]


def _without_variables(words: list[str]) -> list[str]:
    first = next((place for place, word in enumerate(words) if not re.fullmatch(r"[A-Z_]+=.*", word)), len(words))
    return words[first:]
