import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.cleaning import MAX_CHARACTERS
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import MAX_WORDS, MIN_WORDS, parse_reason, unquoted, words_of
from recbole_curec.reasons.repetition import repeated_share
from tests.examples import make_catalog
from tests.hostile import HOSTILE
from tests.reasons.named import evidence_about_text

TEXT = 'You may like "Fargo" because you enjoyed "Heat (1995)".'
GOOD = f'<think> "Fargo": "Heat (1995)"</think> {TEXT}'


def test_a_whole_completion():
    reason = parse_reason(GOOD)
    assert reason.valid
    assert reason.think == '"Fargo": "Heat (1995)"'
    assert reason.text == TEXT
    assert reason.names == ("Fargo", "Heat (1995)")


@pytest.mark.parametrize(
    ("completion", "error"),
    [
        ("", "the think tags are missing"),
        (TEXT, "the think tags are missing"),
        (f"<think> facts {TEXT}", "the think tags are missing"),
        (f"facts </think> {TEXT}", "the think tags are missing"),
        (f"Sure! {GOOD}", "there is text before the thinking"),
        (f"<think> a <think> b </think> {TEXT}", "the think tags are repeated"),
        (f"<think> a </think> {TEXT} </think>", "the think tags are repeated"),
        (f"<think> \n</think> {TEXT}", "the thinking is empty"),
        ("<think> a </think>", "the reason is too short"),
        ("<think> a </think> You may like this one a", "the reason does not end"),
        ("<think> a </think> You may like this one", "the reason is too short"),
        (f"<think> a </think> {'word ' * (MAX_WORDS + 1)}.", "the reason is too long"),
        ("<think> a </think> You may like this\none a lot.", "the reason is more than one line"),
        ("<think> a </think> You may like this\rone a lot.", "the reason is more than one line"),
        ('<think> a </think> You may like "Fargo because of it.', "a quotation mark is left open"),
    ],
)
def test_the_first_fault_is_named(completion, error):
    reason = parse_reason(completion)
    assert reason.error == error
    assert not reason.valid


@pytest.mark.parametrize("end", [".", "!", "?", '."', ".)", "!'"])
def test_a_reason_may_end_in_several_ways(end):
    text = f"You may like this one a lot{end}" + ('"' if end.endswith('"') else "")
    opened = text.replace("this", '"this', 1) if text.count('"') % 2 else text
    assert parse_reason(f"<think> a </think> {opened}").valid


PIECES = st.sampled_from(
    ["<think>", "</think>", '"', "Heat", " ", "\n", ".", "<|end|>", "\0", "\ud800", "word " * 7, "é\u0301"]
)


@given(
    st.text() | st.lists(PIECES, max_size=30).map("".join) | st.text().map(lambda text: f"<think>{text}</think>{text}")
)
def test_no_output_crashes_the_parser_and_valid_means_whole(completion):
    reason = parse_reason(completion)
    assert reason.valid == (reason.error is None)
    assert reason.text == reason.text.strip()
    assert all(f'"{name}"' in reason.text for name in reason.names)
    assert 0 <= repeated_share(reason.text) <= 1
    if reason.valid:
        assert reason.think
        assert MIN_WORDS <= len(words_of(reason.text)) <= MAX_WORDS
        assert len(reason.text.splitlines()) == 1
        assert reason.text.count('"') % 2 == 0
        assert reason.text.rstrip("\"')")[-1] in ".!?"
        assert "<think>" not in reason.text
        assert "</think>" not in reason.text
        assert parse_reason(f"<think>{reason.think}</think> {reason.text}") == reason


def test_words():
    assert words_of("Don't look-up, it's \"R&B\"; St. 2.5 (U.S.A.)!") == [
        "Don't", "look-up", "it's", "R&B", "St", "2.5", "U.S.A",
    ]  # fmt: skip
    assert words_of("snake_case — ... é") == ["snake", "case", "é"]


def test_unquoted_text():
    assert unquoted('Try "Heat": it is good.') == "Try  ; : it is good."
    assert unquoted("no names") == "no names"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_forges_a_quote_or_a_format(text: str) -> None:
    facts = evidence_about_text(text)
    name = facts.target
    assert 0 < len(name) <= MAX_CHARACTERS
    assert name.isprintable()
    reason = parse_reason(f'<think> "{name}"</think> You may like "{name}" since fans of "Heat" keep choosing it.')
    assert reason.valid
    assert reason.names == (name, "Heat")
    checker = ClaimChecker(make_catalog({"a": (name, facts.attributes), "b": ("Heat", ())}))
    assert [fault.about for fault in checker.faults(reason, facts)] == ["Heat"]
