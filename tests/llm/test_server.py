"""What can be wrong with a server or an optional package, said before anything is asked."""

from __future__ import annotations

import importlib.util
import json
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENGINES
from recbole_curec.llm import server
from recbole_curec.llm.server import ServerSettings, api_key, shown_address, shown_variable, without_secrets
from recbole_curec.plugin.checkpoints import to_plain
from recbole_curec.settings import choices
from recbole_curec.settings.settings import Settings, canonical, public_settings
from recbole_curec.settings.travel import settings_of
from tests.atomic_dataset import AtomicDataset

SERVER = {"engine": "openai", "openai_base_url": "http://localhost:8000/v1", "openai_model": "m"}
KEY = "sk-zq-secret"
LONG = "".join(f"{number:x}z" for number in range(200))


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
    for module in (server, choices):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
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


def secret_settings() -> list[dict[str, Any]]:
    places = [f"http://me:{KEY}@host/v1", f"http://host/v1?key={KEY}", f"http://host/v1#{KEY}", KEY, f"http://[{KEY}"]
    names: list[Any] = [KEY, [KEY], {"name": KEY}, f"{KEY} ", "gsk_zq9Xw8Vu7Ts6"]
    return [*({"openai_base_url": place} for place in places), *({"openai_key_variable": name} for name in names)]


@pytest.mark.parametrize("given", secret_settings())
def test_secrets_are_not_repeated(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(**SERVER | given)
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown
    assert "gsk_zq9Xw8Vu7Ts6" not in shown


def test_a_secret_that_is_given_twice_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match=r"^openai\.key_variable is given twice: keep one\.$"):
        canonical({"openai.key_variable": KEY, "openai_key_variable": "A"})
    with pytest.raises(ConfigurationError, match=r"^llm\.name is given twice, as 'a' and 'b': keep one\.$"):
        canonical({"llm.name": "a", "llm": "b"})


def test_what_of_a_setting_is_printed_and_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("my_key", "x")
    assert [shown_variable(name) for name in ("OPENAI_API_KEY", "my_key", "gsk_zq9Xw8", KEY, 5)] == [
        "OPENAI_API_KEY", "my_key", "...", "...", "...",
    ]  # fmt: skip
    assert shown_address("http://localhost:8000/v1") == "http://localhost:8000/v1"
    assert shown_address(f"https://me:{KEY}@host/{KEY}/openai/v1beta/?k={KEY}") == "https://host/.../openai/v1beta/"
    assert shown_address(KEY) == shown_address("http://[::1") == "..."
    group = ServerSettings(base_url=f"http://host/{KEY}/v1")
    assert group.public_fields()["base_url"] == "http://host/.../v1"
    assert group.base_url == f"http://host/{KEY}/v1"
    assert public_settings({"openai_base_url": f"http://host/{KEY}", "epochs": 3, "openai.base_url": None}) == {
        "openai_base_url": "http://host/...", "epochs": 3, "openai.base_url": None,
    }  # fmt: skip


def test_the_settings_of_a_run_keep_the_whole_address_and_its_config_does_not(
    toy: AtomicDataset, load: Callable[..., Any]
) -> None:
    config = load("CURec", toy, **SERVER | {"openai_base_url": f"http://host/{KEY}/v1"})
    assert settings_of(config).of(ServerSettings).base_url == f"http://host/{KEY}/v1"
    assert KEY not in str(config)
    assert KEY not in str(to_plain(config))
    stored = {key: value for key, value in to_plain(config).items() if key.startswith("openai")}
    with pytest.raises(ConfigurationError, match=r"http://host/\.\.\./v1 was shortened when it was stored"):
        check(**SERVER | stored)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "caf\u00e9", "tab\t"])
def test_a_key_that_cannot_be_one(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUREC_TEST_KEY", key)
    with pytest.raises(ConfigurationError, match="CUREC_TEST_KEY holds blanks, line breaks or other") as caught:
        api_key(ServerSettings(key_variable="CUREC_TEST_KEY"))
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"key {LONG} end", "key *** end"),
        (f"key {LONG[:40]}... end", "key ***... end"),
        (f"key {LONG[30:60]} end", "key *** end"),
        (f"at /a%2Fb%2Bc{LONG}/x", "at /a%2Fb%2Bc***/x"),
        ("nothing", "nothing"),
    ],
)
def test_a_repeated_key_is_taken_out(text: str, shown: str) -> None:
    assert without_secrets(text, ServerSettings(), LONG) == shown
    assert without_secrets(text, ServerSettings(), None) == text


def test_a_key_is_found_in_other_forms() -> None:
    key = 'a/b+c"d\\e'
    for form in (json.dumps(key), quote(key, safe="")):
        assert key not in without_secrets(form, ServerSettings(), key)
        assert "***" in without_secrets(form, ServerSettings(), key)
    address = ServerSettings(base_url=f"http://host/{KEY}/v1")
    assert without_secrets(f"no such path: /{KEY}/v1/chat", address, None) == "no such path: /***/v1/chat"


def test_short_secrets_are_left_where_words_may_be_like_them() -> None:
    address = ServerSettings(base_url="http://host/house/v1")
    text = f"\0 a house, key {LONG}"
    assert without_secrets(text, address, "key") == f"\0 a ***, *** {LONG}"
    assert without_secrets(text, address, LONG, shortest=12) == "\0 a house, key ***"


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
