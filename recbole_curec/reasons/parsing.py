"""Parsing of completions, ``<think> which facts matter </think> reason``; no output of a language model raises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recbole_curec.llm.ending import ENDS_SENTENCE, LONGEST, SHORTEST
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN

MIN_WORDS, MAX_WORDS = SHORTEST, LONGEST

# An item name in double quotes.
QUOTED = re.compile(r'"([^"]*)"')
# Cleaned data never contains these marks (recbole_curec.data.cleaning), so they delimit quotations from reviews.
QUOTE_OPEN, QUOTE_CLOSE = "\u201c", "\u201d"
_QUOTATION = re.compile(f"{QUOTE_OPEN}([^{QUOTE_CLOSE}]*){QUOTE_CLOSE}")
_WORD = re.compile(r"[^\W_]+(?:['\u2019.&-][^\W_]+)*")
NO_END = "the reason does not end"


@dataclass(frozen=True)
class ParsedReason:
    """A parsed completion.

    Attributes:
        think: Text between the think tags, None if they are missing or broken.
        text: The reason itself; empty if there is none.
        names: Item names in double quotes, in order.
        error: Description of the format error, for a prompt; None if there is none.
    """

    think: str | None
    text: str
    names: tuple[str, ...]
    error: str | None

    @property
    def valid(self) -> bool:
        """Whether the format is correct."""
        return self.error is None


def words_of(text: str) -> list[str]:
    """Words of a text, punctuation left out."""
    return _WORD.findall(text)


def completion(think: str, text: str) -> str:
    """The completion that :func:`parse_reason` splits into this thinking and text."""
    return f"{THINK_OPEN}{think}{THINK_CLOSE} {text}"


def completion_naming(target: str, text: str) -> str:
    """A completion whose thinking is the name of the target item alone."""
    return completion(f' "{target}"', text)


def parse_reason(completion: str) -> ParsedReason:
    """Split a completion into thinking and reason and find the first error of its format."""
    head, opened, rest = completion.partition(THINK_OPEN)
    think, closed, text = rest.partition(THINK_CLOSE)
    if not (opened and closed):
        return ParsedReason(None, completion.strip(), (), "the think tags are missing")
    text = text.strip()
    names = tuple(QUOTED.findall(text))
    return ParsedReason(think.strip(), text, names, _format_error(head, think, text))


def _format_error(head: str, think: str, text: str) -> str | None:
    if head.strip():
        return "there is text before the thinking"
    if any(tag in part for tag in (THINK_OPEN, THINK_CLOSE) for part in (think, text)):
        return "the think tags are repeated"
    if not think.strip():
        return "the thinking is empty"
    count = len(words_of(text))
    if count < MIN_WORDS:
        return "the reason is too short"
    if count > MAX_WORDS:
        return "the reason is too long"
    if len(text.splitlines()) > 1:
        return "the reason is more than one line"
    if text.count('"') % 2:
        return "a quotation mark is left open"
    if not ENDS_SENTENCE.search(text):
        return NO_END
    return None


def unquoted(text: str) -> str:
    """The text with every quoted name and every quotation from a review cut out."""
    return QUOTED.sub(" ; ", without_quotations(text))


def quoted(text: str) -> str:
    """A text between the marks of a quotation."""
    return f"{QUOTE_OPEN}{text}{QUOTE_CLOSE}"


def quotations(text: str) -> list[str]:
    """Texts between typographic quotation marks, in order."""
    return _QUOTATION.findall(text)


def without_quotations(text: str) -> str:
    """The text with every quotation from a review cut out."""
    return _QUOTATION.sub(" ; ", text)
