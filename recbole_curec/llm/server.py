"""Settings of an OpenAI-compatible server (address, API key, requests), and their checks before the first request."""

from __future__ import annotations

import json
import os
import re
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from pydantic import field_validator

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.group import SettingsGroup, setting

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What surely is the name of a variable and not a key that happens to have its form.
_PLAIN_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[A-Z][A-Z0-9]{0,15}")
# Parts of an address's path that surely are no secret.
_PLAIN_PATH = re.compile(r"v\d+\w{0,5}|api|openai|")
_HIDDEN = "..."
# What begins like an address, and a run of characters that may be a key.
_ADDRESS_LIKE = re.compile(r"localhost\b|\w+://|[\w.-]+:\d+")
_KEY_LIKE = re.compile(r"[\w-]{20,}")
# Length of the pieces of a secret that are looked for in a text, which may repeat it in part.
_PIECE = 12


def shown_variable(name: Any) -> str:
    """The name of a variable as it may be printed and stored; hidden if it may be the key itself."""
    text = str(name)
    return text if _PLAIN_VARIABLE.fullmatch(text) or (_VARIABLE.fullmatch(text) and text in os.environ) else _HIDDEN


def shown_address(address: Any) -> str:
    """A server's address as it may be printed and stored: without user, query, and parts that may be keys."""
    try:
        parts = urlsplit(str(address))
        host = parts.netloc.rpartition("@")[2]
        path = "/".join(part if _PLAIN_PATH.fullmatch(part) else _HIDDEN for part in parts.path.split("/"))
    except ValueError:
        return _HIDDEN
    return f"{parts.scheme}://{host}{path}" if host else _HIDDEN


class ServerSettings(SettingsGroup):
    """The server of ``engine``, ``teacher`` and ``claims.judge: openai``, and how it is called; not in fingerprints."""

    section: ClassVar[str] = "openai"
    base_url: str | None = setting(
        None,
        "Address of the OpenAI-compatible server, such as http://localhost:8000/v1.",
        alias="openai_base_url",
        changes_result=False,
        shown=shown_address,
    )
    key_variable: str | None = setting(
        None,
        "Name of the environment variable that holds the server's API key; none is sent.",
        alias="openai_key_variable",
        changes_result=False,
        shown=shown_variable,
    )
    concurrency: int = setting(
        32, "Requests under way at a time.", alias="openai_concurrency", advanced=True, changes_result=False, ge=1
    )
    timeout: float = setting(
        120.0,
        "Seconds within which an answer must be whole.",
        alias="openai_timeout",
        advanced=True,
        changes_result=False,
        gt=0,
    )
    retries: int = setting(
        5,
        "Times a failed request is sent again, after growing pauses.",
        alias="openai_retries",
        advanced=True,
        changes_result=False,
        ge=0,
    )

    @field_validator("key_variable")
    @classmethod
    def _names_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not _VARIABLE.fullmatch(name):  # most likely the key itself, so it is not repeated here
            raise ValueError(
                "it holds no name of an environment variable: set it to a name such as OPENAI_API_KEY, never to the "
                "key itself"
            )
        return name

    @field_validator("base_url")
    @classmethod
    def _holds_no_secret(cls, address: str | None) -> str | None:
        if address is None:
            return None
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise ValueError(f"it is no address ({error}): write it as http://localhost:8000/v1") from None
        if "@" in parts.netloc:
            raise ValueError(
                "it holds a user or password, which would end up in logs: put the key into an environment variable and "
                "its name into openai.key_variable"
            )
        if parts.query or parts.fragment:
            raise ValueError(
                "it holds a '?' or '#', and what follows may be a key: give the address up to there, put the key into "
                "an environment variable and its name into openai.key_variable"
            )
        if re.search(r"[\x00-\x20\x7f]", address):
            raise ValueError("it holds blanks or control characters: write it as http://localhost:8000/v1")
        return address


def check_package(package: str, asked: str, instead: str | None = None, extra: str | None = None) -> None:
    """Check that an optional package is installed, without importing it.

    Args:
        package: Its name.
        asked: The setting or the command that needs it.
        instead: A setting that does not need it, if there is one.
        extra: Name of our extra; None for that of the package.

    Raises:
        ConfigurationError: The package is not installed.
    """
    if find_spec(package) is None:
        raise ConfigurationError(
            f"{asked} needs the package {package}, which is not installed: run pip install "
            f"'recbole-curec[{extra or package}]'{f' or set {instead}' if instead else ''}."
        )


def check_server(server: ServerSettings, role: str, model: str | None, model_setting: str) -> None:
    """Check the settings needed to request completions of a model.

    Args:
        server: The server.
        role: Setting that chose the server, such as ``engine`` or ``teacher``.
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
        ConfigurationError: The named variable is empty, or holds what cannot be a key.
    """
    name = server.key_variable
    if name is None:
        return None
    key = os.environ.get(name)
    if not key:
        shown = shown_variable(name)
        given = "openai.key_variable" if shown == _HIDDEN else f"openai.key_variable: {name}"
        example = "OPENAI_API_KEY" if shown == _HIDDEN else name
        raise ConfigurationError(
            f"{given} names an environment variable that is not set: export {example}=<key>, or set "
            "openai.key_variable: ~ for a server without keys."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            f"openai.key_variable: the environment variable {name} holds blanks, line breaks or other characters that "
            "no key has: export it again, without them."
        )
    return key


def without_secrets(text: str, server: ServerSettings, key: str | None, shortest: int = 1) -> str:
    """A text in which the key, and the parts of the address that are not shown, are replaced by ``***``.

    A server may repeat a key in part, or as JSON or an address writes it.

    Args:
        text: What a server or a library said.
        server: The server.
        key: The key that was sent to it.
        shortest: Characters of the shortest secret that is looked for.
    """
    path = [part for part in urlsplit(server.base_url or "").path.split("/") if not _PLAIN_PATH.fullmatch(part)]
    secrets = [
        form for secret in (*([key] if key else []), *path) if len(secret) >= shortest for form in _forms(secret)
    ]
    hidden = [False] * len(text)
    for secret in secrets:
        size = min(_PIECE, len(secret))
        pieces = {secret[start : start + size] for start in range(len(secret) - size + 1)}
        for start in range(len(text) - size + 1):
            if text[start : start + size] in pieces:
                hidden[start : start + size] = [True] * size
    runs = groupby(zip(text, hidden, strict=True), key=itemgetter(1))
    return "".join("***" if hide else "".join(letter for letter, _ in run) for hide, run in runs)


def _forms(secret: str) -> set[str]:
    return {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret), unquote(secret)}


def _check_address(address: str | None, role: str) -> None:
    if address is None:
        raise ConfigurationError(
            f"{role}: openai needs the address of a server: set openai.base_url, such as http://localhost:8000/v1."
        )
    parts = urlsplit(address)
    if f"/{_HIDDEN}" in parts.path:
        raise ConfigurationError(
            f"openai.base_url: {address} was shortened when it was stored, because its path may hold a key: give the "
            "whole address again."
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        given = f"={address!r}" if _ADDRESS_LIKE.match(address) and not _KEY_LIKE.search(address) else ""
        raise ConfigurationError(
            f"openai.base_url{given} is no address: write it as http://localhost:8000/v1, with http:// or https://."
        )
