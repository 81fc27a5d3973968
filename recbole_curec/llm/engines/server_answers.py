"""Reading of a server's answer: the text of a chat completion, or the reason why it holds none."""

from __future__ import annotations

import json
from typing import Any

from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN

# Fields in which servers with a reasoning parser return the thinking.
_THOUGHTS = ("reasoning", "reasoning_content")
# No token of a vocabulary is longer than this; a longer text was not written by a model that was asked for few tokens.
_CHARACTERS_PER_TOKEN = 256


class NoCompletionError(ValueError):
    """An answer holds no completion; the message says what it holds instead."""


def completion_text(body: bytes, max_tokens: int) -> str:
    """The text of the first completion in an answer, its thinking put back.

    Args:
        body: The answer as it was received.
        max_tokens: Longest completion that was asked for.

    Raises:
        NoCompletionError: It is not one JSON object of a chat completion, or its text is missing, too long or broken.
    """
    message = _message(_parsed(body))
    text, thoughts = _text(message, "content"), next(filter(None, (_text(message, name) for name in _THOUGHTS)), None)
    if text is None and thoughts is None:
        raise NoCompletionError("its answer holds no text")
    # A server with a reasoning parser removes the thinking and its tags from the answer: they are put back.
    whole = (text or "").strip()
    if thoughts is not None:
        whole = f"{THINK_OPEN} {thoughts.strip()}{THINK_CLOSE} {whole}".strip()
    if len(whole) > max_tokens * _CHARACTERS_PER_TOKEN:
        raise NoCompletionError(f"its answer has {len(whole):,} characters, more than {max_tokens} tokens can hold")
    try:
        whole.encode()
    except UnicodeEncodeError:
        raise NoCompletionError("its answer holds half a character (a lone surrogate)") from None
    return whole


def error_text(body: bytes) -> str:
    """What a server says about an error: the message in its JSON, or its text."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
    found = content.get("error", content) if isinstance(content, dict) else content
    message = found.get("message", found.get("detail")) if isinstance(found, dict) else found
    return message if isinstance(message, str) else json.dumps(found, ensure_ascii=False)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NoCompletionError("its answer is no JSON; the address usually ends in /v1") from None


def _message(answer: Any) -> dict[str, Any]:
    """The message of the first choice."""
    if not isinstance(answer, dict):
        raise NoCompletionError("its answer is no chat completion; the address usually ends in /v1")
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        said = f": {error_text(json.dumps(answer).encode())}" if answer.get("error") else ""
        raise NoCompletionError(f"its answer is no chat completion (it has no choices{said})")
    message = choices[0].get("message") if isinstance(choices[0], dict) else None
    if not isinstance(message, dict):
        raise NoCompletionError("its answer is no chat completion (its choice has no message)")
    return message


def _text(message: dict[str, Any], name: str) -> str | None:
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise NoCompletionError(f"its answer's {name} is no text")
    return value
