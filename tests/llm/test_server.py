"""What can be wrong with a server or an optional package, said before anything is asked."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENGINES
from recbole_curec.llm import server
from recbole_curec.llm.server import ServerSettings, api_key
from recbole_curec.settings.settings import Settings
from tests.atomic_dataset import AtomicDataset

SERVER = {"engine": "openai", "openai_base_url": "http://localhost:8000/v1", "openai_model": "m"}
KEY = "sk-zq-secret"


def check(**given: Any) -> None:
    settings = Settings.from_mapping(given)
    ENGINES.find(settings.generate.engine).check(settings)


@pytest.mark.parametrize("engine", ["ctranslate2", "vllm", "openai"])
def test_a_missing_package_is_named_before_any_stage(
    engine: str, toy: AtomicDataset, load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == engine else found(name))
    with pytest.raises(ConfigurationError, match=rf"engine: {engine} .*'recbole-curec\[{engine}\]'"):
        load("CURec", toy, engine=engine)


def test_the_default_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    check()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"openai_base_url": None}, r"set openai\.base_url, such as http"),
        ({"openai_base_url": "localhost:8000"}, r"openai\.base_url='localhost:8000' is no address"),
        ({"openai_base_url": "ftp://localhost/v1"}, "with http:// or https://"),
        ({"openai_model": None}, r"set openai_engine\.model"),
        ({"openai_model": ""}, r"set openai_engine\.model"),
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
    assert api_key(ServerSettings(key_variable="CUREC_TEST_KEY")) == KEY
    assert api_key(ServerSettings()) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"engine": "tgi"}, r"generate\.engine: 'tgi' is no engine"),
        ({"openai_concurrency": 0}, r"openai\.concurrency=0 cannot be used"),
        ({"openai_timeout": 0.0}, r"openai\.timeout=0\.0 cannot be used"),
    ],
)
def test_wrong_values(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Settings.from_mapping(given)
