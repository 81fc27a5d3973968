"""Raw review files, written by tests."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any


def review(user: str = "u1", item: str = "i1", rating: Any = 5.0, time: Any = 100, **more: Any) -> dict[str, Any]:
    """A review with the keys of 2014 and 2018."""
    row = {"reviewerID": user, "asin": item, "overall": rating, "unixReviewTime": time}
    return {**row, "summary": "Nice", "reviewText": "Works well.", **more}


def write_lines(path: Path, rows: list[Any], *, packed: bool = False) -> Path:
    """Write objects as JSON lines; texts are written as they are."""
    text = "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path
