"""Chat messages, and the tags between which a model thinks."""

from __future__ import annotations

from typing import TypedDict

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"


class Message(TypedDict):
    """One chat message."""

    role: str
    content: str
