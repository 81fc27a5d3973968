"""Faults planted from the side of the evidence: the sentence stays, and the facts under it change.

:mod:`recbole_curec.evaluation.planted_faults` changes sentences and can only plant what its author thought of writing.
Here a true sentence is taken with its evidence, a fact that it states is removed, weakened or replaced, and what was
true becomes false word for word. The opposite direction is measured as well: changes that leave every stated fact
alone must not make a checker find a fault. The checker is a function that is passed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Literal, get_args

from tqdm import tqdm

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.evaluation import evidence_changes as changes
from recbole_curec.evaluation.evidence_changes import ITEM_KINDS, renamed, same_subject, stated_fact
from recbole_curec.reasons.parsing import ParsedReason, completion_naming, parse_reason

EvidenceFault = Literal[
    "fact removed",
    "preference only an attribute",
    "level lowered by one",
    "level lowered by two",
    "taken only by others",
    "popularity flipped",
    "item renamed",
    "label renamed",
    "fact and history removed",
    "excerpt removed",
]
HarmlessChange = Literal[
    "fact added", "level raised", "facts reordered", "item added to the history", "item renamed throughout"
]
EVIDENCE_FAULTS: tuple[EvidenceFault, ...] = get_args(EvidenceFault)
HARMLESS_CHANGES: tuple[HarmlessChange, ...] = get_args(HarmlessChange)

_EXAMPLES = 5
_TRIES = 50


class EvidencePlanter:
    """Changes the evidence of true sentences.

    Args:
        catalog: Names and labels that take the place of others.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._names, self._labels = sorted(catalog.name_set), sorted(catalog.labels)
        self._faults: dict[EvidenceFault, Callable[[str, Evidence, Random], Evidence | None]] = {
            "fact removed": changes.fact_removed,
            "preference only an attribute": changes.preference_only_an_attribute,
            "level lowered by one": changes.level_lowered_by_one,
            "level lowered by two": changes.level_lowered_by_two,
            "taken only by others": changes.taken_only_by_others,
            "popularity flipped": changes.popularity_flipped,
            "item renamed": self.item_renamed,
            "label renamed": self.label_renamed,
            "fact and history removed": changes.fact_and_history_removed,
            "excerpt removed": changes.excerpt_removed,
        }
        self._harmless: dict[HarmlessChange, Callable[[str, Evidence, Random], tuple[str, Evidence] | None]] = {
            "fact added": self.fact_added,
            "level raised": changes.level_raised,
            "facts reordered": changes.facts_reordered,
            "item added to the history": self.item_added_to_history,
            "item renamed throughout": self.item_renamed_throughout,
        }

    def plant(self, fault: EvidenceFault, text: str, evidence: Evidence, rng: Random) -> Evidence | None:
        """Evidence under which a true sentence is false; None if it states no fact of that kind."""
        return self._faults[fault](text, evidence, rng)

    def change(self, change: HarmlessChange, text: str, evidence: Evidence, rng: Random) -> tuple[str, Evidence] | None:
        """A sentence and evidence under which it is as true as before; None where the change is not possible."""
        return self._harmless[change](text, evidence, rng)

    def item_renamed(self, text: str, evidence: Evidence, rng: Random) -> Evidence | None:
        """The item of a stated fact has another name: the sentence names one that is not in the evidence."""
        fact = stated_fact(text, evidence, ITEM_KINDS, rng)
        other = self._other_name(text, evidence, rng)
        return None if fact is None or other is None else renamed(evidence, fact.name, other)

    def label_renamed(self, text: str, evidence: Evidence, rng: Random) -> Evidence | None:
        """A stated label of the target and of the user's preference is another one."""
        fact = stated_fact(text, evidence, ("attribute",), rng)
        others = [label for label in self._labels if label not in evidence.allowed_labels and label not in text]
        if fact is None or not others:
            return None
        other = rng.choice(others)
        facts = tuple(replace(one, name=other) if same_subject(one, fact) else one for one in evidence.facts)
        attributes = tuple(other if label == fact.name else label for label in evidence.attributes)
        return replace(evidence, facts=facts, attributes=attributes)

    def fact_added(self, text: str, evidence: Evidence, rng: Random) -> tuple[str, Evidence] | None:
        """One more supporting item, of any level."""
        other = self._other_name(text, evidence, rng)
        if other is None:
            return None
        kind = rng.choice(ITEM_KINDS)
        return text, replace(evidence, facts=(Fact(kind, other, 5, rng.choice((0.1, 0.3, 0.6))), *evidence.facts))

    def item_added_to_history(self, text: str, evidence: Evidence, rng: Random) -> tuple[str, Evidence] | None:
        """One more item in the history."""
        other = self._other_name(text, evidence, rng)
        return None if other is None else (text, replace(evidence, history=(*evidence.history, other)))

    def item_renamed_throughout(self, text: str, evidence: Evidence, rng: Random) -> tuple[str, Evidence] | None:
        """A stated item has another name, in the evidence and in the sentence."""
        fact = stated_fact(text, evidence, ITEM_KINDS, rng)
        other = self._other_name(text, evidence, rng)
        if fact is None or other is None:
            return None
        return text.replace(f'"{fact.name}"', f'"{other}"'), renamed(evidence, fact.name, other)

    def _other_name(self, text: str, evidence: Evidence, rng: Random) -> str | None:
        drawn = (rng.choice(self._names) for _ in range(_TRIES))
        return next((name for name in drawn if name not in evidence.allowed_names and name not in text), None)


@dataclass(frozen=True)
class EvidenceFaultReport:
    """What a checker makes of true sentences, of changed evidence that makes them false, and of harmless changes.

    Attributes:
        true: Number of true sentences.
        flagged: Number of them in which a fault is found; nothing is planted in those.
        planted: Number of sentences that were made false, by kind.
        found: Number of them in which a fault is found.
        changed: Number of sentences whose evidence was changed without harm, by kind.
        wrongly_flagged: Number of them in which a fault is found.
        missed: Sentences in which a planted fault was not found, by kind, at most five each.
    """

    true: int
    flagged: int
    planted: dict[EvidenceFault, int]
    found: dict[EvidenceFault, int]
    changed: dict[HarmlessChange, int]
    wrongly_flagged: dict[HarmlessChange, int]
    missed: dict[EvidenceFault, list[str]]

    def record(self) -> dict[str, Any]:
        """Plain data for storage."""
        return asdict(self)


def measure(
    sentences: Sequence[tuple[str, Evidence]],
    is_faulty: Callable[[ParsedReason, Evidence], bool],
    catalog: Catalog,
    *,
    seed: int,
    show_progress: bool = True,
) -> EvidenceFaultReport:
    """Plant one fault of every kind in every true sentence where that is possible, and change it harmlessly.

    Args:
        sentences: True sentences with their evidence.
        is_faulty: The checker that is measured.
        catalog: Names and labels that take the place of others.
        seed: Seed of every choice.
        show_progress: Whether a progress bar is drawn.
    """
    planter, rng = EvidencePlanter(catalog), Random(f"{seed}/evidence")  # noqa: S311
    planted, found = Counter[EvidenceFault](), Counter[EvidenceFault]()
    changed, wrongly = Counter[HarmlessChange](), Counter[HarmlessChange]()
    missed: dict[EvidenceFault, list[str]] = {}
    flagged = 0

    def faulty(text: str, evidence: Evidence) -> bool:
        return is_faulty(parse_reason(completion_naming(evidence.target, text)), evidence)

    for text, evidence in tqdm(sentences, desc="evidence faults", leave=False, disable=not show_progress):
        if faulty(text, evidence):
            flagged += 1
            continue
        for fault in EVIDENCE_FAULTS:
            without = planter.plant(fault, text, evidence, rng)
            if without is None:
                continue
            hit = faulty(text, without)
            planted[fault] += 1
            found[fault] += hit
            if not hit and len(missed.setdefault(fault, [])) < _EXAMPLES:
                missed[fault].append(text)
        for change in HARMLESS_CHANGES:
            as_true = planter.change(change, text, evidence, rng)
            if as_true is not None:
                changed[change] += 1
                wrongly[change] += faulty(*as_true)
    return EvidenceFaultReport(
        len(sentences), flagged, dict(planted), dict(found), dict(changed), dict(wrongly), missed
    )
