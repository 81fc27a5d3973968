"""The sentences that are taken: no two explained interactions get the same one."""

from __future__ import annotations

from recbole_curec.reasons.words import wording


class Said:
    """Sentences that stand as reasons already; those of one wording are the same.

    Args:
        before: What is said already; this one adds nothing to it.
    """

    def __init__(self, before: Said | None = None) -> None:
        self._before = before
        self._said: set[tuple[str, ...] | str] = set()

    def add(self, text: str) -> bool:
        """Say a sentence; whether it is new."""
        is_new = text not in self
        self._said.add(wording(text))
        return is_new

    def __contains__(self, text: object) -> bool:
        """Whether a sentence is said."""
        return self._has(wording(str(text)))

    def _has(self, words: tuple[str, ...] | str) -> bool:
        return words in self._said or (self._before is not None and self._before._has(words))
