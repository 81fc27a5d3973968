"""Reading of clauses: whom each speaks of, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from recbole_curec.data.evidence import LEVELS, Level
from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import word_set
from recbole_curec.reasons.claims.predicates import (
    MODALS,
    TAKER,
    YOU,
    Predicate,
    describes_user,
    goes_on,
    inherited,
    is_taker,
    predicate_of,
)  # fmt: skip
from recbole_curec.reasons.claims.tokens import NOUN

_MATCHES = word_set("match matches fit fits similar matched akin resembles close")
_MATCHED = word_set("match matches fit similar matched to relative companion akin")
_FAVOURITES = word_set("favourite favourites favorite favorites")
# Of whom it can be said how often or how much.
QUANTIFIED = ("user", "own", "others", "company")
_OWN_ADJECTIVES = word_set(
    "own recent past previous other next usual general strong overall known earlier latest last personal particular "
    "specific current special deep keen clear frequent evident growing new great big watch weak fair favourite "
    "favorite most favoured favored preferred regular common similar obvious long lasting more alley liked loved "
    "enjoyed chosen watched taken attention time kind sort type style purchase order buying listening "
    "suggestions recommendations queue"
)

_LIKINGS = word_set("preference leaning lean leans tend tends prefer prefers like")
_LOVES, _SLIGHT = word_set("love loves passion"), word_set("slight mild small modest")
# What may stand behind "your".
_OF_THE_USER = lexicon.OWN_TASTE | _OWN_ADJECTIVES | lexicon.FREQUENCY.keys() | lexicon.CLOSENESS.keys()
_TASTES_OR_ITEMS = _OF_THE_USER | {NOUN}
_FAMILY = word_set("kids children")
_WANTING = word_set("want wish")
_OWN_THINGS = word_set("setup kit toolkit gear rig bookshelf bookcase routine rotation lineup")
_USEFUL = word_set("easy thoughtful useful practical handy smart wise reasonable convenient worthwhile worthy")
_GIVING = word_set("give add recommend suggest pick choose say put place justify")
_THINGS = lexicon.ITEM_WORDS | word_set("thing one") | {NOUN}
_ADDITIONS = word_set(
    "addition choice pick option suggestion recommendation purchase buy bet match one yes call decision"
)
_OFFERING = word_set("pick picked choose chose chosen selected select suggest suggested recommend recommended think")
_TEAMING = word_set("team teams")
_ATTRACTING = word_set("attract attracts attracting")


@dataclass(frozen=True)
class Reading:
    """A clause with its meaning.

    Attributes:
        clause: The clause.
        predicate: Who it speaks of.
        level: The strongest word of frequency or closeness in it; None if there is none.
    """

    clause: Clause
    predicate: Predicate
    level: Level | None

    @cached_property
    def is_about_user(self) -> bool:
        """Whether it says something of the user, not of the target or of others."""
        return self.predicate in ("user", "own") or describes_user(self.clause.words)

    @property
    def names_a_favourite(self) -> bool:
        """Whether it says 'your favourite' of a kind that no fact names."""
        words = self.clause.words
        said = any(own == "your" and best in _FAVOURITES for own, best in pairwise(words))
        if not said or not MODALS.isdisjoint(words):
            return False
        place = words.index("your")
        # "Crime is your favourite genre", "Crime movies are clearly among your favourites" name it before.
        if {"is", "are"}.intersection(words[:place]) and self.clause.labels:
            return False
        return not any(token.kind in ("label", "name") for token in self.clause.tokens[place:])

    def gives_opinion(self, word: str) -> bool:
        """Whether a word compares with a named item ('better than ...') or tells of the writer ('my favourite')."""
        if word == "than":
            return bool(self.clause.names)
        if word in ("my", "our"):
            return self.clause.has(_FAVOURITES)
        if word not in ("i", "we") or self.predicate == "recommendation":
            return False
        words = self.clause.words
        after = [words[place + 1 : place + 3] for place, one in enumerate(words) if one in ("i", "we")]
        # "We picked it for you" only recommends.
        return self.clause.has(lexicon.TAKING) and any(_OFFERING.isdisjoint(said) for said in after)

    def tells_of_own_review(self, place: int) -> bool:
        """Whether the word at a place is the user's own review, whose quotation is checked word for word."""
        return self._follows_your(place) and self.clause.words[place] in ("review", "reviews")

    @property
    def quotes_another(self) -> bool:
        """Whether it says that one other person wrote what it quotes: 'another reviewer wrote', 'someone else said'.

        Words of number or frequency ('most reviewers', 'always wrote') say more than one statement holds.
        """
        words, tokens = self.clause.words, self.clause.tokens
        place = next((place for place, token in enumerate(tokens) if token.kind == "quotation"), None)
        writer = next((place for place, word in enumerate(words) if word in lexicon.WRITERS), None)
        if place is None or writer is None or not self.clause.has(lexicon.WRITING) or self.clause.has(YOU):
            return False
        told = words[writer].startswith("some") or words[max(writer - 1, 0)] in lexicon.ANOTHER
        return told and not self.clause.has(lexicon.OTHERS) and lexicon.FREQUENCY.keys().isdisjoint(words)

    def tells_of_another(self, place: int) -> bool:
        """Whether the word at a place is the writer of a statement, whose quotation is checked word for word."""
        return self.clause.words[place] in lexicon.WRITERS and self.quotes_another

    def recommends_with(self, place: int) -> bool:
        """Whether the word at a place only recommends in its place, and would be a claim elsewhere.

        'You may want to try it', 'a useful addition', 'an addition to your setup', and people of whom it is said who
        they are: 'it attracts fans of "A"', 'it attracts the same audience'.
        """
        words = self.clause.words
        word, before, after = words[place], ["", "", *words[:place]][-2:], words[place + 1 : place + 2]
        if word in _WANTING:
            return not MODALS.isdisjoint(before) and after == ["to"]
        if word in _OWN_THINGS:
            return before[-1] == "your" and before[0] in ("to", "for", "in")
        if word in _USEFUL:
            return _offers(words[place + 1 :])
        if word == "place":  # 'deserves a place on your list'
            return before[-1] in ("a", "its") and after[:1] != [] and after[0] in ("on", "in", "among")
        if word in TAKER:
            return is_taker(self.clause)
        if word in _TEAMING:  # 'many team "A" with "B"', not 'the team'
            return any(token.kind == "name" for token in self.clause.tokens[place + 1 : place + 2])
        if word in _ATTRACTING:
            named = any(token.kind == "name" for token in self.clause.tokens[place:])
            return self.clause.has(lexicon.OTHERS) and (named or "same" in words[place:])
        return False

    def names_family(self, place: int) -> bool:
        """Whether a label at a place is no label but the user's family: 'with your kids'."""
        token, after = self.clause.tokens[place], self.clause.words[place + 1 : place + 2]
        named = token.kind == "label" and token.text.lower() in _FAMILY and self._follows_your(place)
        return named and (not after or after[0] not in _TASTES_OR_ITEMS)

    def describes_own(self, place: int) -> bool:
        """Whether a word stands after 'your' and describes what is the user's: 'your evident fondness'."""
        return self._follows_your(place) and self.clause.words[place] in _OF_THE_USER

    def speaks_of_user_unknown(self, place: int) -> bool:
        """Whether a word stands after 'your' and is no word for a taste, a history or a review."""
        word = self.clause.words[place]
        if word in lexicon.OTHERS and "your" in self.clause.words[max(place - 2, 0) : place]:
            return True
        if not self._follows_your(place) or self.tells_of_own_review(place):
            return False
        return word not in _OF_THE_USER

    def _follows_your(self, place: int) -> bool:
        return self.clause.words[max(place - 1, 0) : place] == ["your"]


def _offers(words: Sequence[str]) -> bool:
    """Whether words after 'easy' only recommend: 'an easy pick', 'easy to add', 'an easy film to recommend'."""
    named = not _THINGS.isdisjoint(words[:1])
    to, verb = (words[1:2], words[2:3]) if named else (words[:1], words[1:2])
    return not _ADDITIONS.isdisjoint(words[:1]) or (list(to) == ["to"] and not _GIVING.isdisjoint(verb))


def read(clauses: Sequence[Clause], target: str) -> list[Reading]:
    """The clauses with their predicates; one without a verb of its own takes that of the clause it is joined to."""
    readings: list[Reading] = []
    for clause in clauses:
        before = readings[-1].predicate if readings else None
        predicate = goes_on(clause, before) or predicate_of(clause, target) or inherited(clause, before, target)
        if predicate == "item" and readings and _is_among(clause, readings[-1]):
            predicate = "others"
        readings.append(Reading(clause, predicate, _level(clause, predicate)))
    return readings


def _is_among(clause: Clause, before: Reading) -> bool:
    """Whether a clause says what is so among those whom the clause before names: 'of those who took "A", most ...'."""
    first = before.clause.words[:1]
    return (
        clause.joined == ","
        and before.predicate == "others"
        and first in (["among"], ["of"], ["with"], ["amongst"])
        and clause.has(lexicon.TAKING)
    )


def _is_weakened(words: Sequence[str], place: int) -> bool:
    """Whether the word before one of liking says how weak it is: 'a slight preference'."""
    if words[place] == "only":
        after = words[place + 1 : place + 4]
        return any("weak" in (lexicon.FREQUENCY.get(word), lexicon.CLOSENESS.get(word)) for word in after)
    beside = (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2])
    if words[place + 1 : place + 2] in (["towards"], ["toward"], ["to"], ["just"], ["only"]):
        beside += tuple(words[place + 2 : place + 3])
    if words[place] in _LOVES:
        return words[max(place - 1, 0)] in _SLIGHT
    return words[place] in _LIKINGS and any(lexicon.FREQUENCY.get(word) == "weak" for word in beside)


def _level(clause: Clause, predicate: Predicate) -> Level | None:
    """The strongest level that words of the clause claim."""
    found: list[Level] = []
    matches = clause.has(_MATCHES)
    for place, word in enumerate(clause.words):
        if predicate in QUANTIFIED and word in lexicon.FREQUENCY and not _is_weakened(clause.words, place):
            found.append(lexicon.FREQUENCY[word])
        modifies = not _MATCHED.isdisjoint(clause.words[place + 1 : place + 3])
        if matches and modifies and word in lexicon.CLOSENESS:
            found.append(lexicon.CLOSENESS[word])
    return max(found, key=LEVELS.index) if found else None
