"""A setting of the wrong kind is one sentence that names it, wherever RecBole would stumble over it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin import config as plugin_config
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.recbole_keys import general_defaults, known_keys, model_defaults, wrong_type
from recbole_curec.plugin.setting_kinds import KINDS
from tests.atomic_dataset import AtomicDataset

_nested: list[Any] = []
for _ in range(100):
    _nested = [_nested]
WRONG: tuple[Any, ...] = (
    5, None, "text", [], ["a"], {}, {"a": 1}, {1: 2}, b"x", {1, 2}, "nul\0", "\udcff", ["half \ud800"], _nested,
    datetime.date(2020, 1, 1),
)  # fmt: skip
# Settings of distributed runs and of the machine are not part of a config that is loaded here.
_OTHERS = {"local_rank", "nproc", "world_size", "ip", "port", "offset", "gpu_id"}


def test_every_kind_belongs_to_a_setting() -> None:
    assert set(KINDS) <= known_keys() | {"model", "dataset"}


def test_defaults_of_recbole_are_of_their_kind() -> None:
    for key, value in general_defaults().items():
        if key in _OTHERS:
            continue
        assert wrong_type(key, value, "BPR") is None, key
    for model in ("NeuMF", "DiffRec", "LDiffRec", "HGN", "SASRecF", "KGAT", "lightgbm", "FFM"):
        for key, value in model_defaults(model).items():
            assert wrong_type(key, value, model) is None, key


def _sentence(error: pytest.ExceptionInfo[ConfigurationError], name: str) -> None:
    text = str(error.value)
    assert name in text
    assert "\n" not in text
    assert len(text) < 700


@pytest.mark.parametrize("key", sorted({*general_defaults(), *KINDS, *model_defaults("SASRec"), "data_path"} - _OTHERS))
def test_no_kind_of_value_ends_in_an_error_of_python(
    key: str, toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]]
) -> None:
    for value in WRONG:
        given = {"model": "SASRec", **settings_for(toy), "dataset": "toy", key: value}
        try:
            load_config(None, None, (), given)
        except ConfigurationError as error:
            said = str(error)
            assert key in said or said.startswith(("No model", "There is no model", "No dataset")), said
            assert "\n" not in said
        except ValueError as error:
            assert type(error).__name__ == "DataError", error


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"eval_args": 3}, "eval_args: 3 cannot be used"),
        ({"load_col": 5}, "load_col=5 cannot be used: it must be a mapping from a file's suffix"),
        ({"load_col": {"inter": 5}}, "load_col={'inter': 5} cannot be used"),
        ({"topk": {}}, "topk: {} cannot be used"),
        ({"metrics": 7}, "metrics: 7 cannot be used"),
        ({"valid_metric": None}, "valid_metric: None cannot be used"),
        ({"data_path": 5}, "data_path=5 cannot be used: it must be "),
        ({"checkpoint_dir": "a\0b"}, "checkpoint_dir cannot be used: its text holds a NUL"),
        ({"benchmark_filename": "train"}, "benchmark_filename='train' cannot be used: it must be a list"),
        ({"threshold": {"rating": "three"}}, "threshold: 'three' for 'rating' is no finite number"),
        ({"dataset": 5}, "dataset=5 cannot be used: it must be text"),
        ({"model": 5}, "There is no model named 5"),
        ({"benchmark_filename": ["a"] * 200 + [1]}, "... cannot be used: it must be a list such as"),
    ],
)
def test_the_sentence_says_what_it_must_be(
    given: dict[str, Any], said: str, toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]]
) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_config(None, None, (), {"model": "BPR", **settings_for(toy), "dataset": "toy", **given})
    _sentence(error, said)


def test_a_list_of_a_model_must_be_one(toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]]) -> None:
    for value, wanted in [(64, "a list of numbers"), (["a"], "a list of numbers"), (None, "a list of numbers")]:
        with pytest.raises(ConfigurationError, match=f"mlp_hidden_size=.*it must be {wanted}"):
            load_config("NeuMF", "toy", (), {**settings_for(toy), "mlp_hidden_size": value})


def test_an_error_of_python_names_the_setting_that_causes_it(
    toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the checks of kinds taken away: a setting that no table knows."""
    monkeypatch.setattr(plugin_config, "run_checks", lambda *_given: None)
    for given, reason in [({"eval_args": 3}, "should be a dict"), ({"metrics": 7}, "'int' object is not iterable")]:
        (key,) = given
        with pytest.raises(ConfigurationError) as error:
            load_config("BPR", "toy", (), {**settings_for(toy), **given})
        assert str(error.value).startswith(f"{key}={given[key]} cannot be used: RecBole says '")
        assert reason in str(error.value)


def test_one_config_file_need_not_be_a_list(toy: AtomicDataset, settings_for: Callable[..., dict[str, Any]]) -> None:
    path = toy.root / "mine.yaml"
    path.write_text("epochs: 7\n")
    for files in (path, str(path), [path]):
        assert load_config("BPR", "toy", files, settings_for(toy, epochs=None) | {"epochs": 7})["epochs"] == 7  # type: ignore[arg-type]
