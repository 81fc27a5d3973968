import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.prompts import SYSTEM, PromptBuilder, fact_line, quote
from recbole_curec.settings import CollectSettings

FACTS = (
    Fact("similar", "Heat", 5, 0.5),
    Fact("similar", "Alien", 2, 0.3),
    Fact("attribute", "Crime", 2, 1.2),
    Fact("together", "Clue", 3, 0.1),
    Fact("popularity", "lesser known", 0, 0.2),
)
EVIDENCE = Evidence("u", "2", 3, "Fargo", ("Crime", "Drama"), ("Alien", "Brazil", "Heat"), FACTS)
BUILDER = PromptBuilder(CollectSettings())


def lines(messages):
    assert [message["role"] for message in messages] == ["system", "user"]
    return messages[1]["content"].split("\n")


def test_a_reason_prompt_line_by_line():
    assert lines(BUILDER.reason(EVIDENCE)) == [
        'History: "Alien", "Brazil", "Heat"',
        'Target: "Fargo" (Crime, Drama)',
        '- fans of "Heat" take it: strong',
        '- fans of "Alien" take it: fair',
        "- the user favours Crime: weak",
        "- the user favours none: none",
        '- often taken with "Clue": weak',
        "- it is lesser known",
        'Reason for "Fargo":',
    ]
    assert BUILDER.reason(EVIDENCE)[0]["content"] == SYSTEM["Reason"]


def test_earlier_reasons_and_the_failure_come_after_the_history():
    content = lines(BUILDER.reason(EVIDENCE, ("One.", "Two."), "the reason is too long"))
    assert content[1:4] == ["Earlier: One.", "Earlier: Two.", "Fix: the reason is too long"]
    assert content[4].startswith("Target: ")


@pytest.mark.parametrize(("shown", "line"), [(None, '"Alien", "Brazil", "Heat"'), (2, '"Brazil", "Heat"'), (0, "none")])
def test_the_oldest_history_is_dropped_first(shown, line):
    assert lines(BUILDER.reason(EVIDENCE, history_shown=shown))[0] == f"History: {line}"


KINDS = st.lists(
    st.builds(
        Fact,
        st.sampled_from(["similar", "attribute", "together", "popularity"]),
        st.sampled_from(["Heat", "Crime", "popular"]),
        st.integers(0, 9),
        st.floats(0, 5),
    ),
    max_size=9,
)


@given(KINDS, st.integers(1, 4), st.integers(0, 4))
def test_the_fact_table_has_the_same_lines_whatever_is_known(facts, items, attributes):
    builder = PromptBuilder(CollectSettings(evidence_items=items, evidence_attributes=attributes))
    evidence = Evidence("u", "2", 0, "Fargo", (), (), tuple(facts))
    content = lines(builder.reason(evidence))
    assert content[:2] == ["History: none", 'Target: "Fargo"']
    assert content[-1] == 'Reason for "Fargo":'
    table = content[2:-1]
    starts = ["- fans of "] * items + ["- the user favours "] * attributes + ["- often taken with ", "- it is "]
    assert len(table) == len(starts)
    assert all(line.startswith(start) for line, start in zip(table, starts, strict=True))
    assert lines(builder.judge(evidence))[1:-1] == content[1:-1]


def test_judge_choose_and_text_tasks():
    assert lines(BUILDER.judge(EVIDENCE))[-1] == 'Judge "Fargo":'
    bare = Evidence("u", "3", 3, "Clue", (), (), ())
    assert lines(BUILDER.choose(("Heat",), [EVIDENCE, bare])) == [
        'History: "Heat"',
        '- "Fargo": fans of "Heat" take it: strong',
        '- "Clue": fans of none take it: none',
        "Choose:",
    ]
    assert lines(PromptBuilder.text("Describe", '"Heat"')) == ['"Heat"', "Describe:"]


def test_names_are_quoted_and_labels_are_not():
    assert quote(("A", "B C")) == '"A", "B C"'
    assert fact_line("together", FACTS[3]) == 'often taken with "Clue": weak'
    assert fact_line("attribute", FACTS[2]) == "the user favours Crime: weak"
    assert fact_line("popularity", None) == "it is none"
