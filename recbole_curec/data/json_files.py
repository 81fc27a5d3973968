"""JSON files that people hand over, read whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recbole_curec.errors import DataError, in_one_line


def read_json(path: Path, advice: str, advice_on_encoding: str) -> Any:
    """The content of a JSON file, with or without a byte-order mark.

    Args:
        path: The file.
        advice: What to do where it is no JSON.
        advice_on_encoding: What to do where it is not UTF-8.

    Raises:
        DataError: It is neither.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(f"'{path}' is not UTF-8: {advice_on_encoding}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"'{path}' is no JSON ({in_one_line(error)}): {advice}.") from error
