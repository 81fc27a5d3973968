"""People whom a clause names by what they took: "those who have it", "the same viewers", "readers of that book"."""

from __future__ import annotations

from itertools import pairwise

from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import word_set

PRONOUNS = word_set("it this that them these which one one_of_them one_of_those among_them among_those")
# "many who watched it" are people too.
_TAKERS = lexicon.OTHERS | word_set("many most some several all few a_few plenty")
_TAKEN_BEFORE = word_set("it them that those")
# "shares some of its audience", "draws their fans": whose they are was named before.
_TAKEN = lexicon.TAKING | {"has"}
_WITH_IT = PRONOUNS | {"those"}
_OWNED = word_set("its their whose film's movie's book's item's product's")
_LIKENED = word_set("do did are have")
_SHARING = lexicon.SHARING | word_set("attract attracts")
_SHARING_OR_TAKING = _SHARING | lexicon.TAKING


def taken_by_its_takers(clause: Clause, target: str) -> bool:
    """Whether a clause names those who took what was named before: 'by those who have it', 'people with it'."""
    words = clause.words
    for place in range(len(words) - 2):
        if words[place] not in _TAKERS:
            continue
        # Of people who take the target itself, only "it" is said.
        if not ("by" in words[:place] or target in clause.names or "this" in words[place + 2 :]):
            continue
        if words[place + 1] == "with" and words[place + 2] in _WITH_IT:
            return True
        taken = (after in _TAKEN_BEFORE and verb in _TAKEN for verb, after in pairwise(words[place + 2 :]))
        if words[place + 1] in ("who", "that") and (any(taken) or words[place + 2] == "did"):
            return True
    return False


def likens_the_user(clause: Clause) -> bool:
    """Whether a clause says that the user is as the people it speaks of: 'who choose mysteries like you'."""
    words = clause.words
    for place, word in enumerate(words):
        if word == "you" and place:
            after = words[place + 1 : place + 2]
            if words[place - 1] == "way" or (words[place - 1] in ("like", "just_like") and not after):
                return True
            if words[place - 1] == "as" and after and after[0] in _LIKENED:
                return True
    return False


def takers_of_item_before(clause: Clause, target: str) -> bool:
    """Whether a clause without another item speaks of those who took the one named before.

    'Often picked by the same viewers', 'most readers of that book', and 'it shares some of its audience' if it is the
    target that shares.
    """
    words = clause.words
    if clause.named(target):
        return False
    if clause.has(_SHARING) and target in clause.names and words[_place_of(clause, target) - 1] == "with":
        return True  # 'you took "A" and "B", both of which share many viewers with the target'
    for place, word in enumerate(words):
        if word in lexicon.OTHERS:
            before, after = words[max(place - 3, 0) : place], words[place + 1 : place + 4]
            if "same" in before[-2:]:
                return True
            if after[:1] == ["of"] and after[1:2] in (["that"], ["those"]) and lexicon.LABEL_WORDS.isdisjoint(after):
                return True
            if before and before[-1] in _OWNED and clause.has(_SHARING_OR_TAKING):
                return True
    return False


def ends_with_one_label(clause: Clause) -> bool:
    """Whether a clause ends with a label that is in no list: 'a harmonica from Hohner', behind which is ', a brand'."""
    before, last = [None, None, *clause.tokens][-2:]
    return before is not None and last is not None and last.kind == "label" and before.value == "from"


def _place_of(clause: Clause, name: str) -> int:
    return next(place for place, token in enumerate(clause.tokens) if token.kind == "name" and token.value == name)
