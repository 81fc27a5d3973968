"""Evidence and correction in words, for people who look at a recommendation."""

from __future__ import annotations

from recbole_curec.data.evidence import Fact
from recbole_curec.reasons.store import ReasonRecord


def fact_words(fact: Fact) -> str:
    """What a fact says, without its strength."""
    if fact.kind == "similar":
        return f'taken with "{fact.name}" of your history by {_people(fact.count)}'
    if fact.kind == "attribute":
        times = "once" if fact.count == 1 else f"{fact.count} times"
        return f"{fact.name}: {times} in your history, more than is usual"
    if fact.kind == "together":
        return f'taken with "{fact.name}" by {_people(fact.count)}'
    return f"{fact.name} among all items"


def correction_words(record: ReasonRecord) -> str:
    """What was wrong with the first draft and what became of it."""
    if record.failure is None:
        return "the first draft passed every check"
    fault = f"first draft: {record.failure_kind}"
    revised = "once" if record.rounds == 1 else f"{record.rounds} times"
    return {
        "repaired": f"{fault}; the model revised it ({revised})",
        "replaced": f"{fault}; the teacher's sentence took its place",
        "left": f"{fault}; kept, as nothing better was found",
    }.get(record.outcome, fault)


def _people(count: int) -> str:
    return "1 other user" if count == 1 else f"{count:,} other users"
