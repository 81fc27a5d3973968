"""Removal of HTML from item text and reviews: entities become characters, tags disappear."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

# Tags that shops and review sites leave in texts; a name in angle brackets that is none of them stays.
_INLINE = "a abbr b big cite code del em font i ins s small span strike strong sub sup tt u"
_BREAKING = (
    "article blockquote body br button center dd div dl dt footer form h1 h2 h3 h4 h5 h6 head header hr html iframe "
    "img input li link meta nav ol p pre script section style table tbody td tfoot th thead tr ul"
)
_NAMES = "|".join(sorted((*_INLINE.split(), *_BREAKING.split()), key=len, reverse=True))
# No part of these patterns crosses an angle bracket, so the time they take grows with the text and no faster.
_VALUE = r"""(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>]++)"""
_TAG = re.compile(
    rf"<(script|style)\b[^<>]*+>[^<]*+</\1\s*+>|<!--[^<>]*-->|<(/?)({_NAMES})(?:\s++[\w:-]++\s*+=\s*+{_VALUE})*+\s*+/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Ampersands escaped again and again are one step, however many times.
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,4}26);)++")
_SOFT_HYPHEN = "\u00ad"
# How often what is left is looked at again: ``&amp;lt;b&amp;gt;`` is a tag within an entity within an entity.
_LAYERS = 6


def without_markup(text: str) -> str:
    """Text without HTML: entities are read, also those escaped twice, and tags of HTML are removed.

    Entities are read first, so that no tag, and nothing else in angle brackets, can hide in them: what reads as an
    entity or tag in the result has been broken up.
    """
    if not ("&" in text or "<" in text or _SOFT_HYPHEN in text):
        return text
    for _ in range(_LAYERS):
        # A soft hyphen is invisible and may stand within an entity.
        plain = _TAG.sub(_gap, _ENTITY.sub(_character, _AMPERSANDS.sub("&", text.replace(_SOFT_HYPHEN, ""))))
        if plain == text:
            return text
        text = plain
    return _ENTITY.sub(r"& \1;", text.replace(_SOFT_HYPHEN, ""))


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    return unescape(entity[0]) if name[0] == "#" else html5.get(f"{name};", entity[0])


def _gap(tag: re.Match[str]) -> str:
    return "" if (tag[3] or "").lower() in _INLINE.split() else " "
