"""Scores that a review states, such as ``8/10``, ``four stars`` or ``***1/2``, found and cut out.

What is quoted or shown as an explanation must not give the rating away as a number.
"""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,3}(?:[.,]\d+)?(?:\s1/2|\s?½)?|½)"
_COUNT = r"(?:zero|two|three|four|five|six|seven|eight|nine|ten)(?:\sand\sa\shalf)?"
_AMOUNT = rf"(?:{_NUMBER}|{_COUNT}|half(?:\sa)?|one(?:\sand\sa\shalf)?)"
# "this one" and "a" are words, not scores, where nothing but a verb leads up to them.
_PLAIN = rf"(?:{_NUMBER}|{_COUNT})(?![\w/%])"
_GRADE = r"(?-i:[A-F])[+-]?(?=\s*(?:[.,;:!?)]|$))"
_TOP = r"(?:4|5|6|10|20|100|four|five|six|ten|twenty|a\shundred)"
_VERB = r"(?:giv(?:e|es|ing|en)|gave|rate[sd]?|rating|deserves?|gets|got|earn(?:s|ed)?|scores?)"
_OBJECT = r"(?:\s(?:it|this|that|them|him|her|a|an|the|movie|film|one|product|item|book|about|at|only|just|solid|full))"
_SCORE = re.compile(
    "|".join(
        (
            # A quarter inch, a guitar of three quarters and a time of 4/4 are no scores.
            rf"(?<![\w/.]){_AMOUNT}\s?/\s?(?:5|6|10|100)(?:\.0)?(?![\w/\"']|\.\d)",
            r"(?<![\w/.])\d[.,]5\s?/\s?4(?![\w/]|\.\d)",
            rf"(?<![\w/.]){_AMOUNT}\sout\sof\s(?:a\s(?:possible\s)?)?{_TOP}\b(?:\sstars?)?",
            rf"(?<![\w/.]){_AMOUNT}[\s-](?:big\s|full\s|solid\s|gold\s)?stars?\b(?!\s(?:wars|trek))",
            r"\*{2,10}(?:\s?1/2|½)?(?:\s?(?:out\sof|of|/)\s?(?:\*+|\d+))?(?:\sstars?)?",
            r"\*(?:\s?1/2|½|\s?(?:out\sof|/)\s?(?:\*+|\d+))(?:\sout\sof\s(?:\*+|\d+))?(?:\sstars?)?",
            r"[★☆⭐]+½?",
            rf"\b(?:(?:my|overall|final)\s)?(?:rating|score|grade|verdict|overall)(?:\s(?:is|was|of)\b|\s?[:=-])+\s?"
            rf"(?:{_PLAIN}|{_GRADE})",
            rf"\b(?:rating|score|final\sgrade|overall)\s(?:{_NUMBER}|{_COUNT})(?=\s*(?:[.,;:!?)]|$))",
            rf"\b{_VERB}{_OBJECT}{{0,4}}\s(?:{_PLAIN}(?=\s*(?:[.,;:!?)]|$))|{_GRADE})",
        )
    ),
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def score_spans(text: str) -> list[tuple[int, int]]:
    """Where a text states scores: first and last character of each, the last one not included."""
    return [found.span() for found in _SCORE.finditer(text)]


def without_scores(text: str) -> str:
    """The text without the scores that it states, on one line."""
    return _SPACE.sub(" ", _SCORE.sub(" ", text)).strip()
