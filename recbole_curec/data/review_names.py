"""Names of items without titles, made of the terms that are characteristic of their reviews: "wah pedal, Crybaby"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from recbole_curec.data.cleaning import clean_label, shorten
from recbole_curec.data.review_terms import Term

# What kind of thing it is and one word more; and the most parts a name has, to tell it from others.
_USUAL_PARTS, _MOST_PARTS = 2, 4
# Two words of one name that begin with so many equal letters say the same: tune and tuner.
_SAME_BEGINNING = 5
_SHORTEST_BEGINNING = 3


def names_from_terms(
    terms: Mapping[str, Sequence[Term]], most_words: int, taken: Collection[str] = ()
) -> dict[str, str]:
    """A short name of every item that has terms for one; no two hold the same words.

    A name is the most characteristic noun, with the word before it where both belong together, and one more noun, brand
    or model. Items of equal names get further words, and, where these are not enough, their id in brackets.

    Args:
        terms: Terms by item, the most characteristic first.
        most_words: Longest name, in words; the id is not counted.
        taken: Names of other items.
    """
    parts = {item: found for item, own in terms.items() if (found := _parts(own))}
    names = {item: _joined(own[:_USUAL_PARTS], most_words) for item, own in parts.items()}
    for count in range(_USUAL_PARTS + 1, _MOST_PARTS + 1):
        for item in _repeated(names, taken):
            names[item] = _joined(parts[item][:count], most_words)
    for item in _repeated(names, taken):
        names[item] = clean_label(f"{names[item]} ({item})")
    return names


def _parts(terms: Sequence[Term]) -> list[str]:
    """The parts of a name in order: what it is, and what tells it from others; none if no term does either."""
    fitting = [term for term in terms if term.is_label]
    kinds = [term for term in fitting if term.is_kind and len(term.words) == 1]
    chosen: list[Term] = []
    for term in (*kinds[:1], *fitting):
        longer = _longer(term, terms)
        for part in dict.fromkeys((longer, term)):
            if not _repeats(part, chosen):
                chosen.append(part)
                break
        if len(chosen) == _MOST_PARTS:
            break
    return [term.shown for term in chosen]


def _longer(term: Term, terms: Sequence[Term]) -> Term:
    """The term with the word before or behind it, where the two belong together; else the term itself."""
    if len(term.words) > 1:
        return term
    pairs = [other for other in terms if other.is_label and len(other.words) > 1 and term.words[0] in other.words]
    return max(pairs, key=lambda other: (other.weight, other.words), default=term)


def _repeats(term: Term, chosen: Iterable[Term]) -> bool:
    """Whether a term says what a name says already."""
    told = [word for other in chosen for word in other.words]
    return any(_alike(word, other) for word in term.words for other in told)


def _alike(first: str, second: str) -> bool:
    shorter = min(len(first), len(second))
    same = next((k for k in range(shorter) if first[k] != second[k]), shorter)
    return same >= min(_SAME_BEGINNING, max(shorter, _SHORTEST_BEGINNING))


def _joined(parts: Sequence[str], most_words: int) -> str:
    return clean_label(shorten(", ".join(parts), most_words))


def _repeated(names: Mapping[str, str], taken: Collection[str]) -> list[str]:
    """Items whose name another item has too, whatever the case and the order of its parts."""
    counts = Counter(map(_told, (*names.values(), *taken)))
    return [item for item, name in names.items() if counts[_told(name)] > 1]


def _told(name: str) -> frozenset[str]:
    return frozenset(name.lower().split(", "))
