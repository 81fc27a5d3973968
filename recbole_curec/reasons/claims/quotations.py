"""Check of quotations from the user's reviews: word for word, about the right item."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.claim import Fault
from recbole_curec.reasons.claims.readings import Reading

_WRITING = (("wrote", "you"), ("written", "you"), ("review", "your"), ("reviews", "your"))


def misquoted(readings: Sequence[Reading], evidence: Evidence) -> list[list[Fault]]:
    """Quotations that the evidence does not hold or that are about another item, and talk of reviews without one.

    Returns:
        The faults of every clause.
    """
    tokens = [token for reading in readings for token in reading.clause.tokens]
    clauses = [number for number, reading in enumerate(readings) for _ in reading.clause.tokens]
    quoted = [place for place, token in enumerate(tokens) if token.kind == "quotation"]
    faults: list[list[Fault]] = [[] for _ in readings]
    for place in quoted:
        said = tokens[place].value
        sources = {excerpt.name for excerpt in evidence.excerpts if excerpt.text == said}
        about = (
            tokens[place + 2 : place + 3]
            if [token.value for token in tokens[place + 1 : place + 2]] == ["about"]
            else []
        )
        wrong = any(token.kind == "name" and token.value not in sources for token in about)
        if not sources or wrong:
            faults[clauses[place]].append(Fault("quote", said))
    for number, reading in enumerate(readings if not quoted else ()):
        words = reading.clause.words
        for verb, owner in _WRITING:
            if verb in words and owner in words[: words.index(verb)]:
                faults[number].append(Fault("quote", f"{owner} {verb}"))
                break
    return faults
