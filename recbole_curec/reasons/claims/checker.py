"""The truth checker of English: reads the claims of a reason and finds those that no fact of its evidence holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.binding import Binder
from recbole_curec.reasons.claims.claim import Claim, ClaimKind, Fault, FaultKind
from recbole_curec.reasons.claims.clauses import Clause, split, written_once
from recbole_curec.reasons.claims.grammar import is_garbled
from recbole_curec.reasons.claims.quotations import misquoted
from recbole_curec.reasons.claims.readings import QUANTIFIED, Reading, read
from recbole_curec.reasons.claims.recommendations import recommends_another
from recbole_curec.reasons.claims.references import resolved
from recbole_curec.reasons.claims.statements import claims_of
from recbole_curec.reasons.claims.tokens import Reader
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.english import is_english
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.languages.language import Language
from recbole_curec.reasons.parsing import ParsedReason

# Kinds of words that no fact can hold, in the order in which they are looked for.
_UNSAYABLE: tuple[tuple[FaultKind, frozenset[str]], ...] = (
    ("rating", lexicon.RATINGS),
    ("number", lexicon.NUMBERS),
    ("opinion", lexicon.OPINIONS),
    ("time", lexicon.TIMES),
    ("place", lexicon.PLACES),
)
# Predicates that words of taking, liking and frequency can belong to; of the target they would tell a story.
_OF_PEOPLE = (*QUANTIFIED, "recommendation", "told")
# What a reason says once of an item or label; that the user took an item may be said beside what others take with it.
_SAID_ONCE: tuple[ClaimKind, ...] = ("company", "favours")
_YEARS = frozenset(("year", "years"))
_NUMBERS = {
    word: number
    for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}


class ClaimChecker(TruthChecker):
    """Reads English prose, whoever wrote it.

    Args:
        catalog: Names and labels of all items.
        language: English, or a variety of it.
    """

    def __init__(self, catalog: Catalog, language: type[Language] = English) -> None:
        super().__init__(catalog, language)
        self._reader = Reader(catalog)
        # Several questions are asked of one reason in a row; it is read once.
        self._latest: tuple[str, Evidence, list[Reading], list[list[Claim]]] | None = None

    def claims(self, reason: ParsedReason, evidence: Evidence) -> list[Claim]:
        """The claims of a reason that a fact can hold, true or false, each once."""
        _, claims = self._read(reason, evidence)
        return list(dict.fromkeys(claim for one in claims for claim in one))

    def faults(self, reason: ParsedReason, evidence: Evidence) -> list[Fault]:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.faults`."""
        readings, claims = self._read(reason, evidence)
        quotes, others = misquoted(readings, evidence), _other_faults(readings, claims, evidence)
        return _once([fault for faults in (*quotes, *others) for fault in faults])

    def judged_clauses(self, reason: ParsedReason, evidence: Evidence) -> list[tuple[str, bool]]:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.judged_clauses`."""
        readings, claimed = self._read(reason, evidence)
        strange = _strange(readings)
        judged = []
        for reading, claims, quotes, faults in zip(
            readings,
            claimed,
            misquoted(readings, evidence),
            _other_faults(readings, claimed, evidence),
            strict=True,
        ):
            wrong = bool(quotes or faults) or any(claim.about in strange for claim in claims)
            quoting = any(token.kind == "quotation" for token in reading.clause.tokens)
            if wrong or claims or quoting:
                judged.append((reading.clause.quoted_text, not wrong))
        return judged

    def supported(self, reason: ParsedReason, evidence: Evidence) -> int:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.supported`."""
        binder = Binder(evidence)
        readings, _ = self._read(reason, evidence)
        quoted = sum(token.kind == "quotation" for one in readings for token in one.clause.tokens)
        return quoted + sum(binder.fault(claim) is None for claim in self.claims(reason, evidence))

    def says_twice(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.says_twice`."""
        said: set[tuple[str, str]] = set()
        for reading, claims in zip(*self._read(reason, evidence), strict=True):
            named = {*reading.clause.names, *reading.clause.labels}
            facts = {(one.kind, one.about) for one in claims if one.kind in _SAID_ONCE and one.about in named}
            if not said.isdisjoint(facts):
                return True
            said |= facts
        return False

    def names_target(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """Whether a reason names its target, as a name: "It is popular" does not name the film "It"."""
        readings, _ = self._read(reason, evidence)
        return any(evidence.target in one.clause.names for one in readings)

    def is_in_language(self, prose: str) -> bool:
        """See :meth:`~recbole_curec.reasons.claims.truth_checker.TruthChecker.is_in_language`."""
        return is_english(prose)

    def _read(self, reason: ParsedReason, evidence: Evidence) -> tuple[list[Reading], list[list[Claim]]]:
        """The clauses of a reason, and the claims of each."""
        latest = self._latest
        if latest is None or latest[0] != reason.text or latest[1] is not evidence:
            target = evidence.target
            readings = read(split(resolved(self._reader.tokens(reason.text, evidence), target), target), target)
            latest = self._latest = (reason.text, evidence, readings, list(_claims(readings, target)))
        return latest[2], latest[3]


def _other_faults(
    readings: Sequence[Reading], claimed: Sequence[Sequence[Claim]], evidence: Evidence
) -> list[list[Fault]]:
    """What is wrong with every clause, quotations apart."""
    binder, strange = Binder(evidence), _strange(readings)
    names = len({name for one in readings for name in one.clause.named(evidence.target)})
    dated = any(char.isdigit() for one in readings for label in one.clause.labels for char in label)
    found: list[list[Fault]] = []
    last: Clause | None = None
    for reading, claims in zip(readings, claimed, strict=True):
        # Whatever is said of a name that is in no fact is false for that reason alone.
        bound = (binder.fault(claim) for claim in claims if claim.about not in strange)
        faults = [*_unknown_names(reading), *(fault for fault in bound if fault is not None)]
        faults += _unsayable(reading, names, dated=dated)
        if recommends_another(reading.clause, last, evidence.target):
            faults.append(Fault("content", _around(reading, 0)))
        if is_garbled(reading.clause, last):
            faults.append(Fault("grammar", _around(reading, 0)))
        found.append(faults)
        last = reading.clause
    return found


def _strange(readings: Sequence[Reading]) -> set[str]:
    """The names in a reason that are in no fact."""
    return {fault.about for reading in readings for fault in _unknown_names(reading)}


def _claims(readings: Sequence[Reading], target: str) -> Iterator[list[Claim]]:
    before: Reading | None = None
    item_before: Reading | None = None
    last_name = ""
    for reading in readings:
        yield claims_of(reading, before, last_name, target, item_before)
        last_name = [last_name, *reading.clause.names][-1]
        if reading.clause.named(target) or reading.clause.labels:
            before = reading
        if reading.clause.named(target):
            item_before = reading


def _unknown_names(reading: Reading) -> list[Fault]:
    names = (token for token in reading.clause.tokens if token.kind == "name" and not token.known)
    return [Fault("title", token.value, token.value) for token in names]


def _unsayable(reading: Reading, names: int, *, dated: bool) -> list[Fault]:
    """Words of a clause that no fact can hold, at most one fault of each kind.

    Args:
        reading: The clause.
        names: Number of items that the reason names besides the target.
        dated: Whether the reason names a year that is a label, so that it may speak of "that year".
    """
    faults: dict[FaultKind, Fault] = {}
    for place, token in enumerate(reading.clause.tokens):
        if reading.names_family(place):
            faults["user"] = Fault("user", _around(reading, place))
        sayable = token.kind != "word" or (dated and reading.clause.words[place] in _YEARS)
        kind = None if sayable else _unsayable_kind(place, reading, names)
        if kind is not None and kind not in faults:
            faults[kind] = Fault(kind, _around(reading, place))
    if not faults and (reading.predicate == "told" or reading.names_a_favourite):
        faults["user"] = Fault("user", _around(reading, 0))
    return list(faults.values())


def _unsayable_kind(place: int, reading: Reading, names: int) -> FaultKind | None:
    word = reading.clause.words[place]
    if reading.gives_opinion(word):
        return "opinion"
    if word in lexicon.NEGATIONS:
        denied_twice = word in lexicon.HARDLY and reading.clause.has(lexicon.LEAVING_OUT)
        return None if denied_twice else "negation"
    if word.isdecimal() or word in _NUMBERS:
        counted = int(word) if word.isdecimal() else _NUMBERS[word]
        return None if word == "one" or counted == names else "number"
    if reading.tells_of_own_review(place) or reading.tells_of_another(place):
        return None
    if reading.recommends_with(place):
        return None
    for kind, words in _UNSAYABLE:
        if word in words:
            return kind
    wished = word in lexicon.WISHES and "you" in reading.clause.words and "if" not in reading.clause.joined.split()
    if wished or reading.speaks_of_user_unknown(place):
        return "user"
    if word in lexicon.OF_PEOPLE and reading.predicate not in _OF_PEOPLE:
        return "content"
    if word in lexicon.LISTED or reading.describes_own(place):
        return None
    if any(char.isdigit() for char in word):
        return "number"
    return "user" if reading.is_about_user else "content"


def _around(reading: Reading, place: int) -> str:
    """The clause, or the part of it around a word."""
    tokens = reading.clause.tokens
    start = max(0, min(place - ClaimChecker.longest_words // 2, len(tokens) - ClaimChecker.longest_words))
    shown = written_once(tokens[start : start + ClaimChecker.longest_words])
    return " ".join(token.text for token in shown).replace('"', "")


def _once(faults: Sequence[Fault]) -> list[Fault]:
    """The faults without repetitions of a kind about the same thing."""
    return list({(fault.kind, fault.about or fault.words): fault for fault in reversed(faults)}.values())[::-1]
