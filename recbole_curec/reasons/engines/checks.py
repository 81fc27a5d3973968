"""Whether the chosen engine can run at all; checked before any stage, without importing the engine."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings import ServingSettings, Settings

_EXTRAS = ("ctranslate2", "vllm", "openai")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_engine(settings: Settings) -> None:
    """Check that the engine's package is installed and that it knows its server.

    Raises:
        ConfigurationError: A package, address, model name or key is missing or cannot be used.
    """
    engine = settings.generate.engine
    if engine in _EXTRAS:
        _check_package(engine, f"engine: {engine}", "engine: transformers")
    if engine == "openai":
        _check_server(settings.serving, "engine", settings.generate.openai_model, "openai_model")


def check_teacher(settings: Settings) -> None:
    """Check that the ``openai`` teacher has its package, its server and the name of a model.

    Raises:
        ConfigurationError: One of them is missing or cannot be used.
    """
    if settings.align.teacher == "openai":
        _check_package("openai", "teacher: openai", "teacher: evidence")
        _check_server(settings.serving, "teacher", settings.align.teacher_model, "teacher_model")


def api_key(settings: ServingSettings) -> str | None:
    """The key to send, from the environment; None if none is to be sent.

    Raises:
        ConfigurationError: The named variable is empty, or the setting holds no name of a variable.
    """
    name = settings.openai_key_variable
    if name is None:
        return None
    if not _VARIABLE.fullmatch(name):  # most likely the key itself, so it is not repeated here
        raise ConfigurationError(
            "openai_key_variable holds no name of an environment variable: set it to a name such as OPENAI_API_KEY, "
            "never to the key itself."
        )
    key = os.environ.get(name)
    if not key:
        raise ConfigurationError(
            f"openai_key_variable: {name} names an environment variable that is not set: export {name}=<key>, or set "
            "openai_key_variable: ~ for a server without keys."
        )
    return key


def _check_package(package: str, asked: str, instead: str) -> None:
    if find_spec(package) is None:
        raise ConfigurationError(
            f"{asked} needs the package {package}, which is not installed: run pip install "
            f"'recbole-curec[{package}]' or set {instead}."
        )


def _check_server(serving: ServingSettings, role: str, model: str | None, model_setting: str) -> None:
    _check_address(serving.openai_base_url, role)
    api_key(serving)
    if not model:
        raise ConfigurationError(
            f"{role}: openai needs the name of the model to ask for: set {model_setting}, for vLLM what stands after "
            "--served-model-name."
        )


def _check_address(address: str | None, setting: str) -> None:
    if address is None:
        raise ConfigurationError(
            f"{setting}: openai needs the address of a server: set openai_base_url, such as http://localhost:8000/v1."
        )
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise ConfigurationError(
            "openai_base_url holds a user or password, which would end up in logs: put the key into an environment "
            "variable and its name into openai_key_variable."
        )
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(
            f"openai_base_url={address!r} is no address: write it as http://localhost:8000/v1, with http:// or https://."
        )
