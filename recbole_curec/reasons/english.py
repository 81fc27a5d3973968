"""Check whether prose is English, the language of the prompts and of the teachers' sentences.

Statistical language identification is unreliable for a single sentence full of names. This check is simpler: the prose
must contain enough English words that no other language shares. Callers remove names and attribute labels first, since
a Spanish title quoted in an English reason is no fault.
"""

from __future__ import annotations

import unicodedata

from recbole_curec.reasons.parsing import words_of

# Frequent English words. Left out are those that are also frequent in another language in Latin script, "in", "is",
# "a", "for", "was", "film" among them, so that no other language is taken for English.
_ENGLISH_WORDS = (
    # articles, pronouns, demonstratives
    "the you your yours yourself it its it's you've you'll you're you'd they their them we our she her his him this "
    "that that's these those there here who whose which what someone anyone everyone something anything everything "
    # prepositions and conjunctions
    "and of with from into through about after before between than because since while when where if and both either "
    "without within among against across during until though although whether just like unlike "
    # auxiliaries
    "are were been being have has had does did will would should could can may might must cannot don't doesn't isn't "
    # adverbs and quantities
    "not often always nearly sometimes never very much many more most also too again already still even quite rather "
    "only another other others any some few little each every such same well both way ways one two "
    # what recommendations talk about
    "try take takes took taken choose chose choosing keep keeps goes match matches matching suits fans known lesser "
    "enjoy enjoyed enjoys enjoying love loved loves loving liked likes watch watched watching read reading bought "
    "appreciate appreciates appreciated favourite favorite favour great good perfect close fair loose strong enough "
    "history past recent previous previously story stories movie movies book books product products item items user "
    "pick please taste tastes interest interests choice need needs want looking find make makes made give gives "
    "offer offers offering provide provides providing value high-quality quality unique new experience look feel fun "
    "easy-to-use use using used help helps skin hair shows show based given adds add fits fit similar"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
# Frequent English words that other languages have as well: no proof of English, but long English prose contains them.
_SHARED_WORDS = "a all am an as at be by do for he i in is me my no on or over so to up was"
_SHARED = frozenset(_SHARED_WORDS.split())
# Below this share of the words, the prose is not English.
_LEAST_SHARE = 0.12
# This many words in a row without a listed one are taken for a sentence in another language within the reason.
_LONGEST_GAP = 14
_FEWEST_WORDS = 3


def is_english(prose: str) -> bool:
    """Whether prose without its names is English; fewer than three words count as English."""
    if sum(char.isalpha() and not _is_latin(char) for char in prose) > 1:  # one may be a symbol, as in "the pi chart"
        return False
    words = [word.lower().replace("\u2019", "'") for word in words_of(prose)]
    if len(words) < _FEWEST_WORDS:
        return True
    known = sum(word in _ENGLISH for word in words)
    return known >= _LEAST_SHARE * len(words) and _longest_gap(words) < _LONGEST_GAP


def _is_latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith("LATIN")


def _longest_gap(words: list[str]) -> int:
    longest = gap = 0
    for word in words:
        gap = 0 if word in _ENGLISH or word in _SHARED else gap + 1
        longest = max(longest, gap)
    return longest
