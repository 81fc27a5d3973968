"""Where a reason ends although its model goes on, and that stopping there changes nothing."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.ending import LONGEST, EndWatch, cut_off, reason_end
from recbole_curec.reasons.parsing import parse_reason
from tests.chat_models import TOKENIZERS

THINK = '<think> "Heat": Crime</think>'
GOOD = 'You may like "Heat" because you often choose Crime.'
LONG = "and it is one that many of them like "
NAMED = 'You may like "E.T. Returns" since fans of "Up. Down" take it.'
SHORT_TITLES = 'You may like "Heat" since you favour Dr. Seuss and the U.S. West.'


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (GOOD, GOOD),
        (f"{GOOD}\nIt is also popular.", GOOD),
        (f"{GOOD}\n\n<think> more", GOOD),
        (f"{GOOD} It is also popular.", f"{GOOD} It is also popular."),  # two sentences on a line are no fault
        (f"{GOOD} It is also", GOOD),  # broken off
        (f"{GOOD} It is {LONG * 8}.", GOOD),  # too long
        ('You may like "E.T. the Alien", as fans of "Mr. & Mrs. Smith" take it, and',) * 2,
        (f"{NAMED} And", NAMED),
        (f"{SHORT_TITLES} And so", SHORT_TITLES),
        ('You wrote \u201cgreat. The best\u201d about "Heat" and like it a',) * 2,
        ('You may like "Heat because it is good. And then. And',) * 2,  # an open quote
        ('You liked "Heat.\nAnd more"',) * 2,
        (
            'Great! You may like "Heat", it is Crime (and more.) Then',
            'Great! You may like "Heat", it is Crime (and more.)',
        ),
        ('You may like "Heat" because you choose "Alien."\nMore', 'You may like "Heat" because you choose "Alien."'),
        ("no end\nand more", "no end\nand more"),
        ("Sorry. I cannot", "Sorry. I cannot"),  # too short for a reason
    ],
)
def test_what_follows_the_reason_is_cut_off(written: str, kept: str) -> None:
    assert cut_off(f"{THINK} {written}") == f"{THINK} {kept}"
    assert cut_off(cut_off(f"{THINK} {written}")) == cut_off(f"{THINK} {written}")


def test_thinking_is_never_cut() -> None:
    for text in ("<think> it is good.\nIt is Crime. And", "It is good, so take it today.\nMore", ""):
        assert cut_off(text) == text
    assert cut_off(f"<think> a.\nb. C\n</think>\n\n{GOOD}\nMore") == f"<think> a.\nb. C\n</think>\n\n{GOOD}"


@pytest.mark.parametrize("more", ["\nMore.", f" It is {LONG * 8}.", " It is"])
def test_a_rambling_reason_is_well_formed_once_cut(more: str) -> None:
    assert parse_reason(f"{THINK} {GOOD}{more}").error is not None  # a reward of the whole text sees it
    assert parse_reason(cut_off(f"{THINK} {GOOD}{more}")).error is None


@pytest.mark.parametrize(
    "text",
    [
        f"{THINK} {GOOD}\nMore. And\nmore",
        f'{THINK} {GOOD} It is "so. {LONG * 9}" {LONG * 9}',
        f"{THINK} {LONG * 12}. It\nis",
    ],
)
def test_the_end_is_the_same_wherever_it_is_looked_for(text: str) -> None:
    ends = [reason_end(text[:length]) for length in range(len(text) + 1)]
    known = next((k for k, end in enumerate(ends) if end is not None), len(text))
    assert set(ends[known:]) == {reason_end(text)}


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_completion_may_be_stopped_at_its_end(name: str) -> None:
    tokenizer: PreTrainedTokenizerBase = TOKENIZERS[name]()
    watch = EndWatch(tokenizer)
    for text in (f"{THINK} {GOOD}\nMore and more", f"{THINK} {GOOD} It is {LONG * (LONGEST // 3)}", f"{THINK} {GOOD}"):
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        stop = next((k for k in range(1, len(tokens)) if watch.ended(tokens[:k])), len(tokens))
        assert (stop < len(tokens)) == (reason_end(text) is not None)
        assert cut_off(tokenizer.decode(tokens[:stop])) == cut_off(text)
