"""Check of quotations from the user's and others' reviews: word for word, about the right item, by the right writer."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.claim import Fault
from recbole_curec.reasons.claims.lexicon import WRITING
from recbole_curec.reasons.claims.readings import Reading
from recbole_curec.reasons.claims.tokens import Token

# Words of writing before "about" and a name, and how far before the quotation they are looked for.
_REVIEWING = WRITING | {"review", "reviews"}
_ABOUT = frozenset(("about", "of", "on"))
_FAR = 8
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
    """The names of the items that a quotation is said to be about: behind it, or in 'about "A" you wrote ...'."""
    behind = tokens[place + 1 : place + 3]
    found = behind[1:] if behind and behind[0].value == "about" else []
    # 'wrote about "A"', or 'Of "A" you wrote' at the start of the reason.
    before = tokens[max(place - _FAR, 0) : place]
    for k in range(1, len(before)):
        writes = before[k - 2].value in _REVIEWING if k > 1 else len(before) == place
        if before[k].kind == "name" and before[k - 1].value in _ABOUT and writes:
            found = [*found, before[k]]
    return [token.value for token in found if token.kind == "name"]
