"""The sentences that are taken: no two explained interactions get the same one."""

from __future__ import annotations

from recbole_curec.reasons.parsing import words_of


class Said:
    """Sentences that stand as reasons already; those that differ in case or punctuation alone are the same.

    Args:
        before: What is said already; this one adds nothing to it.
    """

    def __init__(self, before: Said | None = None) -> None:
        self._before = before
        self._said: set[str] = set()

    def add(self, text: str) -> bool:
        """Say a sentence; whether it is new."""
        is_new = text not in self
        self._said.add(_words(text))
        return is_new

    def __contains__(self, text: object) -> bool:
        """Whether a sentence is said."""
        return self._has(_words(str(text)))

    def _has(self, words: str) -> bool:
        return words in self._said or (self._before is not None and self._before._has(words))


def _words(text: str) -> str:
    return " ".join(words_of(text)).lower()
