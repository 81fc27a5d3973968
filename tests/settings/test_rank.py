from __future__ import annotations

from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.settings import Settings


@pytest.mark.parametrize(
    ("given", "use"), [("off", "off"), ("auto", "auto"), ("on", "on"), (True, "on"), (False, "off")]
)
def test_on_and_off_are_words_even_where_yaml_reads_them_as_true_and_false(given: Any, use: str) -> None:
    rank = Settings.from_mapping({"rank.use": given}).rank
    assert rank.use == use and rank.is_used == (use != "off")


@pytest.mark.parametrize("names", [[], ["text", "text"]])
def test_families_are_named_once(names: list[str]) -> None:
    with pytest.raises(ConfigurationError, match=r"rank\.features=.*: it must name at least one family, each once\."):
        Settings.from_mapping({"rank.features": names})


@pytest.mark.parametrize("given", ["yes", 1, None])
def test_another_word_is_an_error(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"rank\.use=.* cannot be used: Input should be 'off', 'auto' or 'on'"):
        Settings.from_mapping({"rank.use": given})
