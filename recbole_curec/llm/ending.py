"""The end of a reason in a completion: where a language model that rambles on is cut off, and need not go on writing.

A model is asked for one sentence. What follows it on a new line, or makes the reason too long or leaves it unfinished,
is cut off, as if the model had stopped in time. Rewards of rollouts see the whole completion, or a model would never
learn to stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.messages import THINK_CLOSE

# Fewest and most words of a reason.
SHORTEST, LONGEST = 6, 60
ENDS_SENTENCE = re.compile(r"[.!?][\"')]*$")
# A name or a quotation; an unclosed one reaches to the end of the text.
_QUOTED = re.compile(r'"[^"]*(?:"|$)|\u201c[^\u201d]*(?:\u201d|$)')
_MARK = re.compile(r"(?P<word>\S*)(?P<mark>[.!?])['\u2019)]*(?=\s)")
# What ends in a full stop within a sentence: initials ("J.", "U.S."), short titles ("Mr.", "Dr.", "Vol."), and these.
_ABBREVIATED = re.compile(r"(?:\W*(?:[^\W\d_]\.)*[^\W\d_]|\W*[A-Z][a-z]{1,2}|\W*(?:vs|etc|feat|ft|e\.g|i\.e|approx))")
# Spellings of a line break in vocabularies: as it is, of byte-level BPE, and of bytes in SentencePiece.
_BREAKS = ("\n", "\u010a", "<0x0A>")
# From this many tokens on a reason may be too long; how often that is looked at.
_LONG, _EVERY = 64, 8


def reason_end(completion: str) -> int | None:
    """Where the reason in a completion ends although the text goes on; None if it does not, or not yet.

    It depends only on the text up to where it is first known, so a completion may be stopped there.
    """
    start = completion.find(THINK_CLOSE)
    if start < 0:
        return None
    start += len(THINK_CLOSE)
    body = completion[start:]
    start += len(body) - len(body.lstrip())
    line, broken, _ = _outside_quotes(completion[start:]).partition("\n")
    if len(line.split()) > LONGEST:
        return _first_sentence(completion, start, len(line))
    ended = completion[start : start + len(line)].rstrip()
    return start + len(ended) if broken and ENDS_SENTENCE.search(ended) else None


def cut_off(completion: str) -> str:
    """The completion without what follows its reason; a reason that breaks off is its first whole sentence."""
    end = reason_end(completion)
    start = completion.find(THINK_CLOSE)
    if end is None and start >= 0 and not ENDS_SENTENCE.search(completion.rstrip()):
        start += len(THINK_CLOSE)
        end = _first_sentence(completion, start, len(completion) - start)
    return completion if end is None else completion[:end]


class EndWatch:
    """Tells from tokens when a reason has ended, looking at the text only where it may have.

    Args:
        tokenizer: The model's tokenizer.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self.breaks = frozenset(number for token, number in vocabulary.items() if any(one in token for one in _BREAKS))

    def may_have_ended(self, last: int, count: int) -> bool:
        """Whether the text is worth looking at, by the last of so many tokens."""
        return last in self.breaks or (count >= _LONG and not count % _EVERY)

    def ended(self, tokens: Sequence[int]) -> bool:
        """Whether the reason has ended at the last of the tokens written so far."""
        if not self.may_have_ended(tokens[-1], len(tokens)):
            return False
        return reason_end(str(self.tokenizer.decode(list(tokens), skip_special_tokens=False))) is not None


def _outside_quotes(text: str) -> str:
    """The text, of the same length, with every character of names and quotations replaced."""
    return _QUOTED.sub(lambda match: re.sub(r"\S|\n", "x", match[0]), text)


def sentence_ends(text: str) -> Iterator[int]:
    """Where sentences of a text end that more follows; initials and abbreviations end none."""
    for match in _MARK.finditer(text):
        if match["mark"] != "." or not _ABBREVIATED.fullmatch(match["word"]):
            yield match.end()


def _first_sentence(completion: str, start: int, length: int) -> int | None:
    """Where the first sentence that is long enough for a reason ends within ``length`` characters after ``start``."""
    body = _outside_quotes(completion[start:])[:length]
    for end in sentence_ends(body):
        words = len(body[:end].split())
        if words > LONGEST:
            return None
        if words >= SHORTEST:
            return start + end
    return None
