"""The section ``tuned`` of config files: which settings a run takes from it, and what wins over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recbole.config import Config

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.tuned_sections import tuned_settings
from tests.atomic_dataset import AtomicDataset

TUNED = """tuned:
  SASRec: {learning_rate: 0.011, n_layers: 1}
  GRU4Rec: {learning_rate: 0.012, num_layers: 2}
  CURec:
    SASRec: {learning_rate: 0.013, recommend.fusion_alignment: 0.5}
"""
Settings = Callable[..., dict[str, Any]]


@pytest.fixture
def config(toy: AtomicDataset, settings_for: Settings, tmp_path: Path) -> Callable[..., Any]:
    def build(model: str, *texts: str, **given: Any) -> Any:
        files = []
        for number, text in enumerate(texts):
            files.append(tmp_path / f"{number}.yaml")
            files[-1].write_text(text)
        return load_config(model, toy.name, files, {**settings_for(toy), **given})

    return build


def test_a_run_takes_the_section_of_its_model_and_backbone(config: Callable[..., Any]) -> None:
    wrapped = config("CURec", TUNED, fusion="gate")
    assert (wrapped["learning_rate"], wrapped["recommend.fusion_alignment"]) == (0.013, 0.5)
    assert wrapped["n_layers"] == 2  # RecBole's: what is said of the wrapped model stands in place of the rest
    other = config("CURec", TUNED, backbone="GRU4Rec")
    assert (other["learning_rate"], other["num_layers"]) == (0.012, 2)
    from_file = config("CURec", "recommend: {backbone: GRU4Rec}\n", TUNED)
    assert (from_file["learning_rate"], from_file["num_layers"]) == (0.012, 2)
    untouched = config("CURec", TUNED, backbone="NARM")
    assert untouched["learning_rate"] == config("CURec", backbone="NARM")["learning_rate"]


def test_a_plain_model_takes_its_own(
    config: Callable[..., Any], toy: AtomicDataset, settings_for: Settings, tmp_path: Path
) -> None:
    plain = config("SASRec", TUNED)
    assert (plain["learning_rate"], plain["n_layers"]) == (0.011, 1)
    given = {key: value for key, value in settings_for(toy).items() if key != "fusion"}
    recboles = Config(
        model="SASRec",
        dataset=toy.name,
        config_file_list=[str(tmp_path / "0.yaml")],
        config_dict={**given, "train_neg_sample_args": None},
    )
    assert (recboles["learning_rate"], recboles["n_layers"]) == (0.011, 1)


def test_a_section_is_a_part_of_its_file(config: Callable[..., Any]) -> None:
    plain = "learning_rate: 0.2\n"
    assert config("SASRec", plain, TUNED)["learning_rate"] == 0.011
    assert config("SASRec", TUNED, plain)["learning_rate"] == 0.2
    assert config("SASRec", plain + TUNED)["learning_rate"] == 0.011
    assert config("SASRec", TUNED, "tuned: {SASRec: {learning_rate: 0.3}}\n")["learning_rate"] == 0.3
    assert config("SASRec", TUNED, learning_rate=0.4)["learning_rate"] == 0.4
    assert config("SASRec", TUNED, plain)["n_layers"] == 1


def test_an_empty_section_means_the_settings_as_they_are(config: Callable[..., Any]) -> None:
    text = "tuned: {SASRec: {learning_rate: 0.011}, CURec: {SASRec: {}}}\n"
    assert config("CURec", text)["learning_rate"] == config("CURec")["learning_rate"] == 0.003  # shipped for toy
    assert config("SASRec", "tuned:\n")["learning_rate"] == 0.003


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tuned: 3\n", "tuned cannot be used: write the settings of every backbone below its name"),
        ("tuned: {SASRec: 3}\n", "tuned.SASRec cannot be used"),
        ("tuned: {CURec: {SASRec: 3}}\n", "tuned.CURec cannot be used"),
        ("tuned: {SASRec: {learning_ratee: 3}}\n", "Setting 'learning_ratee' is known neither to RecBole"),
        ("tuned: {SASRec: {learning_rate: -1}}\n", "learning_rate=-1 cannot be used"),
    ],
)
def test_a_section_that_cannot_be_used_is_named(text: str, message: str, config: Callable[..., Any]) -> None:
    with pytest.raises(ConfigurationError) as error:
        config("SASRec", text)
    assert message in str(error.value)


def test_only_our_models_have_backbones_below_them() -> None:
    section = {"SASRec": {"a": 1}, "CURec": {"SASRec": {"a": 2}}}
    assert tuned_settings(section, "SASRec", "SASRec") == {"a": 1}
    assert tuned_settings(section, "CURec", "SASRec") == {"a": 2}
    assert tuned_settings(section, "CURecGeneral", "SASRec") == {"a": 1}
    assert tuned_settings(section, "CURec", "GRU4Rec") == {}
