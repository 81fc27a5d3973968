"""Evidence and correction in words, for people who look at a recommendation."""

from __future__ import annotations

from recbole_curec.data.evidence import Fact, FactKind
from recbole_curec.data.statements import Statement
from recbole_curec.ranking.reranker import Moved
from recbole_curec.reasons.parsing import quoted
from recbole_curec.reasons.store import ReasonRecord

# What a fact of a kind says, without its strength, of one {count} and of several; the page fills the same forms in.
FACT_FORMS: dict[FactKind, tuple[str, str]] = {
    "similar": (
        'taken with "{name}" of the history by 1 other user',
        'taken with "{name}" of the history by {count} other users',
    ),
    "attribute": (
        "{name}: once in the history, above its share",
        "{name}: {count} times in the history, above its share",
    ),
    "together": ('taken with "{name}" by 1 other user', 'taken with "{name}" by {count} other users'),
    "popularity": ("{name} among all items", "{name} among all items"),
}

# Contributions of the ranker that are told: the largest.
_REASONS_TO_MOVE = 3


def fact_words(fact: Fact) -> str:
    """What a fact says, without its strength."""
    one, several = FACT_FORMS[fact.kind]
    return (one if fact.count == 1 else several).format(name=fact.name, count=f"{fact.count:,}")


def moved_words(moved: Moved) -> str:
    """Where the ranker moved an item, and what spoke for it most."""
    place = f"place {moved.before} before, {moved.after} now" if moved.before != moved.after else f"place {moved.after}"
    added = [f"{column.words} {value:+.2f}" for column, value in moved.contributions[:_REASONS_TO_MOVE] if value > 0]
    return f"{place}; {', '.join(added) or 'nothing beside its score speaks for it'}"


def statement_words(statement: Statement) -> str:
    """What another user's statement about the item says."""
    return f"another reviewer wrote {quoted(statement.text)}"


def correction_words(record: ReasonRecord) -> str:
    """What was wrong with the first draft and what became of it."""
    if record.failure is None:
        return "the first draft passed every check"
    fault = f"first draft: {record.failure_kind}"
    revised = "once" if record.rounds == 1 else f"{record.rounds} times"
    return {
        "repaired": f"{fault}; revised by the model ({revised})",
        "replaced": f"{fault}; the teacher's sentence took its place",
        "left": f"{fault}; kept, as nothing better was found",
    }.get(record.outcome, fault)
