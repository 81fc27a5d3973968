from __future__ import annotations

from typing import Any

import pytest
import torch

from recbole_curec import hardware
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import POINTS, REWARDS
from recbole_curec.settings import choices
from recbole_curec.settings.choices import CHOICES, ENCODER, ENGINE, FUSION, REWARD, TEACHER
from recbole_curec.settings.settings import Settings
from tests.rewards.own import Brevity


def test_every_extension_point_is_chosen_from() -> None:
    assert sorted(choice.point.kind for choice in CHOICES) == sorted(point.kind for point in POINTS)


def test_the_defaults_choose_one_entry_of_each_that_is_needed() -> None:
    chosen = {choice.point.kind: [entry.name for entry in choice.entries(Settings())] for choice in CHOICES}
    weights = list(Settings().reinforce.weights)
    assert chosen == {
        "engine": ["transformers"], "teacher": ["evidence"], "reward": weights, "text encoder": ["lsa"],
        "fusion": ["gate"], "language": ["en"], "ranking feature": [],
    }  # fmt: skip
    assert [entry.name for entry in Settings().chosen_entries()] == [
        "transformers", "evidence", *weights, "lsa", "gate", "en",
    ]  # fmt: skip


def test_without_fusion_no_fusion_is_chosen() -> None:
    assert FUSION.entries(Settings.from_mapping({"recommend.fusion": "none"})) == []


@pytest.mark.parametrize(
    ("text_encoder", "entry"),
    [
        ("lsa", "lsa"),
        ("llm", "llm"),
        ("all-MiniLM-L6-v2", "sentence_transformers"),
        ("/models/encoder", "sentence_transformers"),
        ("recbole_curec.text.lsa:LsaEncoder", "lsa"),
    ],
)
def test_a_text_encoder_that_is_no_entry_is_a_sentence_transformer(text_encoder: str, entry: str) -> None:
    settings = Settings.from_mapping({"encode.text_encoder": text_encoder})
    assert [found.name for found in ENCODER.entries(settings)] == [entry]


def test_rewards_are_chosen_by_name_or_path() -> None:
    weights = {"length": 1.0, "tests.rewards.own:Brevity": 0.0}
    settings = Settings.from_mapping({"reinforce.weights": weights})
    assert REWARD.entries(settings) == [REWARDS.find("length"), Brevity]


@pytest.mark.parametrize(
    ("given", "installed", "engine"),
    [
        ({"device": torch.device("cpu")}, True, "ctranslate2"),
        ({"device": torch.device("cpu")}, False, "transformers"),
        ({"device": torch.device("cuda")}, True, "transformers"),
        ({"llm": "org/model", "device": torch.device("cpu")}, True, "ctranslate2"),
        ({"llm": "org/model", "device": torch.device("cpu")}, False, "transformers"),
        ({"llm": "org/model", "device": torch.device("cuda")}, True, "transformers"),
        ({"llm": "org/model", "use_gpu": False}, True, "ctranslate2"),
        ({"llm": "org/model", "use_gpu": False, "engine": "transformers"}, True, "transformers"),
        ({"engine": "ctranslate2"}, True, "ctranslate2"),
    ],
)
def test_the_fastest_engine_that_is_installed_is_the_default(
    given: dict[str, Any], installed: bool, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "find_spec", lambda name: name if installed else None)
    monkeypatch.setattr(hardware, "cpu_has_bfloat16_matrices", lambda: False)
    settings = Settings.from_mapping(given)
    assert settings.generate.engine == engine  # in the fingerprint
    assert [entry.name for entry in ENGINE.entries(settings)] == [engine]


@pytest.mark.parametrize(
    ("choice", "given"),
    [
        (ENGINE, "generate.engine"),
        (TEACHER, "align.teacher"),
        (FUSION, "recommend.fusion"),
        (ENCODER, "encode.text_encoder"),
    ],
)
def test_a_class_of_another_kind_is_an_error(choice: object, given: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{given}: tests\.rewards\.own:Brevity is no \w+"):
        Settings.from_mapping({given: "tests.rewards.own:Brevity"})


@pytest.mark.parametrize(
    ("given", "matrices", "expected"),
    [
        ({}, True, "ctranslate2"),
        ({"llm.name": "some/model"}, True, "transformers"),
        ({"llm.name": "some/model"}, False, "ctranslate2"),
        ({"llm.name": "some/model", "llm.dtype": "float32"}, True, "ctranslate2"),
        ({"llm.name": "some/model", "generate.engine": "ctranslate2"}, True, "ctranslate2"),
    ],
)
def test_a_pretrained_model_on_a_cpu_with_bfloat16_matrices_is_run_by_transformers(
    given: dict[str, Any], matrices: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ctranslate2")
    monkeypatch.setattr(hardware, "cpu_has_bfloat16_matrices", lambda: matrices)
    settings = Settings.from_mapping({"device": torch.device("cpu"), **given})
    assert settings.generate.engine == expected
