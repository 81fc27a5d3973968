from __future__ import annotations

from typing import Any, ClassVar, Literal

import pytest
from pydantic import ValidationError, model_validator

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.group import SettingsGroup, fact, setting
from recbole_curec.settings.sections import (
    AlignSettings,
    CollectSettings,
    GuardSettings,
    LanguageModelSettings,
    RunSettings,
)
from tests.settings.own import HouseSettings


class MealSettings(SettingsGroup):
    """A meal."""

    section: ClassVar[str] = "meal"
    courses: int = setting(3, "How many courses.", advanced=True, ge=1)
    wine: Literal["red", "white", "none"] = setting("none", "Which wine.", words=["none"])
    candles: bool = setting(False, "Whether there is light.", changes_result=False)

    @model_validator(mode="after")
    def _wine_wants_light(self) -> MealSettings:
        if self.wine == "red" and not self.candles:
            raise ValueError("meal.wine: red needs meal.candles: true")
        return self


def test_what_is_noted_of_a_field_can_be_asked() -> None:
    fields = MealSettings.model_fields
    assert [fact(fields["courses"], name) for name in ("alias", "advanced", "changes_result")] == [None, True, True]
    assert fact(fields["wine"], "words") == ["none"] and fact(fields["candles"], "changes_result") is False
    assert fields["courses"].description == "How many courses."
    assert fact(HouseSettings.model_fields["rooms"], "advanced") is None


def test_a_group_cannot_be_changed_or_hold_what_it_does_not_know() -> None:
    group = MealSettings()
    with pytest.raises(ValidationError, match="frozen"):
        group.courses = 4
    with pytest.raises(ValidationError, match="Extra inputs"):
        MealSettings(curses=4)


def test_it_is_read_from_full_names_among_others() -> None:
    assert MealSettings.read({"meal.courses": 5, "courses": 7, "epochs": 1, "align.steps": 2}).courses == 5
    assert MealSettings.read({}) == MealSettings()


def test_ours_is_read_from_flat_names_too_and_the_full_name_wins() -> None:
    assert AlignSettings.read({"sft_steps": 5}).steps == 5
    assert AlignSettings.read({"sft_steps": 5, "align.steps": 6}).steps == 6
    assert LanguageModelSettings.read({"llm": "folder", "max_prompt_tokens": 99}).max_prompt_tokens == 99
    aliases = AlignSettings.aliases()
    assert aliases["align.steps"] == "sft_steps" and aliases["align.teacher"] == "teacher"


def test_a_group_of_the_users_own_has_no_flat_names() -> None:
    assert HouseSettings.read({"epochs": 9, "fusion": "rich", "rooms": 8}) == HouseSettings()
    assert HouseSettings.read({"house.epochs": 9, "house.rooms": 8}) == HouseSettings(epochs=9, rooms=8)
    assert all(alias == full for full, alias in HouseSettings.aliases().items())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"meal.courses": 0}, "meal.courses=0 cannot be used: Input should be greater than or equal to 1."),
        ({"meal.courses": "3"}, "meal.courses='3' cannot be used: Input should be a valid integer."),
        ({"meal.courses": True}, "meal.courses=True cannot be used: Input should be a valid integer."),
        ({"meal.candles": 1}, "meal.candles=1 cannot be used: Input should be a valid boolean."),
        ({"meal.wine": "rosé"}, "meal.wine='rosé' cannot be used: Input should be 'red', 'white' or 'none'."),
        ({"meal.wine": "red"}, "meal.wine: red needs meal.candles: true."),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        MealSettings.read(values)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("group", "values", "message"),
    [
        (GuardSettings, {"reward_floors": "auc"}, "guard.floors='auc' cannot be used: {a mapping}{auc: 0.7}."),
        (AlignSettings, {"sft_mix": [1]}, "align.mix=[1] cannot be used: {a mapping}{reason: 1.0}."),
        (RunSettings, {"extra_stages": "a:B"}, "run.extra_stages='a:B' cannot be used: {a list}[first, second]."),
        (
            CollectSettings,
            {"item_text_fields": "title"},
            "collect.item_text_fields='title' cannot be used: {a list}[first, second].",
        ),
    ],
)
def test_a_collection_that_is_none_comes_with_an_example(group: Any, values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        group.read(values)
    for kind in ("a mapping", "a list"):
        message = message.replace(f"{{{kind}}}", f"it must be {kind}, such as ")
    assert str(error.value) == message


def test_what_changes_no_result_is_in_no_fingerprint() -> None:
    assert MealSettings().fingerprint_fields() == {"courses": 3, "wine": "none"}
    assert MealSettings(candles=True).fingerprint_fields() == MealSettings().fingerprint_fields()
    assert HouseSettings(loud=True).fingerprint_fields() == {"epochs": 3, "fusion": "plain", "rooms": 4}
