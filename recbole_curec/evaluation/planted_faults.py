"""Planting of faults in good reasons, by kind of fault.

Every function changes a good reason so that it has exactly one fault, or returns None if the fault cannot be planted in
it. :mod:`recbole_curec.evaluation.fault_trial` runs correction on the results.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal, get_args

from recbole_curec.data.catalog import Catalog
from recbole_curec.evaluation.foreign_sentences import FOREIGN_SENTENCES
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.claims.claim import FAULT_KINDS
from recbole_curec.reasons.failures import FailureKind
from recbole_curec.reasons.parsing import MAX_WORDS, QUOTED, completion_naming, words_of
from recbole_curec.reasons.store import ReasonRecord

PlantedFault = Literal[
    "wrong title", "another item's attribute", "another user's history", "broken format", "repetition", "wrong language"
]
PLANTED_FAULTS: tuple[PlantedFault, ...] = get_args(PlantedFault)
# The kinds of failure that count as finding a fault; a low reward does not.
FOUND_AS: dict[PlantedFault, frozenset[FailureKind]] = {
    "wrong title": frozenset({"title"}),
    "another item's attribute": frozenset({"attribute", "preference", "company"}),
    # Where the other user's history has few names, one may be listed twice, which is looked for first.
    "another user's history": frozenset((*FAULT_KINDS, "repetition")),
    "broken format": frozenset({"format"}),
    "repetition": frozenset({"repetition"}),
    "wrong language": frozenset({"language"}),
}
_TRIES = 50


class FaultPlanter:
    """Plants faults with names and labels of a catalog and with other stored reasons.

    Args:
        catalog: Names and labels that may be planted.
        records: Stored reasons, whose texts and histories are used as those of another user.
    """

    def __init__(self, catalog: Catalog, records: Sequence[ReasonRecord]) -> None:
        self._names, self._labels = sorted(catalog.name_set), sorted(catalog.labels)
        self._records = records
        speaks = checker_of(catalog).is_in_language
        self._foreign = [one for one in FOREIGN_SENTENCES if not speaks(QUOTED.sub(" ", one))]
        self._of_item: defaultdict[str, list[ReasonRecord]] = defaultdict(list)
        for record in records:
            self._of_item[record.item].append(record)
        self._planters: dict[PlantedFault, Callable[[ReasonRecord, Random], str | None]] = {
            "wrong title": self._title,
            "another item's attribute": self._attribute,
            "another user's history": self._another_user,
            "broken format": _broken_format,
            "repetition": _repetition,
            "wrong language": self._language,
        }

    def plant(self, fault: PlantedFault, record: ReasonRecord, rng: Random) -> str | None:
        """The record's reason as a completion with the fault in it; None where it cannot be planted."""
        text = self._planters[fault](record, rng)
        if text is None or fault == "broken format":
            return text
        return completion_of(record, text)

    def _title(self, record: ReasonRecord, rng: Random) -> str | None:
        """Another item's title for one that is named, one word of a title changed, or a title without its quotes."""
        name = rng.choice(QUOTED.findall(record.text) or [record.evidence.target])
        way = rng.choice(("other", "other", "one word", "no quotes"))
        other = self._name_not_in(record, rng, fewest_words=2 if way == "no quotes" else 1)
        if other is None or f'"{name}"' not in record.text:
            return None
        if way == "one word":
            words = name.split(" ")
            words[rng.randrange(len(words))] = rng.choice(other.split(" "))
            other = " ".join(words)
        if other in record.evidence.allowed_names:
            return None
        return record.text.replace(f'"{name}"', other if way == "no quotes" else f'"{other}"', 1)

    def _name_not_in(self, record: ReasonRecord, rng: Random, fewest_words: int) -> str | None:
        known = record.evidence.allowed_names | record.evidence.allowed_labels
        text = " ".join(sorted(known))
        drawn = (rng.choice(self._names) for _ in range(_TRIES))
        return next((name for name in drawn if len(words_of(name)) >= fewest_words and name not in text), None)

    def _attribute(self, record: ReasonRecord, rng: Random) -> str | None:
        """Another item's label instead of a mentioned one, or as an additional claim."""
        others = [label for label in self._labels if label not in record.evidence.allowed_labels]
        if not others:
            return None
        other = rng.choice(others)
        prose = QUOTED.sub(lambda match: " " * len(match[0]), record.text)
        mentioned = [
            label for label in sorted(record.evidence.allowed_labels) if re.search(rf"\b{re.escape(label)}\b", prose)
        ]
        if not mentioned:
            return f"{record.text[:-1]}, and you sometimes choose {other}."
        match = re.search(rf"\b{re.escape(rng.choice(mentioned))}\b", prose)
        return match and record.text[: match.start()] + other + record.text[match.end() :]

    def _another_user(self, record: ReasonRecord, rng: Random) -> str | None:
        """Another user's reason for the item, another user's items, or an item of others claimed as this user's."""
        own = record.evidence
        way = rng.choice(("reason", "items", "others"))
        if way == "reason":
            others = [other for other in self._of_item[record.item] if other.written_for != record.written_for]
            rng.shuffle(others)
            foreign = (other.text for other in others if not set(QUOTED.findall(other.text)) <= own.allowed_names)
            return next(foreign, None)
        if way == "others":
            together = [fact.name for fact in own.facts_of("together")]
            return f'"{own.target}" suits you, as you took "{together[0]}" before.' if together else None
        names = [name for name in rng.choice(self._records).evidence.history if name not in own.allowed_names]
        swapped = [name for name in QUOTED.findall(record.text) if name != own.target]
        if not names or not swapped:
            return None
        text = record.text
        for name in swapped:
            text = text.replace(f'"{name}"', f'"{rng.choice(names)}"')
        return text

    def _language(self, record: ReasonRecord, rng: Random) -> str:
        """A true reason in another language, sometimes in another script."""
        evidence = record.evidence
        named = [fact.name for fact in evidence.facts_of("similar")] or [evidence.target]
        return rng.choice(self._foreign).format(target=evidence.target, name=rng.choice(named))


def completion_of(record: ReasonRecord, text: str) -> str:
    """A completion with a reason's text."""
    return completion_naming(record.evidence.target, text)


def _broken_format(record: ReasonRecord, rng: Random) -> str | None:
    text, whole = record.text, completion_of(record, record.text)
    cut = text[: len(text) // 2].rstrip(" .!?\"')")
    ways = (
        text,  # no thinking at all
        whole.replace(THINK_CLOSE, ""),
        whole.replace(THINK_OPEN, ""),
        f"Sure! {whole}",
        f"{THINK_OPEN} {THINK_CLOSE} {text}",
        completion_of(record, f"{THINK_OPEN} more {THINK_CLOSE} {text}"),
        completion_of(record, cut),
        completion_of(record, f'{cut}".' if cut.count('"') % 2 == 0 else f"{cut}."),
        completion_of(record, text.replace(", ", ",\n", 1) if ", " in text else f"{text}\n{text}"),
        completion_of(record, "It suits you."),
        completion_of(record, " ".join([text] * (MAX_WORDS // max(len(words_of(text)), 1) + 2))),
    )
    return rng.choice(ways)


def _repetition(record: ReasonRecord, rng: Random) -> str | None:
    """A clause, a name, a word or the whole sentence repeated."""
    text = record.text
    way = rng.choice(("clause", "name", "word", "sentence"))
    if way == "sentence":
        repeated = f"{text} {text}"
    elif way == "name":
        name = rng.choice(QUOTED.findall(text) or [""])
        repeated = text.replace(f'"{name}"', " ".join([f'"{name}"'] * rng.randint(2, 4)), 1)
    elif way == "word":
        words = list(re.finditer(r"\b[a-z]{3,}\b", QUOTED.sub(lambda match: "_" * len(match[0]), text)))
        if not words:
            return None
        word = rng.choice(words)
        repeated = text[: word.end()] + f" {word[0]}" * rng.randint(1, 4) + text[word.end() :]
    else:
        # Five words, a name counting as one: two clauses of a good reason share fewer.
        clauses = [part for part in re.split(r'[,;:] (?=(?:[^"]*"[^"]*")*[^"]*$)', text[:-1])
                   if len(words_of(QUOTED.sub("name", part))) >= 5]  # fmt: skip
        if not clauses:
            return None
        repeated = f"{text[:-1]}, and {rng.choice(clauses)}."
    return repeated if repeated != text and len(words_of(repeated)) <= MAX_WORDS else None
