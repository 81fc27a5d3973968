"""The type of chat messages, the tags around the thinking of a language model, and answers that a prompt begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"


class Message(TypedDict):
    """One chat message."""

    role: str
    content: str


def begun(prompt: Sequence[Message]) -> str:
    """The beginning of the answer that a prompt holds as its last message; empty if it ends with a question.

    A language model goes on from there, so its completion is this text and what it writes.
    """
    return prompt[-1]["content"] if prompt and prompt[-1]["role"] == "assistant" else ""


def without_begun(prompt: Sequence[Message]) -> list[Message]:
    """The prompt up to its question, for those who begin their answer themselves."""
    return list(prompt[:-1]) if begun(prompt) else list(prompt)
