"""What words of reference stand for: "the former", "not that well known", and "you bought" behind a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recbole_curec.reasons.claims.lexicon import LABEL_WORDS, OTHERS, POPULARITY, RELATIONS, TAKING, word_set
from recbole_curec.reasons.claims.mentions import mentioned
from recbole_curec.reasons.claims.persons import addressed
from recbole_curec.reasons.claims.tokens import NOUN, Token

_DENYING = word_set("not no never hardly barely scarcely")
# Between the denial and what it denies: "not among the best known", "not all that popular".
_DEGREES = word_set(
    "that so very all too particularly especially really exactly overly among one of the most quite widely yet "
    "terribly hugely extremely a an be been reached"
)
_AUXILIARIES = word_set(
    "have has had already recently previously also both once just really so much actually clearly often always "
    "usually regularly frequently nearly_always keep kept been do did"
)
# What a clause goes on with after "the item you bought"; an object would belong to "bought".
_GOES_ON = (
    RELATIONS
    | OTHERS
    | word_set(
        "is are was were has have may might can could will would should too as often usually nearly_always "
        "almost_always "
        "sometimes regularly frequently also goes go points point suggests makes shares share leads before already"
    )
)
_ASIDES = frozenset(
    tuple(aside.split()) for aside in ("like you", "just_like you", "as you did", "as you have", "as did you")
)
_DESCRIBED = word_set("described describes summed_up characterised characterized")
_PAIR = 2
_NUMBER_OF = {"two": 2, "three": 3, "four": 4}
_COUNTING = {"the", *_NUMBER_OF}
_LABELS = LABEL_WORDS - word_set("year")
_LIST_WORDS = word_set(", and or & the a") | {NOUN}
_OWNED = word_set("history list library collection past record records watchlist shelf purchases")
# A clause with one of these says more of an item than that it is the user's.
_SAYING = (RELATIONS | OTHERS) - word_set("with")
_YOURS = word_set("you your yours")
_BARE = word_set("the a an this that your both items film movie book product item game and or")


def resolved(tokens: Sequence[Token], target: str) -> list[Token]:
    """The tokens with what stands for the user, a name or a word of popularity in its place."""
    found: list[Token] = []
    place = 0
    tokens = _label_first(_as_written(addressed(tokens)))
    while place < len(tokens):
        token = tokens[place]
        if counted := _counted_before(tokens, place, found):
            found.append(Token("word", " ".join(one.text for one in tokens[place : place + counted]), "both"))
            place += counted
            continue
        denied = _denied(tokens, place)
        if denied:
            text = " ".join(dict.fromkeys(one.text for one in tokens[place : place + denied]))
            found.append(Token("word", text, "not_popular"))
            place += denied
            continue
        again, length = mentioned(tokens, place, found, target) or (token, 1)
        found.append(again)
        place += length
    return found


def _counted_before(tokens: Sequence[Token], place: int, before: Sequence[Token]) -> int:
    """Number of tokens that count what was named before, as in 'the two' and ', two genres'; 0 if they do not.

    "The two" are the items, of which two have been named; "two genres" are the labels of the list before the comma.
    """
    first, second = tokens[place].value, tokens[place + 1].value if place + 1 < len(tokens) else ""
    if first not in _COUNTING or any(token.kind != "word" for token in tokens[place : place + 2]):
        return 0
    if (first, second) == ("the", "two"):
        names = {token.value for token in before if token.kind == "name"}
        return 2 if len(names) == _PAIR else 0
    if first in _NUMBER_OF and second in _LABELS and [token.value for token in before[-1:]] == [","]:
        return int(len({token.value for token in _listed_last(before[:-1])}) == _NUMBER_OF[first])
    return 0


def _listed_last(tokens: Sequence[Token]) -> list[Token]:
    """The labels of the list with which tokens end."""
    listed: list[Token] = []
    for token in reversed(tokens):
        if token.kind == "label":
            listed.append(token)
        elif token.value not in _LIST_WORDS:
            break
    return listed


def _label_first(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with a label before what is said of it: 'Fender, a brand you buy' for 'a brand you buy, Fender'."""
    found = list(tokens)
    for comma in range(4, len(found) - 1):
        if found[comma].value != "," or found[comma + 1].kind != "label":
            continue
        if found[comma + 2 : comma + 3] and found[comma + 2].kind != "mark":
            continue
        you = next((k for k in range(comma - 1, 0, -1) if found[k].value == "you"), 0)
        noun = you - 2 if found[you - 1].value == "that" else you - 1
        verbs = [token.value for token in found[you + 1 : comma]]
        chosen = verbs and verbs[-1] in TAKING and _AUXILIARIES.issuperset(verbs[:-1])
        if noun > 0 and chosen and found[noun].value in _LABELS and found[noun - 1].value in ("a", "the"):
            found[noun - 1 : comma + 2] = [found[comma + 1], found[comma], *found[noun - 1 : comma]]
    return found


def _as_written(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with 'wrote about "A" ...' for 'described "A" as ...' before a quotation."""
    found = list(tokens)
    for place in range(len(found) - 3):
        verb, what, as_, said = found[place : place + 4]
        if verb.value not in _DESCRIBED or as_.value != "as" or said.kind != "quotation":
            continue
        if verb.kind == "word" and (what.kind == "name" or what.value == "it"):
            about = Token("word", as_.text, "about")
            found[place : place + 4] = [replace(verb, value="wrote"), about, what, said]
    return found


def _denied(tokens: Sequence[Token], place: int) -> int:
    """Number of tokens that deny that the target is widely known: 'not all that popular'; 0 if they do not."""
    if tokens[place].kind != "word" or tokens[place].value not in _DENYING:
        return 0
    for length, token in enumerate(tokens[place + 1 :], start=2):
        if token.kind != "word":
            return 0
        if POPULARITY.get(token.value, 0) > 0:
            return length
        if token.value not in _DEGREES:
            return 0
    return 0


def without_relative(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]] | None:
    """A clause cut in two: what it says of the user in a relative clause without "which", and what it says itself.

    'It goes with the "A" you bought' says that the user took A and that others take A with the target.

    Returns:
        The names with the relative clause, and the clause without it; None if there is no such relative clause, or
        nothing besides it.
    """
    words = [token.value if token.kind == "word" else "" for token in tokens]
    for place in range(1, len(tokens)):
        name = place - 2 if words[place - 1] == "that" else place - 1
        if words[place] != "you" or name < 0 or tokens[name].kind != "name":
            continue
        end = place + 1
        while end < len(words) and words[end] in _AUXILIARIES:
            end += 1
        if words[end - 1] in ("have", "has", "had") and (end == len(words) or words[end] not in TAKING):
            end -= 1
        if end >= len(words) or words[end] not in TAKING:
            continue
        after = words[end + 1 : end + 2]
        rest = [*tokens[: name + 1], *tokens[end + 1 :]]
        says = any(token.kind == "word" and token.value not in _BARE for token in rest)
        if says and (not after or after[0] in _GOES_ON):
            return [*_listed(tokens, name), *tokens[name + 1 : end + 1]], rest
    return None


def without_owned(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]] | None:
    """A clause cut in two: 'it is a close match to "A" in your history' says that the user took A, and of A the rest.

    Returns:
        The names with what says that they are the user's, and the clause without it; None if nothing does, or if the
        clause says nothing else of them.
    """
    words = [token.value if token.kind == "word" else "" for token in tokens]
    for name in range(1, len(tokens) - 3):
        owner = name + 2
        if tokens[name].kind != "name" or words[name + 1] not in ("in", "from", "on") or words[owner] != "your":
            continue
        end = next((k for k in range(owner + 1, min(owner + 4, len(words))) if words[k] in _OWNED), 0)
        before = words[: name + 1]
        if end and not _SAYING.isdisjoint(before[1:]) and _YOURS.isdisjoint(before):
            return [*_listed(tokens, name), *tokens[name + 1 : end + 1]], [*tokens[: name + 1], *tokens[end + 1 :]]
    return None


def without_asides(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without asides such as ", as you did,", which say at the end that the user took the item.

    'People who, like you, chose "A" often choose it': cut at its commas, who chooses it would be in another clause.
    """
    found, taken = list(tokens), list[Token]()
    for place in range(len(found) - 1, 0, -1):
        if found[place].value != ",":
            continue
        if _ends_with_likeness(found[place:]):  # 'readers who choose mysteries, like you.'
            del found[place]
            continue
        length = next((n for n in (3, 2) if _is_aside(found[place : place + n + 2])), 0)
        behind = [token for token in found[place + length + 2 :] if token.kind == "name"]
        earlier = [token for token in since_mark(found[:place]) if token.kind == "name"]
        # 'people who, like you, took "A"', but 'viewers with "A" behind them, like you, ...'.
        goes_on = found[place - 1].value in ("who", "that")
        name = next(iter((*behind, *earlier[::-1]) if goes_on else (*earlier[::-1], *behind)), None)
        if not length or name is None:
            continue
        aside = " ".join(token.text for token in found[place + 1 : place + length + 1])
        taken += [Token("mark", ".", "."), Token("word", aside, "you"), Token("word", "took", "took"), name]
        del found[place : place + length + 2]
    if taken and found[-1].value in (".", "!"):
        found.pop()
    return [*found, *taken]


def since_mark(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens after the last mark."""
    start = max((place for place, token in enumerate(tokens) if token.kind == "mark"), default=-1)
    return tokens[start + 1 :]


def _ends_with_likeness(tokens: Sequence[Token]) -> bool:
    values = [token.value for token in tokens]
    return any(
        values in ([",", *aside], [",", *aside, "."], [",", *aside, "!"]) for aside in (*_ASIDES, ("as", "you", "do"))
    )


def _is_aside(tokens: Sequence[Token]) -> bool:
    values = [token.value for token in tokens]
    return values[:1] == [","] and values[-1:] == [","] and tuple(values[1:-1]) in _ASIDES


def _listed(tokens: Sequence[Token], last: int) -> list[Token]:
    """The name at a place with the names before it in the same list."""
    first = last
    while first > 1 and tokens[first - 1].value in (",", "and", "or", "&") and tokens[first - 2].kind == "name":
        first -= 2
    return list(tokens[first : last + 1])
