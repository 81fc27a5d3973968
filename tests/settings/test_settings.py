from __future__ import annotations

from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import POINTS
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.config_checks import unknown_key
from recbole_curec.settings.sections import STATIC_GROUPS, AlignSettings
from recbole_curec.settings.settings import (
    Settings,
    canonical,
    chosen_groups,
    entry_groups,
    full_names,
    known_groups,
    setting_defaults,
    setting_names,
    text_choices,
)
from recbole_curec.settings.travel import settings_of
from tests.settings import own


def read(*layers: dict[str, Any], keep: tuple[str, ...] = ()) -> Settings:
    """The settings of layers, the last of which wins."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged.update(canonical(layer, keep)[0])
    return Settings.from_mapping(merged)


@pytest.mark.parametrize(
    "layer",
    [
        {"align": {"steps": 7, "mix": {"reason": 1.0}}, "llm": {"name": "folder", "dtype": "float32"}},
        {"align.steps": 7, "align.mix": {"reason": 1.0}, "llm.name": "folder", "llm.dtype": "float32"},
        {"sft_steps": 7, "sft_mix": {"reason": 1.0}, "llm": "folder", "llm_dtype": "float32"},
        {"align": {"steps": 7}, "sft_mix": {"reason": 1.0}, "llm": {"name": "folder"}, "llm.dtype": "float32"},
    ],
)
def test_a_setting_may_stand_in_its_section_or_under_its_full_or_flat_name(layer: dict[str, Any]) -> None:
    expected = {"align.steps": 7, "align.mix": {"reason": 1.0}, "llm.name": "folder", "llm.dtype": "float32"}
    assert canonical(layer)[0] == expected
    settings = read(layer)
    assert (settings.align.steps, settings.align.mix) == (7, {"reason": 1.0})
    assert (settings.llm.name, settings.llm.dtype) == ("folder", "float32")


def test_every_setting_has_a_full_name_and_one_flat_name_of_its_own() -> None:
    names = setting_names()
    assert len(set(names)) == len(names) == len(full_names()) == len(setting_defaults())
    assert sorted(full_names().values()) == sorted(names)
    for alias, full in full_names().items():
        value = setting_defaults()[full]
        assert canonical({alias: value})[0] == ({full: value} if alias != "llm" or value is not None else {})
        assert canonical({full: value}) == ({full: value}, {})


def test_flat_names_that_were_used_are_told() -> None:
    layer = {"sft_steps": 7, "rl_steps": 3, "llm": "folder", "align.batch_size": 2, "lora": {"rank": 4}, "epochs": 5}
    assert canonical(layer)[1] == {"sft_steps": "align.steps", "rl_steps": "reinforce.steps", "llm": "llm.name"}


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ({"align": {"steps": 7, "batch_size": 3}}, {"align": {"steps": 8}}),
        ({"align": {"steps": 7, "batch_size": 3}}, {"align.steps": 8}),
        ({"align.steps": 7, "sft_batch_size": 3}, {"align": {"steps": 8}}),
        ({"align": {"steps": 7, "batch_size": 3}}, {"sft_steps": 8}),
    ],
)
def test_a_section_in_one_layer_does_not_lose_what_another_says_in_it(lower: Any, upper: Any) -> None:
    settings = read(lower, {"reinforce": {"steps": 1}}, upper)
    assert (settings.align.steps, settings.align.batch_size, settings.reinforce.steps) == (8, 3, 1)
    assert settings.align.learning_rate == AlignSettings().learning_rate


@pytest.mark.parametrize(
    "layer",
    [
        {"align": {"steps": 7}, "align.steps": 8},
        {"align.steps": 7, "sft_steps": 8},
        {"sft_steps": 7, "align": {"steps": 8}},
    ],
)
def test_a_setting_given_twice_in_a_layer_must_agree(layer: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"^align\.steps is given twice, as 7 and 8: keep one\.$"):
        canonical(layer)
    agreeing = {key: {"steps": 7} if isinstance(value, dict) else 7 for key, value in layer.items()}
    assert canonical(agreeing)[0] == {"align.steps": 7}


def test_an_empty_section_says_nothing() -> None:
    assert canonical({"align": None, "llm": None, "vllm": {}, "epochs": None})[0] == {"epochs": None}


def test_what_recbole_reads_is_left_as_it_is() -> None:
    layer = {"eval_args": {"order": "TO"}, "teacher": "BPR", 3: {"a": 1}, "topk": [1, 2]}
    assert canonical(layer, keep=("eval_args", "teacher")) == (layer, {})
    assert canonical({"eval_args": {"order": "TO"}})[0] == {"eval_args.order": "TO"}


@pytest.mark.parametrize(
    ("layer", "unknown", "near"),
    [
        ({"alingn": {"steps": 3}}, "alingn.steps", "did you mean 'align.steps'?"),
        ({"align": {"stpes": 3}}, "align.stpes", "did you mean 'align.steps'?"),
        ({"align.Steps": 3}, "align.Steps", "did you mean 'align.steps'?"),
        ({"sft_stps": 3}, "sft_stps", "did you mean 'sft_steps'?"),
        ({"recommend": {"fussion": "none"}}, "recommend.fussion", "did you mean 'recommend.fusion'?"),
        ({"vllm": {"gpu": 1}}, "vllm.gpu", "did you mean 'vllm.gpus'?"),
        ({"align": 3}, "align", "did you mean 'align.mix'?"),
        ({3: 4}, "3", "remove it."),
        ({"zzzzzzzzzz": {"qqqqqqq": 3}}, "zzzzzzzzzz.qqqqqqq", "remove it."),
    ],
)
def test_an_unknown_section_or_field_names_the_nearest(layer: dict[str, Any], unknown: str, near: str) -> None:
    found = canonical(layer)[0]
    message = f"Setting '{unknown}' is known neither to RecBole nor to CURec: {near}"
    assert unknown_key(found, setting_defaults()) == message
    with pytest.raises(ConfigurationError) as error:
        load_config("CURec", "ml-100k", [], layer)
    assert str(error.value) == message


def test_every_section_can_be_asked_by_its_class() -> None:
    settings = Settings.from_mapping({"align.steps": 7, "epochs": 3})
    assert settings.of(AlignSettings) is settings.align
    for group in known_groups():
        assert isinstance(settings.of(group), group)
    (engine,) = (group for group in entry_groups() if group.section == "openai_engine")
    assert settings.of(engine) == engine()
    # Read although the engine whose section it is is not chosen.
    assert read({"openai_engine": {"model": "m"}}).of(engine).model == "m"


def test_a_section_that_is_named_like_a_number_of_recbole_is_a_section() -> None:
    found, _ = canonical({"rank": {"use": "on"}}, keep=["rank"])
    assert found == {"rank.use": "on"}
    assert canonical({"rank": 450}, keep=["rank"])[0] == {"rank": 450}  # NCEPLRec's own


def test_the_sections_of_our_entries_are_known_and_no_two_are_the_same() -> None:
    sections = [group.section for group in known_groups()]
    assert len(set(sections)) == len(sections) and all(sections)
    groups = {group for point in POINTS for entry in point.entries().values() for group in entry.settings_groups}
    assert {group for group in groups if group.__module__.startswith("recbole_curec.")} == set(entry_groups())
    assert not set(entry_groups()) & set(STATIC_GROUPS)


def test_the_groups_of_the_users_own_entries_and_stages_become_known_sections() -> None:
    layer = {
        "reinforce.weights": {own.HOUSE: 1.0}, "run.extra_stages": [own.REPORT], "house": {"fusion": "rich"},
        "report": {"pages": 5}, "house.rooms": 1, "generate.engine": "transformers",
    }  # fmt: skip
    settings = read(layer)
    assert chosen_groups(settings) == [own.HouseSettings, own.ReportSettings]
    assert settings.of(own.HouseSettings) == own.HouseSettings(fusion="rich", rooms=1)
    assert settings.of(own.ReportSettings).pages == 5
    found = canonical(layer)[0]
    assert unknown_key(found, {**setting_defaults(), **found}) is None
    assert unknown_key(["house.loud", "house.epochs"], {**setting_defaults(), **found}) is None
    expected = "Setting 'house.lodu' is known neither to RecBole nor to CURec: did you mean 'house.loud'?"
    assert unknown_key(["house.lodu"], {**setting_defaults(), **found}) == expected
    # Without the entry nobody reads them.
    assert unknown_key(["report.pages"], setting_defaults()) is not None
    assert read({"house": {"fusion": "rich"}}).of(own.HouseSettings) == own.HouseSettings()


def test_settings_of_the_users_own_travel_with_a_config() -> None:
    given = {"reinforce.weights": {own.HOUSE: 1.0}, "house": {"rooms": 6}, "epochs": 9, "recommend.fusion": "init"}
    config = load_config("CURec", "ml-100k", [], given)
    assert settings_of(config).of(own.HouseSettings) == own.HouseSettings(rooms=6)
    assert config["epochs"] == 9
    with pytest.raises(ConfigurationError, match=r"house\.epochs=0 cannot be used"):
        load_config("CURec", "ml-100k", [], {**given, "house": {"epochs": 0}})


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (["TakesASection"], r"tests\.settings\.own\.TakenSettings: the section 'align' is taken: give the group"),
        (["HouseReward", "TakesAHouse"], r"own\.OtherHouseSettings: the section 'house' is taken: give the group"),
        (["HasNoSection"], r"own\.NowhereSettings: the section '' is taken: give the group another one"),
    ],
)
def test_a_section_belongs_to_one_group(weights: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read({"reinforce.weights": {f"tests.settings.own:{name}": 1.0 for name in weights}})


def test_an_unknown_entry_or_stage_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match=r"generate\.engine: 'transfomers' is no engine"):
        Settings.from_mapping({"generate.engine": "transfomers"})
    with pytest.raises(ConfigurationError, match=r"run\.extra_stages: tests\.settings\.own:GONE: the module"):
        Settings.from_mapping({"run.extra_stages": ["tests.settings.own:GONE"]})
    with pytest.raises(ConfigurationError, match=r"run\.extra_stages: os:system is no stage"):
        Settings.from_mapping({"run.extra_stages": ["os:system"]})


def test_words_that_yaml_reads_as_something_else_are_kept_under_both_names() -> None:
    choices = text_choices()
    assert choices["recommend.fusion"] == choices["fusion"] == {"none"}
    assert choices["llm.quantization"] == {"nf4", "int8", "none"}
    assert "align.steps" not in choices
