"""Clauses that are no English, such as "it often choose Drama": what a small model writes when it mixes wordings.

Only what no sentence can say is looked for, so that prose of any writer passes; what a clause claims is read elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import word_set

_ADVERBS = word_set(
    "also too just so very quite rather really widely still only even most mostly"
) | lexicon.FREQUENCY.keys() - word_set(
    "most all every everyone everybody keep keeps kept love loves adore adores prefer prefers lean leans tend tends "
    "many lots lot some few little bit"
)
_BEING = word_set("is was are were be been")
# Forms that "it" is no subject of, and participles that need "is" after it.
_PLURAL_VERBS = word_set("choose take pick go watch share enjoy select prefer")
_SINGULAR_VERBS = word_set("goes shares chooses takes picks")
_PARTICIPLES = word_set("picked chosen paired")
_ALONGSIDE = word_set("together together_with with alongside along_with")
_SHARING = word_set("share shares shared")
# What stands between "shares" and what is shared.
_AMOUNTS = word_set("many most some all much a_few few several nearly_all of its the their")
_NOT_SHARED = word_set("it may might can often people known goes choose chooses take takes pick picks")
_RELATIVES = word_set("that which who what how where when whose because")
_SOME = word_set("some many most a_few")
_EXPLAINING = word_set("what why how reason reasons")
_NOUNS = word_set("pick find choice gem option selection")
_AFTER_ARTICLE = word_set("of with to for because and or is it like some many")
# Words before what cannot follow them.
_PREPOSITIONS = word_set("with together_with of")
_AFTER_PREPOSITION = word_set("be is go goes often sometimes lesser_known match")
# What may be worth a try, or be given one, is none.
_NO_TRY = word_set("is are with together_with of to")
_UNKNOWN = word_set("lesser_known popular very_popular")
# Where an article would stand before "lesser known pick".
_BEFORE_ARTICLE = _BEING | _PREPOSITIONS | {"to"}
# Subjects without what is said of them.
_SUBJECTS = (["it", "is"], ["it", "too"], ["it", "often"], ["it"])
# No verb in its plain form follows these without "to": "you lean choose", "you may be choose".
_WITHOUT_TO = word_set("choose take pick go watch like enjoy share may might can be is")
_BEFORE_NO_VERB = {
    **dict.fromkeys(("lean", "leans", "tend", "tends"), _WITHOUT_TO),
    **dict.fromkeys(("be", "is", "are", "was"), word_set("choose take share")),
}
_MODALS = word_set("may might could would should will")
_TAKING_IT = word_set("choose take pick")
_PURPOSE = word_set("to and if before after")
_NEVER_TOGETHER = (("to", "with"), ("goes", "of"), ("match", "be"))
_MARKS = frozenset(",;:")


def is_garbled(clause: Clause, before: Clause | None) -> bool:
    """Whether a clause cannot be English.

    Args:
        clause: The clause.
        before: The clause before it.
    """
    words = clause.words
    joined = clause.joined.split()
    marks = sum(mark in _MARKS for mark in joined)
    repeated = before is not None and len(words) == 1 and words == before.words and bool(words[0])
    return (
        marks > 1
        or joined[:2] == [":", "and"]
        or repeated
        or (words in _SUBJECTS and "as" not in joined)
        or any(_cannot_follow(word, after) for word, after in pairwise(words))
        or _has_verb_after_verb(words)
        or _stands_alone(clause, before)
        or _misplaces_fans(clause)
        or _is_a_try(words)
        or _ends_open(clause)
        or _has_wrong_verb(words)
        or _runs_on(words)
        or _shares_nothing(words)
        or _has_two_verbs(words)
        or _lacks_article(clause, before)
    )


def _cannot_follow(word: str, after: str) -> bool:
    if word in ("a", "an"):
        return after in _AFTER_ARTICLE
    if word in _PREPOSITIONS:
        return after in _AFTER_PREPOSITION
    if (word, after) in _NEVER_TOGETHER:
        return True
    return word in _UNKNOWN and after in ("choose", "go")


def _has_verb_after_verb(words: Sequence[str]) -> bool:
    """'you lean choose ...', 'you tend may like ...', 'it may like ...', 'you pick Drama quite often choose it'."""
    if not _EXPLAINING.isdisjoint(words):
        return False
    if any(after in _BEFORE_NO_VERB.get(word, ()) for word, after in pairwise(words)):
        return True
    if words[:1] == ["it"] and words[1:2] and words[1] in _MODALS and words[2:3] == ["like"]:
        return True
    if words[:1] != ["you"] or not _RELATIVES.isdisjoint(words) or not _PURPOSE.isdisjoint(words):
        return False
    rest = _after_adverbs(words[1:])[1]
    taken = bool(rest) and rest[0] in lexicon.TAKING
    return taken and any(verb in _TAKING_IT and it == "it" for verb, it in pairwise(rest[1:]))


def _stands_alone(clause: Clause, before: Clause | None) -> bool:
    """'..., a try', '... and again', 'because besides', 'because many fans of Drama', '"A" suits you: "A": it is'."""
    words, joined = clause.words, clause.joined.split()[-1:]
    if words == ["a", "try"]:
        return True
    if before is None:
        return False
    if words == [""] and joined == [":"]:
        return not set(clause.names).isdisjoint(before.names)
    if words == ["again"]:
        return clause.joined == "and" and before.words[-1:] != ["again"]
    alone = words == ["besides"] or (words[-3:] == ["fans", "of", ""] and (len(words) == 3 or words[0] in _SOME))
    return alone and joined == ["because"]


def _misplaces_fans(clause: Clause) -> bool:
    """'many of "A" go for it' and 'some "A"', where fans of "A" are meant; 'their fans of "A"'."""
    words, kinds = clause.words, [token.kind for token in clause.tokens]
    place = 2 if words[1:2] == ["of"] else 1
    if words[:1] and words[0] in _SOME and kinds[place : place + 1] == ["name"]:
        after = words[place + 1 : place + 2]
        return after in (["go"], ["choose"], ["take"], ["pick"]) or (place == 1 and not after)
    triples = (words[start : start + 3] for start in range(len(words)))
    return any(triple in (["its", "fans", "of"], ["their", "fans", "of"]) for triple in triples)


def _is_a_try(words: Sequence[str]) -> bool:
    """'it is a try', 'it worth a fair match', 'worth a lesser known find': only "worth a try" would be English."""
    if words[:2] == ["it", "worth"]:
        return True
    for place, pair in enumerate(pairwise(words)):
        if pair == ("worth", "a"):
            worth = words[place + 2 : place + 4]
            return (worth[:1] != [] and worth[0] in lexicon.POPULARITY) or worth[1:] == ["match"]
    place = next((place for place, pair in enumerate(pairwise(words)) if pair == ("a", "try")), 0)
    return place > 0 and words[place - 1] in _NO_TRY


def _ends_open(clause: Clause) -> bool:
    """'it is a very popular', 'which you chose "A"', 'so it may be "A"'."""
    words = clause.words
    if words[-1:] == ["a"] or words[-1:] == ["the"] or (words[-2:-1] == ["a"] and words[-1] in _UNKNOWN):
        return True
    if not words or words[-1]:
        return False
    before = words[-2:-1]
    taken = words[0] == "you" and (before == ["for"] or not lexicon.TAKING.isdisjoint(before))
    return words[-3:-1] == ["may", "be"] or (taken and clause.joined.split()[-1:] == ["which"])


def _has_wrong_verb(words: Sequence[str]) -> bool:
    """'it often choose ...', 'it often picked together with ...', 'it is often goes with ...', 'it often popular'."""
    if words[:1] == ["it"]:
        adverbs, rest = _after_adverbs(words[1:])
        follows = rest[1:2]
        if rest[:1] and (
            rest[0] in _PLURAL_VERBS
            or (rest[0] in _PARTICIPLES and bool(follows) and follows[0] in _ALONGSIDE)
            or (bool(adverbs) and rest[0] in lexicon.POPULARITY)
        ):
            return True
    for place, word in enumerate(words):
        if word in _BEING:
            rest = _after_adverbs(words[place + 1 :])[1]
            if rest[:1] and (rest[0] in _SINGULAR_VERBS or (rest[0] in _SOME and rest[1:2] == ["people"])):
                return True
    return False


def _runs_on(words: Sequence[str]) -> bool:
    """'fans of "A" choose it nearly always goes with "B"'."""
    for place, pair in enumerate(pairwise(words)):
        if pair[0] in ("choose", "take", "pick") and pair[1] == "it" and _EXPLAINING.isdisjoint(words):
            rest = _after_adverbs(words[place + 2 :])[1]
            if rest[:1] and rest[0] in ("is", "goes"):
                return True
    return False


def _shares_nothing(words: Sequence[str]) -> bool:
    """'it shares lesser known pick': what is shared is missing."""
    for place, word in enumerate(words):
        if word in _SHARING and not _BEING.intersection(words[max(place - 2, 0) : place]):
            shared = next((after for after in words[place + 1 :] if after not in _AMOUNTS), None)
            if shared is None or shared in lexicon.POPULARITY or shared in _NOT_SHARED:
                return True
    return False


def _has_two_verbs(words: Sequence[str]) -> bool:
    """'it shares many of its fans with "A" go for it too'."""
    place = next((k for k, word in enumerate(words) if word in ("shares", "goes")), None)
    if place is None or words[:1] != ["it"] or not _RELATIVES.isdisjoint(words):
        return False
    return any(not name and verb in _PLURAL_VERBS for name, verb in pairwise(words[place:]))


def _lacks_article(clause: Clause, before: Clause | None) -> bool:
    """'it is lesser known find', '... with "A" and lesser known pick', 'a lesser known pick it too'."""
    words = clause.words
    for place, (popular, noun) in enumerate(pairwise(words)):
        if popular not in lexicon.POPULARITY or noun not in _NOUNS:
            continue
        ahead = list(words[:place])
        while ahead and ahead[-1] in _ADVERBS:
            ahead.pop()
        listed = not ahead and before is not None and clause.joined.split()[-1:] == ["and"]
        follows = words[place + 2 : place + 3]
        if listed or (ahead[-1:] and ahead[-1] in _BEFORE_ARTICLE) or follows == ["it"]:
            return True
    return False


def _after_adverbs(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The adverbs that words begin with, and the words after them."""
    count = next((place for place, word in enumerate(words) if word not in _ADVERBS), len(words))
    return list(words[:count]), list(words[count:])
