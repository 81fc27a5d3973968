"""How a review uses its words: which stand where a noun does, and which are written like names.

There is no tagger: a word is used as a noun where a determiner stands before it, alone or with one word between, and
the noun phrase ends behind it, as in "a great strap." and "this wah pedal is". English only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from recbole_curec.data.words import WITHIN, WORD, is_content, plain

_DETERMINERS = frozenset((
    "a", "an", "the", "this", "these", "those", "that", "my", "your", "his", "her", "its", "our", "their", "another",
))  # fmt: skip
# What nouns without a determiner stand behind: "for feedback", "without distortion".
_BEFORE_MASS_NOUNS = frozenset((
    "of", "for", "with", "from", "without", "by", "any", "some", "no", "each", "every", "in", "on",
))  # fmt: skip
# Words after which a noun phrase is over. Not "of": what stands before it is often an amount, "a variety of picks".
_AFTER_NOUNS = frozenset((
    "is", "are", "was", "were", "has", "have", "had", "for", "with", "in", "on", "and", "or", "to", "at", "from",
    "that", "which", "as", "than", "but", "by", "it", "i", "you", "they", "so", "because", "does", "do", "can", "will",
    "would", "when", "if",
))  # fmt: skip


class WordUse(NamedTuple):
    """One use of a word, or of two in a row, in a review.

    Attributes:
        words: The words in singular and lower case.
        form: As it is written; empty where its capital may only be that of a sentence.
        is_noun: Whether it stands where a noun does, behind a determiner.
        is_mass_noun: Whether it stands where a noun without a determiner does.
        is_name: Whether it is written with a capital or digits within a sentence.
    """

    words: tuple[str, ...]
    form: str
    is_noun: bool = False
    is_mass_noun: bool = False
    is_name: bool = False


def word_uses(text: str) -> list[WordUse]:
    """Every use of a word that says something of its own, and of two such words in a row within a clause."""
    found = []
    for clause in _clauses(text):
        lower = [plain(word) for word in clause]
        single = [singular(word) if is_content(word) else "" for word in lower]
        for place, word in enumerate(single):
            if not word:
                continue
            last = single[place - 1] if place else ""
            ends = place + 1 == len(clause) or lower[place + 1] in _AFTER_NOUNS
            before = lower[max(place - 2 if last else place - 1, 0) : place]
            found.append(
                WordUse(
                    (word,),
                    clause[place] if place else "",
                    ends and not _DETERMINERS.isdisjoint(before),
                    ends and not _BEFORE_MASS_NOUNS.isdisjoint(before[-1:]),
                    place > 0 and not clause[place].islower(),
                )
            )
            if last and last != word:
                found.append(WordUse((last, word), " ".join(clause[place - 1 : place + 1]) if place > 1 else ""))
    return found


@lru_cache(maxsize=1 << 16)
def singular(word: str) -> str:
    """A plain English word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _clauses(text: str) -> list[list[str]]:
    """The words of every clause; any mark but a space or a hyphen ends one."""
    clauses: list[list[str]] = []
    end: int | None = None
    for word in WORD.finditer(text):
        if end is None or not WITHIN.fullmatch(text[end : word.start()]):
            clauses.append([])
        clauses[-1].append(word[0])
        end = word.end()
    return clauses
