"""Whom a clause speaks of: the user, other users, another item, or the target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import word_set
from recbole_curec.reasons.claims.taking_phrases import OWNED_PHRASES

# The user took or favours ("user", or "own" with a noun as in "your taste"); something else is said of the user
# ("told"); a recommendation; other users; a relation to another item; the target.
Predicate = Literal["user", "own", "told", "recommendation", "others", "company", "item"]

YOU = word_set("you your yours")
MODALS = word_set("may might should will would could can must shall")
# Words between "you" and the verb.
_BETWEEN = word_set(
    "have has had do did also really already always often usually sometimes frequently clearly nearly_always "
    "almost_always just so much both are is were been tend to seem mostly generally typically occasionally regularly "
    "keep kept a big huge the who still truly certainly obviously particularly especially long once too now repeatedly "
    "constantly consistently most even recently previously lately first last all each not never actively happily "
    "rarely hardly very quite keeps tends seems does not_just not_merely not_simply fairly pretty rather especially "
    "definitely apparently evidently show shown showed showing"
) | frozenset(word for word in lexicon.FREQUENCY if word.endswith("ly") or "_" in word)
_STATES = word_set(
    "interested fan fans lover into fond keen_on drawn lean leans prone partial devoted passionate enthusiast"
)
# "... and you are one of them".
_BELONGING = word_set("one_of_them one_of_those among_them among_those")
_DEVOTED = word_set("fan lover enthusiast")
# "As an owner of ..." is the user.
TAKER = word_set("reader viewer owner buyer listener player watcher admirer")
# "every fan of ..." are other people, "as a fan of ..." is the user.
_ANY = word_set("every any each another all most many")
_TASTES = lexicon.OWN_TASTE - word_set(
    "choice choices pick picks selection selections collection list history purchase purchases thing library record "
    "records past profile viewing reading watching baskets shelves catalogue catalog rotation playlist lineup stack "
    "pile bent palate shelf cart favourite favorite favourites favorites"
)
_TASTE_FOR, _ARTICLES_OF_TASTE = word_set("for in of toward towards"), word_set("a an")
_AS_ONE = frozenset((("as", "a"), ("as", "an"), ("as", "the"), ("already", "the"), ("already", "an")))
_TENDING = word_set("tend tends lean leans gravitate gravitates")
_HEDGES = MODALS | lexicon.HARMLESS_NEGATIONS
_RELATING = lexicon.RELATIONS | lexicon.TAKING
_CONTINUING = (
    lexicon.TAKING
    - lexicon.RELATIONS
    - word_set("taking choosing watching seeing reading playing buying picking trying enjoying liking")
)
_ADDED = word_set("and or & + as_well_as along_with but plus which yet")
_ITEM = word_set("it this that is are its")
# A clause of names and labels alone: 'two films you chose, "A" and "B", ...'.
_NAMES_ALONE = word_set("and or both namely such_as items") | {""}
# "these popular strings come from ...": a target of several things.
_PLURAL = word_set("come are belong go fit suit")
_MAKING = word_set("makes making")
_IMPERATIVES = word_set(
    "try give consider check enjoy pick watch read play see take discover explore get choose add let"
)
# "it often goes with Crime": a label where only an item can stand.
_PAIRED = {
    "with": word_set(
        "goes go going taken paired pairs watched bought picked chosen selected seen read played together along "
        "combined matched shared"
    ),
    "to": word_set("match similar akin comparable related linked close closest"),
}
_ALONGSIDE = word_set("together_with along_with")
_FILLERS = word_set("the a an other some more of and")
_CONDITIONS = word_set("if when whenever")
# What the user may be told without a claim about them.
_ADDRESS = word_set(
    "know see can find get will could may might and or as because since if with for in wrote written go"
)
_BEING = word_set("are is has have were was had work live")
_EXPECTED = word_set("sure likely going bound certain in interested probably also a the taken been enjoyed about")
_SUBJECT_AFTER = word_set("that which what as films movies items things titles and so then when if whether because")
_ARTICLES = word_set("the a this our each")
# An item is a match; "you are a close match to ..." confuses it with the user.
_MATCHING = word_set("match fit similar")
_LONGEST_MATCH = 4


def predicate_of(clause: Clause, target: str) -> Predicate | None:
    """Whom a clause speaks of; None if it has no verb and no pronoun that says so."""
    if clause.has(lexicon.OTHERS):
        return "others"
    subject = _user_subject(clause)
    if subject is not None:
        return subject
    if _took_before(clause.words) or _by_you(clause.words):
        return "user"
    if clause.has(OWNED_PHRASES) or _has_taste(clause):
        return "own"
    if _label_takes(clause) or names_any_fan(clause.words):
        return "others"
    named = clause.named(target)
    if (clause.has(lexicon.OWN_TASTE) and clause.has(YOU)) or _is_devoted(clause, bool(named)):
        return "own"
    among_yours = "among" in clause.words and "your" in clause.words
    if (named and (_follows(clause, target) or among_yours)) or _is_yours(clause):
        return "own"
    relates = bool(named) or "which" in clause.joined
    if (relates and clause.has(_RELATING)) or _relates_label(clause):
        return "company"
    several = clause.words[:1] == ["these"] and clause.has(_PLURAL)
    return "item" if several or clause.has(_ITEM | YOU) else None


def inherited(clause: Clause, before: Predicate | None, target: str) -> Predicate:
    """The predicate of a clause without one of its own: that of the clause before it, if both are joined."""
    first = next((word for word in clause.words if word), "")
    if first in _IMPERATIVES and not clause.joined.startswith("and"):
        return "recommendation"
    if clause.tokens[0].kind == "name" and clause.tokens[0].value == target and len(clause.tokens) > 1:
        return "item"
    if first in _MAKING:  # 'you love Crime, which makes the 1996 film a good choice'
        return "item"
    joined = clause.joined.split()
    follows = joined[-1:] != [] and joined[-1] in _ADDED
    bare = joined == [","] and _NAMES_ALONE.issuperset(clause.words)
    says = bool(clause.named(target) or clause.labels) or clause.has(lexicon.TAKING)
    return before if before is not None and says and (follows or bare) else "item"


def goes_on(clause: Clause, before: Predicate | None) -> Predicate | None:
    """The user, where a clause goes on from one about the user with a verb of taking: '... and bought "A"'."""
    if before not in ("user", "own") or clause.joined.split()[-1:] not in (["and"], ["but"]):
        return None
    verbs = [word for word in clause.words if word not in _BETWEEN or word in ("have", "has", "had")]
    auxiliary = clause.words[:1] in (["has"], ["have"], ["had"])
    verb = next((word for word in verbs if not auxiliary or word not in ("have", "has", "had")), "")
    begins = clause.words[:1] not in ([""], ["both"]) and verb in _CONTINUING
    return "user" if begins and not clause.has(lexicon.OTHERS | YOU | _ITEM) else None


def describes_user(words: Sequence[str]) -> bool:
    """Whether a clause says what the user is or has: 'you are ...', 'you have ...'."""
    following = (words[place + 1 : place + 2] for place, word in enumerate(words) if word == "you")
    return any(verb[:1] and verb[0] in _BEING for verb in following)


def names_any_fan(words: Sequence[str]) -> bool:
    """Whether a clause speaks of others as one of many: 'every fan of ...'."""
    return any(word in _ANY and after in _DEVOTED for word, after in pairwise(words))


def is_taker(clause: Clause) -> bool:
    """Whether a clause speaks of the user as one who took something: 'as a reader of "A"', 'already its owner'."""
    words = [*clause.joined.split()[-1:], *clause.words]
    places = (place for place, word in enumerate(words) if word in TAKER)
    return any(tuple(words[max(place - 2, 0) : place]) in _AS_ONE for place in places)


def _follows(clause: Clause, target: str) -> bool:
    """Whether an item is said to come after another, which the user then took: 'a good film after ...'."""
    place = next(k for k, token in enumerate(clause.tokens) if token.kind == "name" and token.value != target)
    return clause.words[max(place - 1, 0) : place] in (["after"], ["following"])


def _took_before(words: Sequence[str]) -> bool:
    """Whether a clause says what the user did before: 'having watched ...'."""
    if (
        words[:1] == ["with"]
        and words[-1] in _CONTINUING
        and [word for word in words[:-1] if word not in _BETWEEN][-1:] == [""]
    ):  # 'with "A" already watched'
        return True
    return words[:1] == ["having"] and any(verb in lexicon.TAKING for verb in words[1:4])


def _by_you(words: Sequence[str]) -> bool:
    """Whether something was taken by the user: '"A" was bought by you'."""
    return any(pair == ("by", "you") for pair in pairwise(words)) and not lexicon.TAKING.isdisjoint(words)


def _has_taste(clause: Clause) -> bool:
    """Whether a clause tells of a taste for a label without saying whose, which is the user's: 'a liking for Crime'."""
    tokens = clause.tokens
    for place, token in enumerate(tokens[:-2]):
        if token.kind == "word" and token.value in _TASTES and tokens[place + 1].value in _TASTE_FOR:
            article = not _ARTICLES_OF_TASTE.isdisjoint(clause.words[max(place - 3, 0) : place])
            if article and any(one.kind == "label" for one in tokens[place + 2 : place + 5]):
                return True
    return False


def _is_yours(clause: Clause) -> bool:
    """Whether a label is said to be the user's: 'Crime is your kind of movie'."""
    words = clause.words
    return any(
        token.kind == "label" and words[place + 1 : place + 2] in (["is"], ["are"]) and "your" in words[place + 2 :]
        for place, token in enumerate(clause.tokens)
    )


def _is_devoted(clause: Clause, names_others: bool) -> bool:
    """'as a fan of ...' speaks of the user, 'fans of ...' of others."""
    words = clause.words
    if names_any_fan(words):
        return False
    if any(word in _DEVOTED and words[place + 1 : place + 2] == ["of"] for place, word in enumerate(words)):
        return True
    if is_taker(clause):
        return True
    return clause.has(_DEVOTED - {"fan"}) and (names_others or bool(clause.labels))


def _user_subject(clause: Clause) -> Predicate | None:
    """The predicate of a clause whose subject is 'you'; None if it has none."""
    words = clause.words
    for place, word in enumerate(words):
        if word != "you":
            continue
        rest = words[place + 1 :]
        around = [*words[max(place - 1, 0) : place], *rest[:2]]
        done = rest[:1] != [] and rest[0] in MODALS and rest[1:2] == ["have"]  # 'you must have loved "A"'
        hedged = not _HEDGES.isdisjoint(around) or words[max(place - 1, 0) : place] == ["do"]
        if hedged and not done:
            return "recommendation"
        for verb in rest:
            if verb in lexicon.TAKING or verb in _STATES:
                return "user"
            tends = verb in ("toward", "towards") and not _TENDING.isdisjoint(rest)
            if verb in _BELONGING or verb in _TASTES or tends:
                return "user"
            if verb not in _BETWEEN and verb not in lexicon.FREQUENCY and not (done and verb in MODALS):
                break
        if _CONDITIONS.isdisjoint(clause.joined.split()) and _is_told(words, place):
            return "told"
    return None


def _is_told(words: Sequence[str], place: int) -> bool:
    """Whether 'you' is the subject of a verb that says neither what the user takes nor what they may like."""
    before = [word for word in words[:place] if word not in _ARTICLES]
    verb = next((word for word in words[place + 1 :] if word not in _BETWEEN or word in _BEING), "")
    if not verb or (before and before[-1] not in _SUBJECT_AFTER):
        return False
    following = words[words.index(verb, place) + 1 :]
    if verb == "are" and not _MATCHING.isdisjoint(following[:_LONGEST_MATCH]):
        return True
    after = following[:1]
    return verb not in _ADDRESS and not (verb in _BEING and (not after or after[0] in _EXPECTED))


def _label_takes(clause: Clause) -> bool:
    """Whether a label stands where only people can: 'fans of "A" and Crime movies often choose it'."""
    words = clause.words
    first = next((token.kind for token in clause.tokens if token.value not in _FILLERS), "")
    verb = next((place for place, word in enumerate(words) if word in lexicon.TAKING), len(words))
    return first == "label" and words[verb + 1 : verb + 2] == ["it"] and not clause.has(YOU)


def _relates_label(clause: Clause) -> bool:
    """Whether a label stands where only an item can: 'it often goes with Crime', 'a close match to Crime'."""
    before: list[str] = []
    for token in clause.tokens:
        if token.kind == "label":
            verb, preposition = ["", "", *before][-2:]
            joined = preposition in _ALONGSIDE and verb in _PAIRED["with"]
            if preposition == "alongside" or joined or verb in _PAIRED.get(preposition, ()):
                return True
        if token.value not in _FILLERS:
            before.append(token.value)
    return False
