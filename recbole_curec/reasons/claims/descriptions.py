"""What a clause says the target is, cut from the relative clause behind it: "a popular film that fans of ... watch"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recbole_curec.reasons.claims.lexicon import OTHERS, POPULARITY, RELATIONS, TAKING, word_set
from recbole_curec.reasons.claims.neutral_words import NEUTRAL
from recbole_curec.reasons.claims.tokens import NOUN, Token

_BEING = word_set("is are was were remains")
_ARTICLES = word_set("a an the another one")
_SUBJECTS = word_set("it this")
# Nouns that are verbs of taking as well: "a popular pick that ...".
_NOUNS = word_set("pick read watch view play purchase buy favourite favorite")
_SAYING_MORE = OTHERS | TAKING | RELATIONS | word_set("you your yours that which who")
_DESCRIBING = ((NEUTRAL - _SAYING_MORE) | _NOUNS | POPULARITY.keys()) | {NOUN}


def without_description(
    tokens: Sequence[Token], target: str, *, apposed: bool
) -> tuple[list[Token], list[Token]] | None:
    """A clause cut in two: what it says the target is, and what it says of it behind "that".

    Read as one, how popular the target is would be said among the fans that the relative clause names, and what the
    target is would be said of what the user likes.

    Args:
        tokens: The clause.
        target: Name of the recommended item.
        apposed: Whether a clause that begins with an article goes on from the target's name: ', a film that ...'.

    Returns:
        The description, and the relative clause with "that" standing for the target; None if there are not both.
    """
    start = _described_from(tokens, target, apposed=apposed)
    if start is None:
        return None
    for place in range(start, len(tokens) - 1):
        token = tokens[place]
        if token.value == "that" and token.kind == "word":
            says = any(one.kind == "label" or one.value in POPULARITY for one in tokens[start:place])
            # 'a Crime film that you often choose' speaks of the label.
            if not says or tokens[place + 1].value in ("you", "your"):
                return None
            return list(tokens[:place]), [replace(token, value="it"), *tokens[place + 1 :]]
        if token.kind == "mark" and token.value == ",":  # between labels; elsewhere a clause would end
            continue
        if token.kind != "label" and (token.kind != "word" or token.value not in _DESCRIBING):
            return None
    return None


def _described_from(tokens: Sequence[Token], target: str, *, apposed: bool) -> int | None:
    """The place at which a description of the target begins; None if the clause does not begin with one."""
    if apposed and tokens[0].value in _ARTICLES:
        return 0
    subject = 1 if tokens[0].value == "the" and tokens[0].kind == "word" else 0
    if len(tokens) < subject + 2:
        return None
    first, verb = tokens[subject : subject + 2]
    is_target = (first.kind == "name" and first.value == target) or (first.kind == "word" and first.value in _SUBJECTS)
    return subject + 2 if is_target and verb.kind == "word" and verb.value in _BEING else None
