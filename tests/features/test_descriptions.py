"""Prompts, cleaning and storage of descriptions, and what is said when they are worth nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from recbole_curec.data.catalog import Catalog
from recbole_curec.errors import DataError
from recbole_curec.features.descriptions import (
    DESCRIPTIONS,
    Descriptions,
    clean_description,
    described,
    description_prompts,
    of_other_items,
    what_falls,
    worth_of_descriptions,
)

CATALOG = Catalog(
    tokens=("", "1", "2"),
    names=("", "Toy Story", "item 2"),
    attributes=((), ("release year 1995", "Animation"), ()),
    texts=("", "Toy Story. release year 1995, Animation", ""),
)


def test_a_prompt_holds_the_name_and_what_the_file_says_and_gets_shorter_by_attributes() -> None:
    asked = [prompt[1]["content"].partition("\n")[0] for prompt in description_prompts(CATALOG, 1)]
    assert asked == ['"Toy Story" (release year 1995, Animation)', '"Toy Story" (release year 1995)', '"Toy Story"']
    (prompt,) = description_prompts(CATALOG, 2)
    assert [message["role"] for message in prompt] == ["system", "user"]
    assert prompt[1]["content"].startswith('"item 2"\n')


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        ("A toy comes alive. It is fun.", "A toy comes alive."),
        ("Dr. Strange meets Mr. B. Goode in St. Louis! Then", "Dr. Strange meets Mr. B. Goode in St. Louis!"),
        ("'Mars Attacks!' is loud. And long.", "'Mars Attacks!' is loud."),
        ("It costs 3.50 and ends", "It costs 3.50 and ends"),
        ("<think>Hm. A film?</think> A film about war.", "A film about war."),
        ("<think>I have to think about this for very long", ""),
        ('It is "good".\nItem: "Next"', "It is 'good'."),
        ("<|im_end|>A <b>film</b>\u200b about\nwar", "(/im_end/)A film about war"),
        ("", ""),
        ("x" * 700, "x" * 500),
    ],
)
def test_a_description_is_one_clean_sentence(completion: str, text: str) -> None:
    assert clean_description(completion) == text


def test_a_description_stands_behind_the_text_and_an_empty_one_changes_nothing() -> None:
    assert described(["A", "B"], ["is good.", ""]) == ["A is good.", "B"]


@pytest.mark.parametrize("count", [2, 3, 50])
def test_the_control_gives_every_item_the_description_of_another(count: int) -> None:
    own = [f"text {number}" for number in range(count)]
    other = of_other_items(own, 7)
    assert sorted(other) == sorted(own)
    assert not [number for number in range(count) if other[number] == own[number]]
    assert of_other_items(own, 7) == other
    assert count < 50 or of_other_items(own, 8) != other


def test_the_table_marks_every_row_as_written_by_a_model(tmp_path: Path) -> None:
    written = Descriptions(["1", "2"], ["about 1", "about 2"], ["A toy.", ""], "some-model")
    written.save(tmp_path)
    table = pd.read_parquet(tmp_path / DESCRIPTIONS)
    assert table["written_by"].tolist() == ["model", "model"]
    assert table["model"].tolist() == ["some-model", "some-model"]
    assert Descriptions.load(tmp_path) == written
    table.assign(written_by=["model", "file"]).to_parquet(tmp_path / DESCRIPTIONS)
    with pytest.raises(DataError, match="not marked as written by a model"):
        Descriptions.load(tmp_path)


def test_three_texts_are_compared() -> None:
    measured: list[list[str]] = []

    def measure(texts: object) -> float:
        measured.append(list(texts))  # type: ignore[call-overload]
        return float(len(measured))

    found = worth_of_descriptions(["A", "B"], ["a.", "b."], 0, measure)
    assert measured == [["A", "B"], ["A a.", "B b."], ["A b.", "B a."]]
    assert found == {"text": 1.0, "with_description": 2.0, "with_another_items_description": 3.0}


@pytest.mark.parametrize(
    ("alone", "own", "another", "falls"),
    [
        (0.0424, 0.0403, 0.03, True),  # lower than the text alone
        (0.04, 0.05, 0.05, True),  # not above the control
        (0.04, 0.04, 0.03, False),
        (0.04, 0.05, 0.045, False),
    ],
)
def test_the_proxy_falls_below_the_text_alone_or_to_the_control(
    alone: float, own: float, another: float, falls: bool
) -> None:
    said = what_falls({"text": alone, "with_description": own, "with_another_items_description": another})
    assert (said is not None) == falls
    if said:
        assert all(f"{value:.4f}" in said for value in (alone, own, another))
        assert "describe.enabled: false" in said
