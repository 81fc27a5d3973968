"""How the files of a dataset are written, as RecBole's settings say."""

from __future__ import annotations

from typing import Any


def file_layout(config: Any) -> dict[str, Any]:
    """``separator`` and ``encoding``, for the functions that read a file."""
    return {"separator": config["field_separator"], "encoding": config["encoding"] or "utf-8"}
