from __future__ import annotations

from recbole_curec.reviews.chains import Aspect, parse_chain
from recbole_curec.reviews.prompts import chain_prompt, instruction, shown_text
from recbole_curec.reviews.quotations import quotes
from recbole_curec.reviews.scale import RatingScale
from tests.hostile import HOSTILE
from tests.reviews.reviewed import STARS


def test_a_prompt_holds_the_review_and_nothing_else() -> None:
    system, user = chain_prompt("Great\nsound,  8/10", 50, STARS)
    assert user == {"role": "user", "content": "Review: Great sound, 8/10"}
    assert system["role"] == "system" and "from 1 to 5" in system["content"]
    begun = chain_prompt("Great sound", 50, STARS, begins_thinking=True)
    assert begun[2] == {"role": "assistant", "content": "<think>"}
    assert chain_prompt(" ", 50, STARS)[1]["content"] == "Review: none"


def test_a_long_review_is_its_beginning_and_its_end() -> None:
    text = " ".join(map(str, range(20)))
    assert shown_text(text, 5) == "0 1 2 ... 18 19"
    assert shown_text(text, 20) == text


def test_no_review_adds_a_line() -> None:
    for text in HOSTILE:
        shown = chain_prompt(text, 50, STARS)[1]["content"]
        assert "\n" not in shown and "<" not in shown


def test_the_example_of_the_instruction_is_a_chain_about_its_review() -> None:
    for scale, rating in ((STARS, 4.0), (RatingScale.of([1.0, 2.0, 5.0, 8.0, 10.0]), 8.0)):
        review = instruction(scale).partition("if the review is: ")[2].partition("\n")[0]
        parsed = parse_chain(instruction(scale).splitlines()[-1], scale)
        assert parsed.valid and parsed.chain.rating == rating
        assert all(quotes(review, aspect.quote) for aspect in parsed.chain.aspects)
        assert parsed.chain.aspects[2] == Aspect(-1, "the cable is too short")
