from __future__ import annotations

from dataclasses import replace

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FAILURE_KINDS, Failure, FailureFinder
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.table_prompts import fact_line
from tests.examples import CATALOG, EVIDENCE, GOOD

WITH_COMPANION = replace(EVIDENCE, facts=(*EVIDENCE.facts, Fact("together", "Toy Story", 4, 0.5)))
FINDER = FailureFinder(ClaimChecker(CATALOG), threshold=0.0)


def find(completion: str, reward: float = 0.5, evidence: Evidence = WITH_COMPANION) -> Failure | None:
    return FINDER.failure(parse_reason(completion), evidence, reward)


FAULTY = {
    "format": GOOD.replace("</think>", ""),
    "language": '<think>x</think> Puede que le guste "Fargo" porque le gustó "Heat", y a menudo elige Crime.',
    "title": GOOD.replace('"Heat" and', '"Toy Night" and'),
    "attribute": GOOD.replace("you often choose Crime.", "it is Animation."),
    "preference": GOOD.replace("Crime.", "Drama."),
    "company": GOOD.replace("you often choose Crime.", "it often goes with Crime."),
    "popularity": GOOD.replace("you often choose Crime.", "it is very popular."),
    "negation": GOOD.replace("often", "never"),
    "rating": GOOD.replace("enjoyed", "rated"),
    "number": GOOD.replace('enjoyed "Heat"', 'took "Heat" and 12 more'),
    "time": GOOD.replace('"Heat"', '"Heat" last week'),
    "place": GOOD.replace('"Heat"', '"Heat" at home'),
    "opinion": GOOD.replace("you often choose Crime.", "it is acclaimed."),
    "user": GOOD.replace("you often choose Crime.", "you are curious."),
    "content": GOOD.replace("you often choose Crime.", "it is gloomy."),
    "grammar": GOOD.replace("you often choose Crime.", "it often choose Crime."),
    "generic": '<think>x</think> You may like "Fargo" because it is a good choice for you.',
    "strength": GOOD,
    "quote": '<think>x</think> You may like "Fargo" because you wrote \u201cwhat a film\u201d about "Heat".',
    "target": GOOD.replace('like "Fargo"', "like it"),
    "history": '<think>x</think> You may like "Fargo" because you took "Heat" and "Toy Story" before it.',
    "repetition": GOOD.replace("Crime.", "Crime, as you often choose Crime."),
    "low reward": GOOD,
}


@pytest.mark.parametrize("kind", [kind for kind in FAILURE_KINDS if kind != "said before"])  # found by the corrector
def test_every_kind_has_its_checker(kind: str) -> None:
    weak = replace(EVIDENCE, facts=(Fact("similar", "Heat", 1, 0.1), Fact("attribute", "Crime", 1, 1.1)))
    found = find(FAULTY[kind], -0.1 if kind == "low reward" else 0.5, weak if kind == "strength" else WITH_COMPANION)
    assert found is not None and found.kind == kind


def test_a_good_reason_has_no_failure() -> None:
    assert find(GOOD) is None
    assert find(GOOD, reward=-0.1) == Failure("low reward", "say more about this user")
    assert FINDER.fault(parse_reason(GOOD), EVIDENCE) is None


def test_a_line_of_the_prompt_is_no_part_of_a_reason() -> None:
    recited = GOOD.replace("Crime.", 'Crime and fans of "Heat" choose it: strong.')
    assert fact_line(English, "similar", Fact("similar", "Heat", 5, 0.5)) in recited
    assert find(recited) == Failure("format", "the reason recites the prompt")


def test_a_fault_goes_before_a_low_reward() -> None:
    assert find(FAULTY["title"], reward=-1.0) == Failure("title", '"Toy Night" is not in the facts')


def test_what_others_take_is_no_part_of_the_history() -> None:
    told = '<think>x</think> "Fargo" suits you: you took "Heat", and it often goes with "Toy Story".'
    assert find(told) is None
    assert find(told.replace('goes with "Toy Story"', 'goes with what you enjoyed, "Heat"')) is None
    found = find(told.replace('took "Heat", and it often goes with', "really liked"))
    assert found == Failure("history", '"you really liked Toy Story": "Toy Story" is not in the history')


@pytest.mark.parametrize(
    ("told", "twice"),
    [
        ('it often goes with "Toy Story", and many people who choose "Toy Story" choose it too', True),
        ('many fans of "Heat" go for it, and it shares many of its fans with "Heat"', True),
        ("you often choose Crime, and you keep coming back to Crime", True),
        ('it often goes with "Toy Story", and many fans of "Heat" go for it', False),
        ('you took "Heat", and many fans of "Heat" go for it too', False),
        ("it is Crime, and you often choose Crime", False),
    ],
)
def test_one_fact_in_two_clauses_is_a_repetition(told: str, twice: bool) -> None:
    evidence = replace(WITH_COMPANION, facts=tuple(replace(fact, strength=9.0) for fact in WITH_COMPANION.facts))
    found = find(f'<think>x</think> "Fargo" suits you: {told}.', evidence=evidence)
    assert found == (Failure("repetition", "the reason repeats itself") if twice else None)


def test_names_are_neither_foreign_words_nor_repetitions() -> None:
    names = ("Todo sobre mi madre y los demás cuentos", "Lashou shentan", "千と千尋の神隠し", "New York, New York")
    evidence = replace(
        EVIDENCE, target=names[0], history=names[1:], attributes=("Cine de autor español",),
        facts=(
            *(Fact("similar", name, 3, 0.5) for name in names[1:]), Fact("attribute", "Cine de autor español", 3, 1.5)
        ),
    )  # fmt: skip
    for quoted in ('"{}"', "{}"):
        told = [quoted.format(name) for name in names]
        for text in (
            f"Try {told[0]}: fans of {told[1]} and {told[2]} often take it.",
            f"{told[0]} suits you: you took {told[2]} and {told[3]}, and you often choose Cine de autor español.",
        ):
            assert find(f"<think>x</think> {text}", evidence=evidence) is None
