"""Words of explanations as metrics count them, in scripts with and without blanks, and when two texts say the same."""

from __future__ import annotations

import re

from recbole_curec.reasons.parsing import words_of

# Scripts that put no blanks between words, within a character class: Thai and Lao, Burmese, Khmer, kana, bopomofo, Han.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_CHARACTER = re.compile(f"[{UNSPACED}]")


def lower_words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without punctuation, in order.

    Of scripts without blanks between words, such as Chinese, Japanese or Thai, each letter is a word.
    """
    return tuple(word.lower() for word in words_of(_CHARACTER.sub(r" \g<0> ", text)))


def wording(text: str) -> tuple[str, ...] | str:
    """What texts that differ in case, blanks or punctuation alone have in common; a text without words is its own."""
    return lower_words(text) or text


def word_count(text: str) -> int:
    """Words of a text, and characters, marks included, where a script puts no blanks between words."""
    return len(_CHARACTER.findall(text)) + len(words_of(_CHARACTER.sub(" ", text)))


def is_unspaced(text: str) -> bool:
    """Whether a text holds letters of scripts that put no blanks between words."""
    return _CHARACTER.search(text) is not None
