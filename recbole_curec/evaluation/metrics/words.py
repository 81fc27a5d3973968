"""Words of an explanation as the metrics of variety and features count them."""

from __future__ import annotations

from recbole_curec.reasons.parsing import words_of


def lower_words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without punctuation, in order."""
    return tuple(word.lower() for word in words_of(text))
