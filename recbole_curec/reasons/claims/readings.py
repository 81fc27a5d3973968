"""Reading of clauses: who each speaks of, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recbole_curec.data.evidence import LEVELS, Level
from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import word_set
from recbole_curec.reasons.claims.tokens import Token

# Who a clause speaks of, and how: the user took or favours; something else is said of the user; a recommendation;
# other users; a relation to another item; the target.
Predicate = Literal["user", "own", "recommendation", "others", "company", "item"]

YOU = frozenset(("you", "your", "yours", "yourself"))
_BETWEEN = word_set(
    "have has had do did also really already always often usually sometimes frequently clearly nearly_always "
    "almost_always just so much both are were been tend to seem mostly generally typically occasionally regularly "
    "keep kept a big huge the who still truly certainly obviously particularly especially long once too now "
    "repeatedly constantly consistently most even recently previously lately first last all have_been each not never "
    "actively happily usually rarely hardly dis do not very quite"
)
_STATES = word_set("fan fans lover into fond keen_on drawn lean leans prone partial devoted passionate enthusiast")
_MODALS = word_set("may might should will would could can must shall")
_MATCHES = word_set("match matches fit fits similar matched akin resembles close")
_MATCHED = word_set("match matches fit similar matched to relative companion akin")
_DEVOTED = word_set("fan lover enthusiast")
_ADDED = word_set("and or & + as_well_as along_with but plus which yet")
_ITEM = word_set("it this that is are its")
# "it often goes with Crime": a label where only an item can stand.
_PAIRED = {"with": word_set("goes go taken paired watched bought"), "to": word_set("match similar")}
_BEING = word_set("are have were had work live")
_FILLERS = word_set("the a an other some more of and")
_OWN_ADJECTIVES = word_set(
    "own recent past previous other next usual general strong overall known earlier latest last personal particular "
    "specific current special deep keen clear frequent evident growing new great big watch weak fair favourite "
    "favorite most favoured favored preferred regular common similar obvious long lasting more alley liked loved "
    "enjoyed chosen watched taken attention time"
)
_IMPERATIVES = word_set(
    "try give consider check enjoy pick watch read play see take discover explore get choose add let"
)


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

    @property
    def is_about_user(self) -> bool:
        """Whether it says something of the user, not of the target or of others."""
        return self.predicate in ("user", "own") or _describes_user(self.clause.words)

    def tells_of_own_review(self, token: Token) -> bool:
        """Whether a word is the user's own review, whose quotation is checked word for word."""
        return self._before(token) == "your" and token.value in ("review", "reviews")

    def _before(self, token: Token) -> str:
        place = next(k for k, one in enumerate(self.clause.tokens) if one is token)
        return "".join(self.clause.words[max(place - 1, 0) : place])

    def speaks_of_user_unknown(self, token: Token) -> bool:
        """Whether a word stands after 'your' and is no word for a taste, a history or a review."""
        if self._before(token) != "your" or self.tells_of_own_review(token):
            return False
        return token.value not in lexicon.OWN_TASTE and token.value not in _OWN_ADJECTIVES


def read(clauses: Sequence[Clause], target: str) -> list[Reading]:
    """The clauses with their predicates; one without a verb of its own takes that of the clause it is joined to."""
    readings: list[Reading] = []
    for clause in clauses:
        predicate = _predicate(clause, target)
        if predicate is None:
            predicate = _inherited(clause, readings[-1] if readings else None, target)
        readings.append(Reading(clause, predicate, _level(clause, predicate)))
    return readings


def _predicate(clause: Clause, target: str) -> Predicate | None:
    words = clause.words
    if clause.has(lexicon.OTHERS):
        return "others"
    subject = _user_subject(clause)
    if subject is not None:
        return subject
    if clause.has(lexicon.OWN_TASTE) and clause.has(YOU):
        return "own"
    if _is_singular_fan(words) or (
        clause.has(frozenset(("lover", "enthusiast"))) and (clause.labels or clause.named(target))
    ):
        return "own"
    if clause.named(target) and clause.has(lexicon.RELATIONS | lexicon.TAKING):
        return "company"
    if clause.labels and _relates_label(clause):
        return "company"
    if clause.has(_ITEM | YOU):
        return "item"
    return None


def _is_singular_fan(words: Sequence[str]) -> bool:
    """'as a fan of ...' speaks of the user, 'fans of ...' of others."""
    return any(
        word in ("fan", "lover", "enthusiast")
        and words[max(place - 3, 0) : place]
        and "of" in words[place + 1 : place + 2]
        for place, word in enumerate(words)
    ) and not any(word in ("fans", "people", "viewers") for word in words)


def _user_subject(clause: Clause) -> Predicate | None:
    """The predicate of a clause whose subject is 'you'; None if it has none."""
    words = clause.words
    for place, word in enumerate(words):
        if word != "you":
            continue
        rest = words[place + 1 :]
        if any(
            modal in rest[:2] for modal in ("may", "might", "should", "will", "would", "could", "can", "must", "shall")
        ):
            return "recommendation"
        if place and words[place - 1] in ("may", "might", "should", "will", "would", "could", "can", "must", "do"):
            return "recommendation"
        for verb in rest:
            if verb in lexicon.TAKING or verb in _STATES or verb in ("favour", "prefer", "wrote", "written"):
                return "user"
            if verb not in _BETWEEN:
                break
    return None


def _inherited(clause: Clause, before: Reading | None, target: str) -> Predicate:
    """The predicate of a clause without one."""
    first = next((word for word in clause.words if word), "")
    if first in _IMPERATIVES and not clause.joined.startswith("and"):
        return "recommendation"
    joined = clause.joined.split()
    follows = bool(joined) and joined[-1] in (
        "and",
        "or",
        "&",
        "+",
        "as_well_as",
        "along_with",
        "but",
        "plus",
        "which",
        "yet",
    )
    bare = joined == [","] and not any(clause.words)
    if (
        before is not None
        and (follows or bare)
        and (clause.named(target) or clause.labels or clause.has(lexicon.TAKING))
    ):
        return before.predicate
    return "item"


def _relates_label(clause: Clause) -> bool:
    """Whether a label stands where only an item can: 'it often goes with Crime', 'a close match to Crime'."""
    before: list[str] = []
    for token in clause.tokens:
        if token.kind == "label":
            verb, preposition = ["", "", *before][-2:]
            return preposition == "alongside" or verb in _PAIRED.get(preposition, ())
        if token.value not in _FILLERS:
            before.append(token.value)
    return False


def _level(clause: Clause, predicate: Predicate) -> Level | None:
    """The strongest level that words of the clause claim."""
    found: list[Level] = []
    matches = clause.has(
        frozenset(("match", "matches", "fit", "similar", "matched", "akin", "resembles", "close", "fits"))
    )
    for place, word in enumerate(clause.words):
        if predicate in ("user", "own", "others", "company") and word in lexicon.FREQUENCY:
            found.append(lexicon.FREQUENCY[word])
        if matches and word in lexicon.CLOSENESS and _modifies_match(clause.words, place):
            found.append(lexicon.CLOSENESS[word])
    return max(found, key=LEVELS.index) if found else None


def _modifies_match(words: Sequence[str], place: int) -> bool:
    return not _MATCHED.isdisjoint(words[place + 1 : place + 3])


def _describes_user(words: Sequence[str]) -> bool:
    """Whether a clause says what the user is or has: 'you are ...', 'you have ...'."""
    return any(
        word == "you"
        and words[place + 1 : place + 2]
        and words[place + 1] in ("are", "have", "were", "had", "work", "live")
        for place, word in enumerate(words)
    )
