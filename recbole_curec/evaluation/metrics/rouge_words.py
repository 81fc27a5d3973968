"""Words as ROUGE counts them: those of rouge-score in Latin letters, and words of every other script beside them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from recbole_curec.reasons.words import UNSPACED

TOKENS = "a-z0-9 as rouge-score, words of other scripts, characters of scripts without blanks"
_PLAIN = re.compile("[a-z0-9]+")
# Applied to letters, marks and digits alone, of which \w holds all but the marks.
_OTHER = re.compile(rf"[{UNSPACED}][^\w]*|[^\W{UNSPACED}][^{UNSPACED}]*")
# What stands before these is Latin or written beside it, and letters of the second range are signs.
_FIRST, _SIGNS = "\u0370", ("\u2000", "\u2bff")
_VARIATIONS = ("\ufe00", "\ufe2f")  # marks that say how the character before them is drawn
_LATIN = ("LATIN", "MATHEMATICAL", "MODIFIER", "VARIATION")  # how names begin of what is written beside Latin letters


class RougeWords:
    """Tokenizer for rouge-score whose own one keeps nothing but ``a-z0-9``.

    A text whose letters are all Latin has the very same tokens, so its figures are those of rouge-score: an accented
    letter separates words there ("café" is "caf"). A run of letters, marks and digits of another script is a word, and
    in scripts without blanks between words, such as Chinese, Japanese or Thai, each character with its marks is one.
    """

    def tokenize(self, text: str) -> list[str]:
        """The words of a text in lower case, in order."""
        found: list[str] = []
        for is_other, characters in groupby(text.lower(), _is_other):
            found += (_OTHER if is_other else _PLAIN).findall("".join(characters))
        return found


@lru_cache(maxsize=1 << 16)
def _is_other(character: str) -> bool:
    """Whether it is a letter, mark or digit of a script other than Latin."""
    if character < _FIRST or any(low <= character <= high for low, high in (_SIGNS, _VARIATIONS)):
        return False
    category = unicodedata.category(character)
    if category[0] not in "LM" and category != "Nd":
        return False
    return not unicodedata.name(character, "").startswith(_LATIN)
