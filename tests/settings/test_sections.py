from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from pydantic.fields import FieldInfo

from recbole_curec.errors import ConfigurationError
from recbole_curec.pipelines.curec import STAGES
from recbole_curec.plugin.defaults import properties_folder
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.settings.group import SettingsGroup, fact
from recbole_curec.settings.sections import (
    DEFAULT_FLOORS,
    STATIC_GROUPS,
    AlignSettings,
    CollectSettings,
    DescribeSettings,
    EncodeSettings,
    GuardSettings,
    LanguageModelSettings,
    LoraSettings,
    RunSettings,
    TinySettings,
)
from recbole_curec.settings.settings import Settings, canonical, known_groups, setting_defaults, setting_names

DOCS = Path(__file__).resolve().parents[2] / "docs"
FIELDS = {
    f"{group.section}.{name}": (group, field) for group in known_groups() for name, field in group.model_fields.items()
}
# Another value of settings that change no result, and what a stage's fingerprint might notice of it.
HARMLESS: dict[str, Any] = {
    "llm.converted_dir": "elsewhere",
    "llm.gradient_checkpointing": True, "align.save_steps": 7, "guard.floors": {"auc": 0.1},
    "guard.calibration_ceiling": 0.5, "reinforce.save_steps": 7, "reinforce.watch_prompts": 0,
    "reinforce.logged_completions": 0, "run.artifact_dir": "elsewhere", "run.compare_baseline": False,
    "run.sample_reasons": 0, "run.num_threads": 1, "run.log_dir": "elsewhere", "openai.base_url": "http://other/v1",
    "openai.key_variable": "OTHER", "openai.concurrency": 1, "openai.timeout": 1.0, "openai.retries": 0,
    "vllm.memory_share": 0.1, "vllm.gpus": 2, "reviews.field": "text",
}  # fmt: skip


@lru_cache(maxsize=1)
def make_settings() -> ModuleType:
    """The program that writes the page and the YAML file."""
    spec = importlib.util.spec_from_file_location("make_settings", DOCS / "make_settings.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parts_by_stage(given: dict[str, Any]) -> dict[str, Any]:
    """What every stage's fingerprint covers under these settings, upstream artifacts and data apart."""
    settings = Settings.from_mapping(given)
    return {stage.name: stage.fingerprint_parts(settings, torch.device("cpu")) for stage in STAGES}


def test_the_settings_page_is_up_to_date() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert page == make_settings().page(), "run python docs/make_settings.py"
    # Within a section, those that nobody needs first stand last.
    sections = [group.section for group in known_groups()]
    expected = sorted(
        FIELDS, key=lambda name: (sections.index(name.partition(".")[0]), fact(FIELDS[name][1], "advanced"))
    )
    assert re.findall(r"^\| `([\w.]+)`", page, flags=re.MULTILINE) == expected


def test_curec_yaml_holds_every_setting_with_its_default() -> None:
    path = properties_folder() / "curec.yaml"
    assert path.read_text(encoding="utf-8") == make_settings().defaults(), "run python docs/make_settings.py"
    found, aliases = canonical(read_yaml(path))
    assert found == setting_defaults() and not aliases
    assert set(found) == set(setting_names())
    assert Settings.from_mapping(found) == Settings.from_mapping({})


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_is_described(name: str) -> None:
    group, field = FIELDS[name]
    assert re.fullmatch(r"\w+", group.section) and group.__doc__
    assert field.description and field.description.endswith(".")
    assert isinstance(field.json_schema_extra, dict), "use setting()"


def test_every_section_is_an_attribute_of_the_settings() -> None:
    settings = Settings()
    for group in STATIC_GROUPS:
        assert getattr(settings, group.section) == settings.of(group) == group()


@pytest.mark.parametrize("group", known_groups(), ids=lambda group: group.section)
def test_what_changes_no_result_is_in_no_fingerprint(group: type[SettingsGroup]) -> None:
    def counts(field: FieldInfo) -> bool:
        return fact(field, "changes_result") is not False

    later = {name for name, field in group.model_fields.items() if fact(field, "added_later")}
    counted = {name for name, field in group.model_fields.items() if counts(field)}
    assert set(group().fingerprint_fields()) == counted - later


@pytest.mark.parametrize(
    ("group", "given"),
    [
        (CollectSettings, {"evidence_statements": 1}), (EncodeSettings, {"statements": True}),
        (EncodeSettings, {"statements": True, "shuffle_statements": True}),
    ],
    ids=str,
)  # fmt: skip
def test_a_setting_that_was_added_later_counts_as_soon_as_it_is_used(
    group: type[SettingsGroup], given: dict[str, Any]
) -> None:
    assert group(**given).fingerprint_fields() == {**group().fingerprint_fields(), **given}


def test_the_harmless_settings_are_all_of_them() -> None:
    harmless = {name for name, (_, field) in FIELDS.items() if fact(field, "changes_result") is False}
    # The model, the numbers in use, the encoder and the stages themselves are in the fingerprints, and not their names.
    assert harmless == {*HARMLESS, "llm.name", "llm.dtype", "encode.text_encoder", "embed.encoder", "run.extra_stages"}


@pytest.mark.parametrize("name", HARMLESS)
def test_no_stage_is_made_again_for_a_setting_that_changes_no_result(name: str) -> None:
    assert HARMLESS[name] != setting_defaults()[name]
    for chosen in ({}, {"generate.engine": "openai", "align.teacher": "openai"}, {"generate.engine": "vllm"}):
        assert parts_by_stage({**chosen, name: HARMLESS[name]}) == parts_by_stage(chosen)


def test_a_setting_of_an_entry_matters_where_the_entry_is_chosen() -> None:
    other = {"openai_engine.model": "other"}
    assert parts_by_stage(other) == parts_by_stage({})
    chosen = {"generate.engine": "openai"}
    changed, plain = parts_by_stage({**chosen, **other}), parts_by_stage(chosen)
    assert [stage for stage in plain if changed[stage] != plain[stage]] == ["reward", "reinforce", "correct"]


def test_numbers_that_a_model_computes_in_matter_however_they_were_chosen() -> None:
    assert parts_by_stage({"llm.dtype": "float32"}) == parts_by_stage({})  # on a CPU
    assert parts_by_stage({"llm.dtype": "bfloat16"})["align"] != parts_by_stage({})["align"]


def test_the_tiny_model_and_an_adapter_are_each_in_the_fingerprint_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    adapter, tiny = {"llm.name": str(tmp_path)}, {"llm.name": "tiny"}
    for given, applies in ((tiny, TinySettings), (adapter, LoraSettings)):
        settings = Settings.from_mapping(given)
        assert [group for group in (TinySettings, LoraSettings) if group.applies(settings)] == [applies]
        plain = parts_by_stage(given)
        assert (set(plain["align"]["settings"]) & {"tiny", "lora"}) == {applies.section}
        for group, change in ((TinySettings, {"tiny.layers": 2}), (LoraSettings, {"lora.rank": 4})):
            changed = parts_by_stage({**given, **change})
            assert [stage for stage in plain if changed[stage] != plain[stage]] == ["align"] * (group is applies)
    sometimes = (TinySettings, LoraSettings, DescribeSettings)
    assert all(group.applies(Settings()) for group in known_groups() if group not in sometimes)


def test_descriptions_are_in_no_fingerprint_while_they_are_off(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    given = {"llm.name": str(tmp_path)}
    plain = parts_by_stage(given)
    assert parts_by_stage({**given, "describe.max_tokens": 99}) == plain
    assert not any("describe" in parts["settings"] for parts in plain.values())
    on = parts_by_stage({**given, "describe.enabled": True})
    assert [stage for stage in plain if on[stage] != plain[stage]] == ["encode"]
    assert on["encode"]["settings"]["describe"] == {"enabled": True, "max_tokens": 48}


def test_no_stage_reads_the_guard_or_the_run() -> None:
    for stage in STAGES:
        assert not {GuardSettings, RunSettings} & set(stage.groups(Settings()))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"llm.quantization": "nf4"}, "quantization: nf4 cannot be used with llm: tiny, whose weights are all trained"),
        ({"align.mix": {"judge": 1.0}}, "needs shares of at least 0 and a positive share of 'reason'"),
        ({"align.mix": {"reason": 1.0, "judge": -0.5}}, "needs shares of at least 0 and a positive share of 'reason'"),
        ({"align.mix": {"reason": 1.0, "dream": 1.0}}, "align.mix.dream"),
        ({"guard.floors": {"auc": 1.0}}, "guard.floors {'auc': 1.0} needs shares of at least 0 and less than 1"),
        ({"tiny.hidden_size": 100}, "tiny.hidden_size=100 cannot be used: Input should be a multiple of 32."),
        ({"reinforce.generations": 1}, "reinforce.generations=1 cannot be used"),
        ({"recommend.loss": "BCE"}, "recommend.loss='BCE' cannot be used: Input should be 'CE', 'sampled_CE' or 'BPR'"),
        ({"recommend.train_mode": "all"}, "recommend.train_mode='all' cannot be used"),
        ({"lora.targets": 3}, "lora.targets"),
    ],
)
def test_a_value_that_cannot_be_is_an_error(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Settings.from_mapping(given)


def test_floors_left_out_keep_their_default() -> None:
    assert GuardSettings(floors={"auc": 0.9}).all_floors == {**DEFAULT_FLOORS, "auc": 0.9}


def test_a_pretrained_model_gets_mostly_reasons_unless_the_mix_is_set() -> None:
    tiny, pretrained = LanguageModelSettings(), LanguageModelSettings(name="some/model")
    assert AlignSettings().shares(tiny) == {"reason": 0.7, "judge": 0.1, "choose": 0.1, "understand": 0.1}
    assert AlignSettings().shares(pretrained) == {"reason": 0.94, "judge": 0.02, "choose": 0.02, "understand": 0.02}
    assert AlignSettings(mix={"reason": 2.0}).shares(pretrained) == {"reason": 2.0}
