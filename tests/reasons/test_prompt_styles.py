"""The style of prompts: by the language model, or as set."""

from __future__ import annotations

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import LANGUAGES
from recbole_curec.reasons.natural_prompts import NaturalPrompts
from recbole_curec.reasons.prompt_styles import PROMPT_STYLES, prompt_builder, prompt_style
from recbole_curec.reasons.prompts import styles
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.settings.settings import Settings


@pytest.mark.parametrize(
    ("given", "style"),
    [
        ({}, TablePrompts),
        ({"llm.name": "some/model"}, NaturalPrompts),
        ({"llm.prompt_style": "natural"}, NaturalPrompts),
        ({"llm.name": "some/model", "llm.prompt_style": "table"}, TablePrompts),
    ],
)
def test_the_model_chooses_unless_the_setting_does(given: dict[str, str], style: type) -> None:
    settings = Settings.from_mapping(given)
    assert prompt_style(settings) is style
    assert type(prompt_builder(settings)) is style


def test_the_builder_has_the_slots_of_the_settings() -> None:
    builder = prompt_builder(Settings.from_mapping({"collect.evidence_items": 4}))
    assert builder._slots[0] == ("similar", 4)


def test_every_style_has_the_texts_of_every_task_in_every_language_and_its_own_heads() -> None:
    tasks = {"Reason", "Judge", "Choose", "Describe", "Identify", "Complete"}
    languages = LANGUAGES.entries().values()
    texts = [style.texts_of(language) for style in PROMPT_STYLES.values() for language in languages]
    assert len(texts) == 4
    assert all(set(one.system) == set(one.questions) == tasks for one in texts)
    assert {one.heads for one in texts} == set(styles())
    assert len(set(styles())) == 4


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"llm\.prompt_style='prose' cannot be used"):
        Settings.from_mapping({"llm.prompt_style": "prose"})
