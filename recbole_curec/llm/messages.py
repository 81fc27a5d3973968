"""The type of chat messages, and the tags around the thinking of a language model."""

from __future__ import annotations

from typing import TypedDict

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"


class Message(TypedDict):
    """One chat message."""

    role: str
    content: str
