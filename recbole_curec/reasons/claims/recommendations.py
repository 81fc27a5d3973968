"""Recommendations of something else than the target: "the recommended item: "A"", "we recommend "A" to you"."""

from __future__ import annotations

from recbole_curec.reasons.claims.clauses import Clause
from recbole_curec.reasons.claims.lexicon import ITEM_WORDS, word_set
from recbole_curec.reasons.claims.tokens import NOUN

_RECOMMENDING = word_set("recommend recommends recommended recommending suggest suggests suggested")
# Between the word and what is recommended.
_BETWEEN = ITEM_WORDS | word_set("game song album is the a an you") | {NOUN}


def recommends_another(clause: Clause, before: Clause | None, target: str) -> bool:
    """Whether a clause says that another item than the target is recommended.

    Args:
        clause: The clause.
        before: The clause before it, which may end with "the recommended item".
        target: Name of the recommended item.
    """
    opened = before is not None and clause.joined in (":", ",") and _ends_recommending(before)
    for token in clause.tokens:
        if token.kind == "name" and opened:
            return token.value != target
        if token.kind == "word" and token.value in _RECOMMENDING:
            opened = True
        elif token.value not in _BETWEEN:
            opened = False
    return False


def _ends_recommending(clause: Clause) -> bool:
    words = [word for word in clause.words if word not in _BETWEEN]
    return bool(words) and words[-1] in _RECOMMENDING and len(words) < len(clause.words)
