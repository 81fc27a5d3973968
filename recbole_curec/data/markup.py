"""Removal of HTML from item text and reviews: entities become characters, tags disappear."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

# Tags that shops and review sites leave in texts; a name in angle brackets that is none of them stays.
_INLINE = (
    "a abbr acronym b bdi bdo big cite code del em font i ins kbd mark o:p q s samp small span strike strong sub sup "
    "tt u var wbr"
)
_BREAKING = (
    "area article aside audio base blockquote body br button caption center col colgroup dd details div dl dt embed "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html iframe img input legend li link main "
    "meta nav noscript object ol option p param picture pre script section select source style summary svg table tbody "
    "td textarea tfoot th thead title tr ul video"
)
# Attributes that tags have without a value; other words behind a tag's name are text (``x <a and b> y``).
_FLAGS = (
    "allowfullscreen alt async autofocus autoplay checked class compact controls defer disabled hidden id ismap loop "
    "multiple muted nofollow noshade nowrap open readonly required reversed selected style"
)
_NAMES = "|".join(sorted((*_INLINE.split(), *_BREAKING.split()), key=len, reverse=True))
# No part of these patterns crosses an angle bracket, so the time they take grows with the text and no faster.
_VALUE = r"""(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>]++)"""
_TAG = re.compile(
    r"<(script|style)\b[^<>]*+>(?:[^<]|<(?!/?(?:script|style)\b))*+</\1\s*+>"
    r"|<!--[^<]*?-->|<!doctype\b[^<>]*+>|<\?xml\b[^<>]*+>"
    rf"|<(/?)({_NAMES})(?:\s++(?:[\w:-]++\s*+=\s*+{_VALUE}|(?:{'|'.join(_FLAGS.split())})(?=[\s/>])))*+\s*+/?>",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[([^<]*?)\]\]>")
# The semicolon may be missing, as in ``Toys &amp Games``, where nothing else follows: ``?a=1&copy=2`` is no entity.
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31})(;|(?![A-Za-z0-9=;]))")
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
        plain = _ENTITY.sub(_character, _AMPERSANDS.sub("&", text.replace(_SOFT_HYPHEN, "")))
        plain = _TAG.sub(_gap, _CDATA.sub(r"\1", plain))
        if plain == text:
            return text
        text = plain
    return _ENTITY.sub(r"& \1\2", text.replace(_SOFT_HYPHEN, ""))


def _character(entity: re.Match[str]) -> str:
    name, end = entity.groups()
    return unescape(f"&{name};") if name[0] == "#" else html5.get(f"{name}{end}", entity[0])


def _gap(tag: re.Match[str]) -> str:
    return "" if (tag[3] or "").lower() in _INLINE.split() else " "
