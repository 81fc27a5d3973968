"""What a clause claims of how widely the target is taken: "a popular film", "a hit with fans of ..."."""

from __future__ import annotations

from recbole_curec.data.evidence import Level
from recbole_curec.reasons.claims.claim import Claim
from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import POPULARITY, word_set
from recbole_curec.reasons.claims.readings import Reading
from recbole_curec.reasons.claims.tokens import Token

# After a word of popularity that only says with whom: "popular with fans of ...".
_WITH_WHOM = word_set("among with for to")


def popularity_claims(reading: Reading, last_name: str, target: str, words: str) -> list[Claim]:
    """The claims of a clause about how widely something is taken.

    Args:
        reading: The clause.
        last_name: The item named last before it, which "which" stands for; empty if none is.
        target: Name of the recommended item.
        words: The clause as it is written.
    """
    clause = reading.clause
    word = popularity_word(clause)
    if word is None:
        return []
    named, reach = clause.named(target), POPULARITY[word.value]
    place = next(k for k, token in enumerate(clause.tokens) if token is word)
    if named and reading.predicate == "others" and reach > 0:  # popular among fans of another item
        level: Level = "strong" if reach >= 2 else "fair"
        company = [Claim("company", name, words, level) for name in named]
        after = clause.words[place + 1 : place + 2]
        # "A popular film among fans of ..." is popular too.
        return company if not after or after[0] in _WITH_WHOM else [*company, _popular("", word, reach)]
    before = [token.value for token in clause.tokens[:place] if token.kind == "name"]
    about = before[-1] if before else last_name if "which" in clause.joined else target
    if named and reading.predicate == "company" and "is" not in clause.words:
        about = target
    return [_popular("" if about in (target, "") else about, word, reach)]


def popularity_word(clause: Clause) -> Token | None:
    """The word of a clause that says how widely something is taken, the strongest if there are several."""
    found = [token for token in clause.tokens if token.kind == "word" and token.value in POPULARITY]
    return max(found, key=lambda token: abs(POPULARITY[token.value]), default=None)


def _popular(about: str, word: Token, reach: int) -> Claim:
    return Claim("popularity", about, word.text, reach=reach)
