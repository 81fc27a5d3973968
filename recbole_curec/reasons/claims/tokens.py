"""Splitting of a reason into words, names of items, attribute labels and quotations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.label_forms import Key, forms_of, key_of
from recbole_curec.reasons.claims.lexicon import CONTRACTIONS, LISTED, PHRASES
from recbole_curec.reasons.claims.neutral_words import NEUTRAL
from recbole_curec.reasons.claims.typography import compounds_apart, marks_outside
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN

# What stands for whatever the catalog calls its items.
NOUN = "items"
TokenKind = Literal["word", "name", "label", "quotation", "mark"]
_PART = re.compile(
    rf'"(?P<name>[^"]*)"|{QUOTE_OPEN}(?P<quotation>[^{QUOTE_CLOSE}]*){QUOTE_CLOSE}'
    r"|(?P<word>[^\W_]+(?:['\u2019.&-][^\W_]+)*)|(?P<mark>[^\w\s])"
)
_PHRASES = {tuple(phrase.split("_")): phrase for phrase in PHRASES}
_LONGEST_PHRASE = max(map(len, _PHRASES))


@dataclass(frozen=True)
class Token:
    """A part of a reason.

    Attributes:
        kind: What it is.
        text: As it is written.
        value: A word in lower case, several words of one phrase joined by ``_``; a name or a label as the catalog
            has it.
        known: For a name in quotes, whether the evidence holds it.
    """

    kind: TokenKind
    text: str
    value: str
    known: bool = True


class Reader:
    """Splits reasons into tokens.

    Names in double quotes are names whatever they say. Outside quotes, names of at least two words are recognised, the
    evidence's own names of one word too, and labels in any case and number unless they are ordinary words.

    Args:
        catalog: Names and labels of all items.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._all_names = catalog.name_set
        self._names: dict[Key, str] = {key: name for name in catalog.name_set if len(key := key_of(name)) > 1}
        self._labels: dict[Key, str] = {}
        for label in sorted(catalog.labels):
            for form in forms_of(label):
                self._labels.setdefault(form, label)
        self._longest = max((len(key) for key in (*self._names, *self._labels)), default=1)
        self._first_words = {key[0] for key in (*self._names, *self._labels)}
        # What the catalog calls its items is as neutral as "items".
        self._nouns = dict.fromkeys(catalog.noun.lower().split(), NOUN)

    def tokens(self, text: str, evidence: Evidence) -> list[Token]:
        """The tokens of a text, in order."""
        own = _Own(evidence, self._longest)
        text = self._spelt_alike(text, own)
        parts = list(_PART.finditer(text))
        found: list[Token] = []
        start = 0
        while start < len(parts):
            token, length = self._at(text, parts[start : start + 2 * own.longest], own)
            found.append(token)
            start += length
        return list(_folded(found))

    def _spelt_alike(self, text: str, own: _Own) -> str:
        def is_label(word: str) -> bool:
            return any((word.lower(),) in labels for labels in (own.labels, self._labels))

        allowed = own.evidence.allowed_names
        text = marks_outside(text, lambda name: name in allowed or name in self._all_names)
        return compounds_apart(text, is_label, LISTED.__contains__)

    def _at(self, text: str, parts: Sequence[re.Match[str]], own: _Own) -> tuple[Token, int]:
        """The token that begins with the first of the parts, and how many parts it takes."""
        first = parts[0]
        if first["word"] is None:
            return _marked(first, own.evidence), 1
        plain = _plain(first[0])
        begun = {first[0], plain}
        if begun.isdisjoint(self._first_words) and begun.isdisjoint(own.first_words):
            return self._word(first[0]), 1
        words: list[str] = []
        best: tuple[Token, int] | None = None
        begins = not text[: first.start()].strip() or text[: first.start()].rstrip()[-1] in ".!?"
        for count, part in enumerate(parts, start=1):
            if part["word"] is None:
                if part["mark"] is None:
                    break
                continue
            words.append(part[0])
            if len(words) > own.longest:
                break
            span = _Span(tuple(words), text[first.start() : part.end()], count > len(words), begins)
            if token := self._known(span, own):
                best = token, count + _marks_after(token.value, text[part.end() :])
        return best or (self._word(first[0]), 1)

    def _word(self, text: str) -> Token:
        plain = _plain(text)
        return Token("word", text, _PERSONS.get(plain, self._nouns.get(plain, plain)))

    def _known(self, span: _Span, own: _Own) -> Token | None:
        """The name or label that words are; with marks between them only if its spelling has the same."""
        key, text, has_marks = span.key, span.text, span.has_marks
        lower = tuple(_plain(word) for word in key)
        # A label of the evidence in its own capitals, within a sentence, is meant even if it is an ordinary word.
        label = own.labels.get(key)
        if (
            label is not None
            and text in label
            and (not _is_ordinary(lower) or (text != text.lower() and not span.begins))
        ):
            return Token("label", text, label)
        for names, known in ((own.names, True), (self._names, False)):
            name = names.get(key)
            if name is not None and (not has_marks or name[: _last_word_end(name)] == text) and _stands_out(text, key):
                return Token("name", text, name, known)
        for labels in (own.labels, self._labels):
            label = labels.get(key, labels.get(lower))
            if label is None or (has_marks and label.lower() != text.lower()):
                continue
            if not _is_ordinary(lower):
                return Token("label", text, label)
        return None


@dataclass(frozen=True)
class _Span:
    """Words in a row, with the marks between them, and whether they begin a sentence."""

    key: Key
    text: str
    has_marks: bool
    begins: bool


class _Own:
    """Names and labels of one piece of evidence, by their words."""

    def __init__(self, evidence: Evidence, longest: int) -> None:
        self.evidence = evidence
        self.names = {key: name for name in evidence.allowed_names if (key := key_of(name))}
        self.labels = {form: label for label in sorted(evidence.allowed_labels) for form in forms_of(label)}
        self.first_words = {key[0] for key in (*self.names, *self.labels)}
        self.longest = max((longest, *(len(key) for key in (*self.names, *self.labels))))


def _marked(part: re.Match[str], evidence: Evidence) -> Token:
    """A quoted name, a quotation or a mark."""
    if part["mark"] is not None:
        return Token("mark", part[0], part[0])
    if part["name"] is not None:
        named = part["name"] in evidence.allowed_names
        # Reviews are often quoted in straight marks too.
        kind: TokenKind = "quotation" if not named and part["name"] in _reviews(evidence) else "name"
        return Token(kind, part["name"], part["name"], named)
    said = part["quotation"]
    return Token("name" if said in evidence.allowed_names else "quotation", said, said)


def _reviews(evidence: Evidence) -> set[str]:
    return {excerpt.text for excerpt in evidence.excerpts} | {told.text for told in evidence.statements}


def _marks_after(name: str, rest: str) -> int:
    """Marks at the end of a name or label, such as the plus in "10+", that follow its last word in a text too."""
    marks = name[_last_word_end(name) :]
    return len(marks) if marks and rest.startswith(marks) and not any(mark.isspace() for mark in marks) else 0


def _last_word_end(name: str) -> int:
    words = [part.end() for part in _PART.finditer(name) if part["word"] is not None]
    return words[-1] if words else len(name)


def _plain(word: str) -> str:
    return word.lower().replace("\u2019", "'")


# "as someone who ..." is the user; "someone who took it picks ..." is anybody.
_YOU_AS = frozenset(("as", "for", "are", "is", "to", "like", "suits", "suit"))
# A sentence about "the user" speaks of whom it should speak to.
_PERSONS = {"someone_who": "you", "user": "you", "user's": "your", "yourself": "you"}


def _stands_out(text: str, key: Key) -> bool:
    """Whether words outside quotes are a name: not a single ordinary word, nor several in lower case."""
    lower = text == text.lower() != text.upper()  # some scripts have no case
    ordinary = _is_ordinary(tuple(word.lower() for word in key))
    return not (ordinary and (lower or len(key) == 1)) and not (lower and len(key) == 1)


def _is_ordinary(words: Key) -> bool:
    return all(word in NEUTRAL for word in words)


def _folded(tokens: Sequence[Token]) -> Iterator[Token]:
    """Contractions spelt out, and phrases of several words joined."""
    spelt: list[Token] = []
    for token in tokens:
        parts = CONTRACTIONS.get(token.value) if token.kind == "word" else None
        spelt += [replace(token, value=part) for part in parts] if parts else [token]
    start = 0
    while start < len(spelt):
        length = _phrase_length(spelt, start)
        if length > 1:
            part = spelt[start : start + length]
            value = _PHRASES[tuple(token.value for token in part)]
            if value == "someone_who" and (not start or spelt[start - 1].value not in _YOU_AS):
                value = "people"
            value = _PERSONS.get(value, value)
            yield Token("word", " ".join(dict.fromkeys(token.text for token in part)), value)
        else:
            yield spelt[start]
        start += length


def _phrase_length(tokens: Sequence[Token], start: int) -> int:
    for length in range(min(_LONGEST_PHRASE, len(tokens) - start), 1, -1):
        part = tokens[start : start + length]
        if all(token.kind == "word" for token in part) and tuple(token.value for token in part) in _PHRASES:
            return length
    return 1
