"""Cleaning of untrusted item text and reviews, before they reach prompts, reasons and terminals.

HTML is read first: entities become characters, so that nothing can hide in them, and tags are removed. After cleaning,
a text is one line without double quotes (they delimit names), without angle brackets and bars (they open chat-template,
control and ``<think>`` tags; fullwidth forms too, because some tokenizers normalise them) and without invisible
characters; names and labels are short enough for a prompt. Control tokens of particular tokenizers are handled in
:mod:`recbole_curec.llm.chat`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from recbole_curec.data.markup import without_markup
from recbole_curec.extensions import LANGUAGES

# Longest name or label, in characters: a limit in words alone would allow words of ten thousand letters.
MAX_CHARACTERS = 200

_SPACE = re.compile(r"\s+")
# Invisible letters and marks that Unicode does not class as format characters: fillers, joiners, blanks.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Variation selectors beyond the sixteen that emoji use: they can encode hidden text.
_HIDDEN = range(0xE0100, 0xE01F0)
_SOFT_HYPHEN = "\u00ad"
_REPLACEMENTS = str.maketrans(
    {**dict.fromkeys('"“”\uff02', "'"), **dict.fromkeys("<\uff1c", "("), **dict.fromkeys(">\uff1e", ")"),
     **dict.fromkeys("|\uff5c", "/"), _SOFT_HYPHEN: None}
)  # fmt: skip
# Role markup that is plain text for its tokenizer (Llama 2, Mistral); other brackets are common in titles and kept.
_ROLE = re.compile(r"\[\s*(/?\s*(?:INST|SYS|SYSTEM_PROMPT))\s*\]", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Make text safe to quote: one line, no double quotes, no markup, no invisible characters."""
    plain = without_markup(text).translate(_REPLACEMENTS)
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(" " if _is_invisible(character) else character for character in plain)
    return _SPACE.sub(" ", _ROLE.sub(r"(\1)", plain)).strip()


def clean_label(text: str) -> str:
    """:func:`clean_text` for a label, which prompts show without quotes: also shortened and without a fact level."""
    return shorten(_level().sub(",", clean_text(text)), MAX_CHARACTERS)


@cache
def _level() -> re.Pattern[str]:
    """A level as a line of a prompt has it behind a label, which no label may contain itself, in any language."""
    tables = [language.table for language in LANGUAGES.entries().values()]
    words = {re.escape(word) for table in tables for word in (*table.levels.values(), table.nothing)}
    return re.compile(rf"\s*:(?=\s*(?:{'|'.join(sorted(words))})\b)", re.IGNORECASE)


def shorten(text: str, words: int) -> str:
    """The first ``words`` words of a text, at most ``MAX_CHARACTERS`` long, without punctuation at the cut.

    A bracket that the cut leaves open goes with what was in it.
    """
    parts = text.split(" ")
    kept = text if len(parts) <= words else _cut(" ".join(parts[:words]))
    return kept if len(kept) <= MAX_CHARACTERS else _cut(kept[:MAX_CHARACTERS])


def _cut(text: str) -> str:
    opened = text.rfind("(")
    if opened > 0 and ")" not in text[opened:]:
        text = text[:opened]
    return text.rstrip(" ,;:-(&/'")


def one_line(text: str) -> str:
    """A generated sentence for use in another prompt: without markup and line breaks, otherwise unchanged."""
    return "".join(" " if _is_invisible(character) else character for character in text.translate(_MARKUP))


_MARKUP = str.maketrans({"<": "(", ">": ")", "|": "/"})


def _is_invisible(character: str) -> bool:
    if character < "\x7f":
        return character < " " and character not in "\t"
    return (
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        or character in _BLANK
        or ord(character) in _HIDDEN
    )
