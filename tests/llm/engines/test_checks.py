from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest
from recbole_curec.llm.engines.checks import api_key, check_engine

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.engines import checks
from recbole_curec.settings.settings import Settings
from tests.conftest import AtomicDataset

SERVER = {"engine": "openai", "openai_base_url": "http://localhost:8000/v1", "openai_model": "m"}
KEY = "sk-zq-secret"


def check(**given: Any) -> None:
    check_engine(Settings.from_mapping(given))


@pytest.mark.parametrize("engine", ["ctranslate2", "vllm", "openai"])
def test_a_missing_package_is_named_before_any_stage(
    engine: str, toy: AtomicDataset, load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == engine else found(name))
    with pytest.raises(ConfigurationError, match=rf"engine: {engine} .*'recbole-curec\[{engine}\]'"):
        load("CURec", toy, engine=engine)


def test_the_default_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    check()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"openai_base_url": None}, "set openai_base_url, such as http"),
        ({"openai_base_url": "localhost:8000"}, "openai_base_url='localhost:8000' is no address"),
        ({"openai_base_url": "ftp://localhost/v1"}, "with http:// or https://"),
        ({"openai_model": None}, "set openai_model"),
        ({"openai_model": ""}, "set openai_model"),
        ({"openai_key_variable": "CUREC_NO_SUCH_KEY"}, "CUREC_NO_SUCH_KEY names an environment variable that is not"),
    ],
)
def test_what_a_server_needs(given: dict[str, Any], message: str) -> None:
    check(**SERVER)
    with pytest.raises(ConfigurationError, match=message):
        check(**SERVER | given)


def test_secrets_are_not_repeated() -> None:
    for given in ({"openai_key_variable": KEY}, {"openai_base_url": f"http://me:{KEY}@host/v1"}):
        with pytest.raises(ConfigurationError) as caught:
            check(**SERVER | given)
        assert KEY not in str(caught.value)


def test_the_key_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUREC_TEST_KEY", KEY)
    assert api_key(Settings.from_mapping({"openai_key_variable": "CUREC_TEST_KEY"}).serving) == KEY
    assert api_key(Settings.from_mapping({}).serving) is None


@pytest.mark.parametrize("given", [{"engine": "tgi"}, {"openai_concurrency": 0}, {"openai_timeout": 0.0}])
def test_wrong_values(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(given))):
        Settings.from_mapping(given)


def test_only_settings_of_the_engine_in_use_are_decisive() -> None:
    def decisive(**given: Any) -> dict[str, Any]:
        return Settings.from_mapping(given).generate.decisive()

    assert decisive() == {"generation_batch_size": 128, "generation_temperature": 0.7, "engine": "transformers"}
    assert decisive(ctranslate2_type="int8", openai_model="m") == decisive()
    assert decisive(engine="ctranslate2") == decisive() | {"engine": "ctranslate2", "ctranslate2_type": "float32"}
    assert decisive(**SERVER) == decisive() | {"engine": "openai", "openai_model": "m"}
    assert decisive(engine="vllm") == decisive() | {"engine": "vllm"}
