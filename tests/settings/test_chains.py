from __future__ import annotations

import re

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.chains import ChainSettings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"chains.weights": {"accuracy": 0.0}}, "no reward has a positive weight"),
        ({"chains.weights": {"acuracy": 1.0}}, "chains.weights"),
        ({"chains.rating_reward": "square"}, "chains.rating_reward='square' cannot be used"),
        ({"chains.aspects": 7}, "chains.aspects=7 cannot be used"),
        ({"chains.review_words": 0}, "chains.review_words=0 cannot be used"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(given: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        ChainSettings.read(given)


def test_flat_names_do_not_take_those_of_other_sections() -> None:
    read = ChainSettings.read({"chain_teacher": "openai", "teacher": "evidence", "chain_weights": {"format": 1.0}})
    assert read == ChainSettings(teacher="openai", weights={"format": 1.0})
