"""What was named before and is mentioned again in other words: "the latter", "the second film", "that concealer"."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.reasons.claims.label_forms import forms_of
from recbole_curec.reasons.claims.lexicon import ITEM_WORDS, LABEL_WORDS, word_set
from recbole_curec.reasons.claims.tokens import NOUN, Token

# Number of names or labels by which "the former" and "the latter" count back.
_BACK = {"former": 2, "latter": 1}
# What "the second" alone goes on with.
_GOES_ON = word_set("is was being may might could should would has already often usually nearly_always behind_you , .")
_TWO = ("one", "other")
_PLACES = {"first": 0, "second": 1, "third": 2, "last": -1}
_THINGS = ITEM_WORDS | word_set("one game song album") | {NOUN}
_NOUNS = LABEL_WORDS | _THINGS
_OF_THEM = (["of", "these"], ["of", "those"], ["of", "them"], ["of", "the", "two"], ["of", "the", "three"])
_THAT = word_set("that this the")
_POINTING = word_set("the that this those these your")


def mentioned(tokens: Sequence[Token], place: int, before: Sequence[Token], target: str) -> tuple[Token, int] | None:
    """The name or label that tokens stand for, and how many tokens do.

    Args:
        tokens: All tokens.
        place: Where the mention would begin, behind "the" or another word that points.
        before: The tokens before it.
        target: Name of the recommended item, of which "the second film" is never said.
    """
    token = tokens[place]
    if not before or before[-1].value not in _POINTING:
        return None
    if token.kind == "label":
        if before[-1].value not in _THAT or not _stands_alone(tokens, place):
            return None
        named = next((one for one in reversed(before) if one.kind == "name" and _ends_with(one, token)), None)
        return None if named is None else (Token("name", named.text, named.value), 1)
    if token.kind != "word" or before[-1].value != "the":
        return None
    if token.value in _BACK:
        # "It combines drama with romance, the latter ..." counts labels.
        of_labels = [one.value for one in before[-2:-1]] == [","] and [one.kind for one in before[-3:-2]] == ["label"]
        alike = [one for one in before if one.kind == ("label" if of_labels else "name")]
        others = [one for one in alike if one.value != target]
        return _counted(others if len(_distinct(others)) > 1 else alike, -_BACK[token.value], 1)
    if token.value in _TWO:
        return _one_or_other(tokens, place, before, target)
    if token.value in _PLACES:
        follows = [one.value for one in tokens[place + 1 : place + 4]]
        length = 1 if follows[:1] != [] and follows[0] in _THINGS else 0
        length += next((len(words) for words in _OF_THEM if follows[length : length + len(words)] == words), 0)
        alone = not length and (not follows or follows[0] in _GOES_ON)
        names = [one for one in before if one.kind == "name"]
        others = [one for one in names if one.value != target]
        counted = others if len(_distinct(others)) > 1 else names
        return _counted(counted, _PLACES[token.value], 1 + length) if length or alone else None
    return None


def _one_or_other(
    tokens: Sequence[Token], place: int, before: Sequence[Token], target: str
) -> tuple[Token, int] | None:
    """What "the one" and "the other" stand for where two items have been named; of the target it is the other."""
    said = [one.value for one in tokens]
    both = all(["the", word] in [said[k : k + 2] for k in range(len(said))] for word in _TWO)
    named = _distinct([one for one in before if one.kind == "name"])
    if not both or len(named) != len(_TWO):
        return None
    first, second = sorted(named, key=lambda name: name.value == target)
    return (first if tokens[place].value == "one" else second), 1


def _counted(tokens: Sequence[Token], place: int, length: int) -> tuple[Token, int] | None:
    alike = _distinct(tokens)
    there = len(alike) > 1 and -len(alike) <= place < len(alike)
    return (alike[place], length) if there else None


def _distinct(tokens: Sequence[Token]) -> list[Token]:
    return list({token.value: token for token in tokens}.values())


def _stands_alone(tokens: Sequence[Token], place: int) -> bool:
    """Whether a label is the word for an item: 'that stand', not 'the war film' and not 'the romance genre'."""
    label, after = tokens[place], tokens[place + 1 : place + 2]
    plural = label.value.lower().endswith("s") and not label.text.lower().endswith("s")
    noun = bool(after) and (after[0].kind != "word" or after[0].value in _NOUNS)
    return (plural or label.value.lower() == label.text.lower()) and (not noun or after[0].kind == "mark")


def _ends_with(name: Token, label: Token) -> bool:
    """Whether a name ends with the word for what the item is: "Boom Stand" and the label "Stands"."""
    last = name.value.lower().split()[-1:]
    return tuple(last) in forms_of(label.value)
