"""Settings of an OpenAI-compatible server (address, API key, requests), and their checks before the first request."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from typing import ClassVar
from urllib.parse import urlsplit

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.group import SettingsGroup, setting

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ServerSettings(SettingsGroup):
    """``engine: openai`` and ``teacher: openai``: the server and how it is called; not in fingerprints."""

    section: ClassVar[str] = "openai"
    base_url: str | None = setting(
        None,
        "Address of the OpenAI-compatible server, such as http://localhost:8000/v1.",
        alias="openai_base_url",
        changes_result=False,
    )
    key_variable: str | None = setting(
        None,
        "Name of the environment variable that holds the server's API key; none is sent.",
        alias="openai_key_variable",
        changes_result=False,
    )
    concurrency: int = setting(
        32, "Requests under way at a time.", alias="openai_concurrency", advanced=True, changes_result=False, ge=1
    )
    timeout: float = setting(
        120.0, "Seconds to wait for an answer.", alias="openai_timeout", advanced=True, changes_result=False, gt=0
    )
    retries: int = setting(
        5,
        "Times a failed request is sent again, after growing pauses.",
        alias="openai_retries",
        advanced=True,
        changes_result=False,
        ge=0,
    )


def check_package(package: str, asked: str, instead: str) -> None:
    """Check that an optional package is installed, without importing it.

    Args:
        package: Its name, which is also the name of our extra.
        asked: The setting that needs it.
        instead: A setting that does not need it.

    Raises:
        ConfigurationError: The package is not installed.
    """
    if find_spec(package) is None:
        raise ConfigurationError(
            f"{asked} needs the package {package}, which is not installed: run pip install "
            f"'recbole-curec[{package}]' or set {instead}."
        )


def check_server(server: ServerSettings, role: str, model: str | None, model_setting: str) -> None:
    """Check the settings needed to request completions of a model.

    Args:
        server: The server.
        role: Setting that chose the server, ``engine`` or ``teacher``.
        model: Name of the language model on the server.
        model_setting: Setting that holds the name.

    Raises:
        ConfigurationError: Address, key or model name is missing or cannot be used.
    """
    _check_address(server.base_url, role)
    api_key(server)
    if not model:
        raise ConfigurationError(
            f"{role}: openai needs the name of the model to ask for: set {model_setting}, for vLLM the value of "
            "--served-model-name."
        )


def api_key(server: ServerSettings) -> str | None:
    """The API key, from the environment; None if no key is sent.

    Raises:
        ConfigurationError: The named variable is empty, or the setting holds no name of a variable.
    """
    name = server.key_variable
    if name is None:
        return None
    if not _VARIABLE.fullmatch(name):  # most likely the key itself, so it is not repeated here
        raise ConfigurationError(
            "openai.key_variable holds no name of an environment variable: set it to a name such as OPENAI_API_KEY, "
            "never to the key itself."
        )
    key = os.environ.get(name)
    if not key:
        raise ConfigurationError(
            f"openai.key_variable: {name} names an environment variable that is not set: export {name}=<key>, or set "
            "openai.key_variable: ~ for a server without keys."
        )
    return key


def _check_address(address: str | None, role: str) -> None:
    if address is None:
        raise ConfigurationError(
            f"{role}: openai needs the address of a server: set openai.base_url, such as http://localhost:8000/v1."
        )
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise ConfigurationError(
            "openai.base_url holds a user or password, which would end up in logs: put the key into an environment "
            "variable and its name into openai.key_variable."
        )
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(
            f"openai.base_url={address!r} is no address: write it as http://localhost:8000/v1, with http:// or https://."
        )
