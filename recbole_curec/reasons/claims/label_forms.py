"""Forms in which a label is said: "comedies" and "comedic" for Comedy, "the late 1990s" for its year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from recbole_curec.reasons.parsing import words_of

Key = tuple[str, ...]
# The year in a label, which may be said alone: "released in 1997".
_YEAR = re.compile(r"^(?:(?:release )?year|.+ from) (\d{4})$")
# The brand in a label, which may be said alone, in its own capitals: "by Fender".
_BRAND = re.compile(r"^(?:brand|\S+ by) (.+)$")
_DECADES = ("", "", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
# Endings that make another form of a label: comedy and comedies, thriller and thrillers, drama and dramas.
_PLURALS = (("y", "ies"), ("", "s"), ("", "es"))
# Endings of a label that is a plural: of what is one of the Microphones it is said that it is a microphone.
_SINGULARS = (("ies", "y"), ("ses", "s"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", ""))
# Other forms of common labels, which no rule of spelling gives.
_FORMS = {
    "sci-fi": ("science fiction", "scifi"), "science fiction": ("sci-fi", "scifi"), "comedy": ("comedic",),
    "romance": ("romantic",), "animation": ("animated",), "drama": ("dramatic",), "musical": ("music",),
    "film-noir": ("noir",), "children's": ("children", "kids"), "action": ("action-packed",),
    "microphones": ("mic", "mics"),
}  # fmt: skip


def key_of(text: str) -> Key:
    """The words of a name, as the dictionary of names holds them."""
    return tuple(words_of(text))


@lru_cache(maxsize=100_000)
def forms_of(label: str) -> tuple[Key, ...]:
    """A label's words as they are, and in lower case in singular, plural and other forms."""
    own = key_of(label)
    lower = label.lower().replace("\u2019", "'")
    plain = lower.replace("-", " ")
    spellings = [lower, plain, *_FORMS.get(lower, ())]
    if year := _YEAR.search(lower):
        spellings += [year[1], *_decades(year[1])]
    plurals = [
        spelling[: len(spelling) - len(ending)] + plural
        for spelling in (lower, plain)
        for ending, plural in _PLURALS
        if spelling.endswith(ending) and not spelling.endswith("s")
    ]
    if brand := _BRAND.search(label):
        spellings.append(brand[1])
    forms = [own, *(key_of(spelling) for spelling in (*spellings, *plurals, *_singulars(lower), *_singulars(plain)))]
    return tuple(form for form in dict.fromkeys(forms) if form)


def _decades(year: str) -> Iterator[str]:
    """How the decade of a year is called: 1959 is of the fifties, and of the late 1950s."""
    names = [f"{year[:3]}0s"]
    if year[:2] == "19":
        names += [f"{year[2]}0s", _DECADES[int(year[2])]]
    part = "early" if year[3] in "0123" else "mid" if year[3] in "456" else "late"
    parts = [part, "late"] if year[3] == "6" else [part, "early"] if year[3] == "4" else [part]
    yield from names
    yield from (f"{part} {name}" for part in parts for name in names if name)


def _singulars(label: str) -> Iterator[str]:
    """The singular of a label in lower case that is a plural."""
    if label.endswith(("ss", "'s", "us", "is")):
        return
    for ending, singular in _SINGULARS:
        if label.endswith(ending):
            yield label[: len(label) - len(ending)] + singular
            if len(ending) != len("ses"):
                return
