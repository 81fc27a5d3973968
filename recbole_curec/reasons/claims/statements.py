"""Claims of a clause that a fact can hold, by whom the clause speaks of."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from recbole_curec.data.evidence import Level
from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.claim import Claim
from recbole_curec.reasons.claims.clauses import Clause, listed_with_names
from recbole_curec.reasons.claims.lexicon import FREQUENCY, word_set
from recbole_curec.reasons.claims.popularity import popularity_claims, popularity_word
from recbole_curec.reasons.claims.predicates import YOU
from recbole_curec.reasons.claims.readings import QUANTIFIED, Reading
from recbole_curec.reasons.claims.takers import (
    PRONOUNS,
    ends_with_one_label,
    likens_the_user,
    taken_by_its_takers,
    takers_of_item_before,
)
from recbole_curec.reasons.claims.taking_phrases import OWNED_PHRASES
from recbole_curec.reasons.claims.tokens import NOUN, Token

_KIND_WORDS = lexicon.ITEM_WORDS | word_set("game the a either")
_LIKING = lexicon.OWN_TASTE | word_set("fan lover enthusiast")
_REFERRING = word_set("they them both either each these its whose their did_so do_so have_done_so in_the_company_of")
_ALONGSIDE = word_set("with alongside together_with along_with")
_WOULD, _FITTING = word_set("may might would should could"), word_set("sit go fit slot stand suit look work")
_DESERVING = word_set("deserve deserves place spot slot merits earns may might would should could belongs")
_NOUNS = lexicon.ITEM_WORDS | word_set("game one") | {NOUN}
_GRADES = word_set("close fair loose near closest")
_BOTH = word_set("both them")
# Words that begin what is said of the name or the labels before it.
_APPOSED = word_set("a an one another something both the") | lexicon.LABEL_WORDS
_TO_EACH_OTHER = word_set("share same between together pair pairing each_other one_another match duo combination")
_ARTICLES = word_set("a an the another")
_THIS = word_set("this these")
_BEING = word_set("is are being was were remains")
# Between "is" and the label that it says the target has: "is a very popular Crime movie".
_ATTRIBUTIVE = frozenset(("a", "an", "the", "another", "both", "and", "also", "one", "of", "", NOUN))
# "people like you" and "those who go for it" do not say what others took.
_ACTS = lexicon.TAKING - word_set("like go have get") | lexicon.SHARING
# Verbs whose object is what others take.
_TAKING = _ACTS - lexicon.SHARING
_TARGET = word_set("it this one")


def claims_of(
    reading: Reading, before: Reading | None, last_name: str, target: str, item_before: Reading | None = None
) -> list[Claim]:
    """The claims of a clause that facts can hold.

    Args:
        reading: The clause.
        before: The clause before it that names another item or a label, which a pronoun stands for.
        last_name: The item named last before the clause, the target too, which "which" stands for; empty if none is.
        target: Name of the recommended item.
        item_before: The clause before it that names another item, whose takers "the same people" are.
    """
    clause, words = reading.clause, reading.clause.text.replace('"', "")
    names, labels = _objects(reading, target), clause.labels
    refers = clause.has(_REFERRING) or taken_by_its_takers(clause, target)
    if (not names or names == [target]) and before is not None and reading.predicate == "others" and refers:
        names = before.clause.named(target) or names
    if not names and reading.predicate == "others" and takers_of_item_before(clause, target):
        names = item_before.clause.named(target) if item_before is not None else []
        labels = labels if names or before is None else [*labels, *before.clause.labels]
        if labels and not names:  # the same people as who?
            return [Claim("company", label, words, reading.level, is_label=True) for label in labels]
    widely = popularity_claims(reading, last_name, target, words)
    own = _CLAIMS[reading.predicate](reading, names, labels, words)
    if reading.predicate == "own" and reading.level is None:
        stated = _labels_of_target(clause, target)
        own = [replace(claim, kind="is") if claim.about in stated else claim for claim in own]
    if reading.predicate == "others" and likens_the_user(clause):
        own = [*_user_claims(reading, names, labels, words), *_company(reading, names, words)]
    if labels and _goes_on_listing(
        reading, before
    ):  # 'fans of "A" and Crime take it', 'it shares its fans with "A" and Crime'
        own = _company_claims(reading, names, labels, words)
    if not names and not labels:
        own = [*own, *_referring(reading, before, last_name, target, words, item_before)]
    taken = _said_taken(reading)
    if reading.predicate in ("company", "item") and reading.level is None and _only_fits(clause):
        own = [replace(claim, fits=claim.kind == "company") for claim in own]
    owned = [Claim("took", name, words) for name in taken]
    return [*own, *(claim for claim in owned if claim not in own), *widely]


def _only_fits(clause: Clause) -> bool:
    """Whether the target is only said to go well with an item: 'it would sit nicely beside your "A"'."""
    words = [word for word in clause.words if word not in FREQUENCY and not word.endswith("ly")]
    return any(modal in _WOULD and verb in _FITTING for modal, verb in pairwise(words))


def _objects(reading: Reading, target: str) -> list[str]:
    """The items that a clause speaks of: others than the target, or the target in the place of one."""
    names = reading.clause.named(target)
    if names:
        return [*names, target] if reading.predicate in QUANTIFIED and _ends_list(reading.clause, target) else names
    places = [place for place, token in enumerate(reading.clause.tokens) if token.kind == "name"]
    if reading.predicate in ("user", "others") and places:
        before = reading.clause.words[: places[-1]]
        compared = before[-1:] in (["like"], ["such_as"])
        made = before[-1:] in (["make"], ["makes"])  # 'the films you watched make "A" a good choice'
        taken = reading.predicate == "user" and not lexicon.TAKING.isdisjoint(before) and not compared and not made
        if taken or before[-2:] == ["fans", "of"]:
            return [target]
    if reading.predicate == "own" and places and reading.clause.has(OWNED_PHRASES):
        return [] if reading.clause.has(_DESERVING) else [target]
    if reading.predicate == "own" and places:
        before = [word for word in reading.clause.words[: places[-1]] if word not in _KIND_WORDS]
        liked, preposition = ["", "", *before][-2:]
        if preposition in ("of", "for", "in") and liked in _LIKING:
            return [target]
    return []


def _ends_list(clause: Clause, target: str) -> bool:
    """Whether the target stands in a list after another item: 'it goes with "A" and the target'.

    '"A" and the target go together' is the list that begins a clause, of the two that go with each other.
    """
    tokens = clause.tokens
    begins = next((token.kind for token in tokens if token.value not in ("the", "both")), "") == "name"
    if (begins or "between" in clause.words) and clause.has(_TO_EACH_OTHER) and not clause.has(YOU):
        return False
    return any(
        tokens[place].kind == "name"
        and tokens[place].value != target
        and tokens[place + 2].value == target
        and clause.words[place + 3 : place + 4] != ["together"]
        for place in range(len(tokens) - 2)
        if tokens[place + 1].value in ("and", "or") and tokens[place + 2].kind == "name"
    )


def _user_claims(reading: Reading, names: list[str], labels: list[str], words: str) -> list[Claim]:
    habit = reading.clause.has(lexicon.HABITS) and not labels and reading.level != "weak"
    took = [Claim("took", name, words, reading.level) for name in names]
    # How often an item was taken is no fact.
    often = [Claim("favours", name, words, reading.level) for name in names if habit]
    return [*(often or took), *(Claim("favours", label, words, reading.level, is_label=True) for label in labels)]


def _goes_on_listing(reading: Reading, before: Reading | None) -> bool:
    """Whether a clause is nothing but the next in a list of what others took."""
    nouns = {word for word in reading.clause.words if word}
    bare = not nouns or (nouns == {NOUN} and reading.clause.joined.split()[-1:] in (["and"], ["or"]))
    return reading.predicate == "others" and bare and before is not None and before.clause.has(_ACTS)


def _others_claims(reading: Reading, names: list[str], labels: list[str], words: str) -> list[Claim]:
    # "for fans of Crime" says what the target is, "fans of Crime take it" and "it shares fans with Crime" what they do.
    if reading.clause.has(_ACTS) or _going_for(reading.clause) is not None:
        return _company_claims(reading, names, labels, words)
    return [*_company(reading, names, words), *_item_claims(reading, names, labels, words)]


def _company_claims(reading: Reading, names: list[str], labels: list[str], words: str) -> list[Claim]:
    taken = {*listed_with_names(reading.clause), *_taken_labels(reading.clause)} if names else {*labels}
    taken -= _stated_labels(reading.clause)
    company = [Claim("company", label, words, reading.level, is_label=True) for label in labels if label in taken]
    said = [label for label in labels if label not in taken]
    return [*_company(reading, names, words), *company, *_item_claims(reading, names, said, words)]


def _stated_labels(clause: Clause) -> set[str]:
    """The labels that a clause says something is, before it says who takes it: 'is a Crime movie that many watch'."""
    stated: set[str] = set()
    tokens = clause.tokens
    for place, token in enumerate(tokens):
        if token.kind == "label":
            verb = place - 1
            while verb >= 0 and (tokens[verb].kind == "label" or _qualifies(tokens[verb])):
                verb -= 1
            described = not _ARTICLES.isdisjoint(clause.words[verb + 1 : place])
            says = clause.words[verb] in _BEING if described else clause.words[verb] in _THIS
            name = place + 1
            while name < len(tokens) and (tokens[name].kind == "label" or tokens[name].value == NOUN):
                name += 1
            before_name = described and name < len(tokens) and tokens[name].kind == "name"
            if (says and verb >= 0) or before_name:
                stated.add(token.value)
    return stated


def _labels_of_target(clause: Clause, target: str) -> set[str]:
    """The labels right before the target's name: 'the 1994 comedy "A" deserves a place on your list'."""
    found: set[str] = set()
    for token in clause.tokens:
        if token.kind == "label":
            found.add(token.value)
        elif token.kind == "name" and token.value == target:
            return found
        elif token.value != NOUN and token.value not in _KIND_WORDS:
            found.clear()
    return set()


def _qualifies(token: Token) -> bool:
    return token.kind == "word" and (token.value in _ATTRIBUTIVE or token.value in lexicon.POPULARITY)


def _going_for(clause: Clause) -> int | None:
    """The place after "go for" where people go for the target, a name or a label: 'fans of Crime go for it too'."""
    words = clause.words
    people = next((place for place, word in enumerate(words) if word in lexicon.OTHERS), len(words))
    for place, pair in enumerate(pairwise(words)):
        after = clause.tokens[place + 2 : place + 3]
        if pair == ("go", "for") and after and any(token.kind != "word" for token in clause.tokens[people:place]):
            return place + 2 if after[0].kind != "word" or after[0].value in _TARGET else None
    return None


def _taken_labels(clause: Clause) -> list[str]:
    """The labels that other people are said to take: 'fans of "A" often choose Crime movies'."""
    if not clause.has(lexicon.OTHERS):
        return []
    going = _going_for(clause)
    return [
        token.value
        for place, token in enumerate(clause.tokens)
        if token.kind == "label" and (place == going or (place and clause.words[place - 1] in _TAKING))
    ]


def _company(reading: Reading, names: list[str], words: str) -> list[Claim]:
    return [Claim("company", name, words, reading.level) for name in names]


def _item_claims(reading: Reading, names: list[str], labels: list[str], words: str) -> list[Claim]:
    return [Claim("is", label, words, is_label=True) for label in labels]


_CLAIMS = {
    "user": _user_claims, "own": _user_claims, "others": _others_claims, "company": _company_claims,
    "recommendation": _item_claims, "item": _item_claims, "told": _item_claims,
}  # fmt: skip


def _said_taken(reading: Reading) -> list[str]:
    """The items that the user has by the way: 'it goes with your "A"', 'like others who took "A", you may ...'."""
    tokens, words = reading.clause.tokens, reading.clause.words
    owned = [after.value for word, after in pairwise(tokens) if word.value == "your" and after.kind == "name"]
    if reading.predicate == "others" and words[:1] in (["like"], ["just_like"]) and reading.clause.has(lexicon.TAKING):
        owned += reading.clause.names
    return owned


def _referring(
    reading: Reading, before: Reading | None, last_name: str, target: str, words: str, item_before: Reading | None
) -> list[Claim]:
    """Claims of a clause without names about what was named before: ', a close match', 'which you often choose'."""
    clause, has_you = reading.clause, reading.clause.has(YOU)
    named = before.clause.named(target) if before is not None else []
    labels = before.clause.labels if before is not None else []
    if reading.predicate == "own" and "which" in clause.joined:
        return _user_claims(reading, named, labels, words)
    if reading.predicate == "user":
        if has_you and clause.words[:1] == ["like"]:  # 'it is of 1995, like most films you choose'
            return _user_claims(reading, [], labels, words)
        last = before.clause.tokens[-1].kind if before is not None else ""
        if clause.joined == "," and clause.words[:1] == ["something"] and last == "label":
            return _user_claims(reading, [], labels, words)  # 'it is a romance, something you often pick'
        if clause.joined == "," and clause.words[0] in _APPOSED:  # ', a film you chose', ', a genre you love'
            kinds = clause.has(lexicon.LABEL_WORDS)
            labels = labels[-1:] if before is not None and ends_with_one_label(before.clause) else labels
            labels = _of_kind(labels, clause)
            return _user_claims(reading, [] if kinds or not last_name else [last_name], labels if kinds else [], words)
        object_of = clause.words[clause.words.index("you") :] if "you" in clause.words else clause.words
        if not PRONOUNS.isdisjoint(object_of) or "which" in clause.joined:
            pointed = clause.has(_BOTH) or any(
                word == "that" and noun in _NOUNS for word, noun in pairwise(clause.words)
            )
            if pointed and not named and item_before is not None:  # 'that book', not its labels
                named, labels = item_before.clause.named(target), []
            labels = _of_kind(labels, clause) if clause.has(lexicon.LABEL_WORDS) else labels
            found = _user_claims(reading, named, labels, words)
            return found or [Claim("took", target, words)]
        return []
    if reading.predicate in ("others", "company"):
        follows = reading.predicate == "company" or clause.has(_REFERRING) or not clause.has(lexicon.OTHERS)
        follows = follows or ("which" in clause.joined and clause.has(_ALONGSIDE))
        if named and follows:
            return _company(reading, named, words)
        taken = clause.has(lexicon.TAKING) and popularity_word(clause) is None
        few = "few" in clause.words and "a_few" not in clause.words
        level: Level | None = None if few else reading.level
        return [Claim("popularity", "", "lesser known" if few else words, level)] if taken else []
    if _goes_with_itself(clause, target):
        # It is the item that the user took; otherwise it is the target, which goes with itself.
        owned = named if before is not None and before.predicate in ("user", "own") else []
        return _company(reading, owned or [target], words)
    related = clause.has(_BOTH) and clause.has(lexicon.RELATIONS)
    matched = reading.level is not None and _compares_to_target(clause)
    return _company(reading, named, words) if not has_you and (related or matched) else []


def _of_kind(labels: list[str], clause: Clause) -> list[str]:
    """The years of the labels for ', a year you favour', the others for ', a genre you favour'; all if none is one."""
    years = [label for label in labels if label[-4:].isdecimal()]
    if "year" in clause.words:
        return years or labels
    return [label for label in labels if label not in years] or labels


def _goes_with_itself(clause: Clause, target: str) -> bool:
    """Whether 'it' is said to go with the target, so that it is another item or the target itself."""
    words = clause.words
    place = next((k for k, token in enumerate(clause.tokens) if token.kind == "name" and token.value == target), 0)
    verb, preposition = ["", "", *words[:place]][-2:]
    alongside = preposition in ("together_with", "along_with", "alongside") and verb in lexicon.TAKING
    goes = preposition == "with" and verb in ("goes", "go", "taken", "paired", "picked", "chosen")
    return "it" in words[:place] and (goes or alongside)


def _compares_to_target(clause: Clause) -> bool:
    """Whether a clause such as 'a close match' or 'a close match to the target' speaks of what was named before it."""
    places = [place for place, token in enumerate(clause.tokens) if token.kind == "name"]
    graded = any(word in _GRADES and after in ("match", "matches") for word, after in pairwise(clause.words))
    if places == [0] and graded and clause.joined == ",":  # 'with "A" in your history, the target is a close match'
        return True
    return not places or (
        clause.joined == "," and clause.words[places[0] - 1 : places[0]] in (["to"], ["with"], ["for"])
    )
