"""Words for the user: "this user", "the user's", "a reader who", "you, who like ..."; read as "you" and "your"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from recbole_curec.reasons.claims.lexicon import OTHERS, word_set
from recbole_curec.reasons.claims.tokens import Token

_DETERMINERS = word_set("this the our")
_ARTICLES = word_set("a an any")
_TAKING_IT = word_set("watching reading buying choosing seeing playing picking enjoying owning taking liking loving")
_NOTHING, _COMMA = Token("mark", "", ""), Token("mark", ",", ",")
_KEEN = word_set("drawn_to keen keen_on fond into drawn partial interested devoted with")
_MAY = word_set("may might should could")
_THEY = {"they": "you", "their": "your"}
_NAMED_OTHERS = OTHERS - {"they", "who"}
_WITH_WHO = 3
_PERSONS = word_set("viewer reader customer shopper buyer listener player person member fan")
# "a good fit for a reader who ..." is the user; "a reader who took it picks ..." is anybody.
_FOR = word_set("as for are is to like suits suit of given makes")


def addressed(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with "you" and "your" for other words that mean the user."""
    tokens = _singular_they(tokens)
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        read, length = _read_at(tokens, place, found)
        found += read
        place += length
    return found


def _read_at(tokens: Sequence[Token], place: int, before: Sequence[Token]) -> tuple[list[Token], int]:
    """What the tokens at a place are read as, and how many they are."""
    token = tokens[place]
    if did := _done(tokens, place):
        return did, len(did)
    if before and token.value == "you" and token.text.lower().endswith(" who"):
        # "It suits someone who took it": what "who" begins is a clause of its own.
        return [token, _COMMA, token], 1
    if _is_somebody(tokens, place):
        you = replace(token, value="you")
        return [you, _COMMA, you] if token.text.lower() == "someone" else [you], 1
    length, value = _person(tokens, place, before)
    if not length:
        return [_second_person(token, before)], 1
    you = Token("word", " ".join(one.text for one in tokens[place : place + length]), value)
    if length == _WITH_WHO:
        return [you, _COMMA, replace(tokens[place + 2], value=value)], length
    return [you] if value else [], length


def _is_somebody(tokens: Sequence[Token], place: int) -> bool:
    """Whether "someone" is the user: 'someone who has seen it may like ...', 'a choice for someone so keen on ...'."""
    text = tokens[place].text.lower()
    if text == "someone":
        after = [token.value for token in tokens[place + 1 : place + 4]]
        return tokens[max(place - 1, 0)].value == "for" and not _KEEN.isdisjoint(after)
    return text in ("someone who", "somebody who") and tokens[place].value == "people" and _may(tokens[place:])


def _done(tokens: Sequence[Token], place: int) -> list[Token]:
    """'you have' for 'your having', and 'you took "A"' for 'your watching "A"'; empty for anything else."""
    your, verb, what = [*tokens[place : place + 3], _NOTHING, _NOTHING][:3]
    if your.value != "your" or your.kind != "word" or verb.kind != "word":
        return []
    value = "have" if verb.value == "having" else "took" if verb.value in _TAKING_IT and what.kind == "name" else ""
    return [replace(your, value="you"), replace(verb, value=value)] if value else []


def _second_person(token: Token, before: Sequence[Token]) -> Token:
    """'you have' for 'you has', which is left of 'this user has'."""
    speaks = token.value == "has" and [one.value for one in before[-1:]] == ["you"]
    return replace(token, value="have") if speaks else token


def _singular_they(tokens: Sequence[Token]) -> Sequence[Token]:
    """'you' for 'they' where a reason speaks of "the user" and has named neither others nor two items."""
    users = [place for place, token in enumerate(tokens) if token.text.lower().startswith("user")]
    others = [place for place, token in enumerate(tokens) if token.value in _NAMED_OTHERS]
    # "They" may also be two items.
    others += [place for place, token in enumerate(tokens) if token.kind == "name"][1:]
    others.sort()
    end = others[0] if others else len(tokens)
    if not users or users[0] > end:
        return tokens
    return [
        replace(token, value=_THEY[token.value]) if users[0] < place < end and token.value in _THEY else token
        for place, token in enumerate(tokens)
    ]


def _may(tokens: Sequence[Token]) -> bool:
    """Whether it is said that somebody may like something, and not only "you may like it"."""
    return any(after.value in _MAY and before.value not in ("you", "it") for before, after in pairwise(tokens))


def _person(tokens: Sequence[Token], place: int, before: Sequence[Token]) -> tuple[int, str]:
    """How many tokens mean the user, and what they are read as; 0 if none does."""
    values = [token.value if token.kind == "word" else "" for token in tokens[place : place + 3]]
    first, second, third = [*values, "", ""][:3]
    last = before[-1].value if before else ""
    if first in _DETERMINERS and second in ("you", "your") and tokens[place + 1].text.lower().startswith("user"):
        return 2, second
    if first == "this" and second.removesuffix("'s") in _PERSONS:
        return 2, "your" if second.endswith("'s") else "you"
    if first in _ARTICLES and third == "who" and last in _FOR and (second in _PERSONS or second == "you"):
        return _WITH_WHO, "you"
    begins = not before and first in _ARTICLES and third == "who" and second in _PERSONS
    if begins and _may(tokens):
        return _WITH_WHO, "you"
    keen = third in _KEEN or (third == "so" and tokens[place + 3 : place + 4] and tokens[place + 3].value in _KEEN)
    if first in _ARTICLES and last == "for" and second in _PERSONS and keen:
        return 2, "you"
    if first == "who" and last == "you":
        return 1, ""
    if first == "who" and last == "," and [token.value for token in before[-2:-1]] == ["you"]:
        return 1, "you"
    return 0, ""
