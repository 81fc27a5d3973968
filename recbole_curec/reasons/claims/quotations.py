"""Check of quotations from the user's and others' reviews: word for word, about the right item, by the right writer."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.claim import Fault
from recbole_curec.reasons.claims.readings import Reading
from recbole_curec.reasons.claims.tokens import Token

_WRITING = (("wrote", "you"), ("written", "you"), ("review", "your"), ("reviews", "your"))


def misquoted(readings: Sequence[Reading], evidence: Evidence) -> list[list[Fault]]:
    """Quotations that the evidence does not hold, or that are about another item or by somebody else.

    What others wrote has to be said to be another's, in the same clause. Talk of the user's reviews without a quotation
    from one is a fault too.

    Returns:
        The faults of every clause.
    """
    tokens = [token for reading in readings for token in reading.clause.tokens]
    clauses = [number for number, reading in enumerate(readings) for _ in reading.clause.tokens]
    places = [place for place, token in enumerate(tokens) if token.kind == "quotation"]
    faults: list[list[Fault]] = [[] for _ in readings]
    owned = False
    for place in places:
        reading, said = readings[clauses[place]], tokens[place].value
        sources = {excerpt.name for excerpt in evidence.excerpts if excerpt.text == said}
        owned = owned or not reading.quotes_another
        if reading.quotes_another:
            sources = {evidence.target for one in evidence.statements if one.text == said}
        if not sources or not sources.issuperset(_about(tokens, place)):
            faults[clauses[place]].append(Fault("quote", said))
    for number, reading in enumerate(() if owned else readings):
        words = reading.clause.words
        for verb, owner in _WRITING:
            if verb in words and owner in words[: words.index(verb)]:
                faults[number].append(Fault("quote", f"{owner} {verb}"))
                break
    return faults


def _about(tokens: Sequence[Token], place: int) -> list[str]:
    """The name of the item that a quotation is said to be about; empty if none is named behind it."""
    behind = tokens[place + 1 : place + 3]
    if not behind or behind[0].value != "about":
        return []
    return [token.value for token in behind[1:] if token.kind == "name"]
