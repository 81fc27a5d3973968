"""Explained recommendations or predicted ratings: a table, a text for the terminal, and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.atomic_write import check_output_file, write_text, write_whole

EXPLANATION_FILES = (".json", ".parquet")


@dataclass(frozen=True)
class Explanations:
    """What is recommended or predicted, and why.

    Attributes:
        rows: One mapping per user and item; statements and evidence are nested.
        blocks: The same as text, one block per user and item.
    """

    rows: Sequence[dict[str, Any]]
    blocks: Sequence[str]

    def frame(self) -> pd.DataFrame:
        """One row per user and item."""
        return pd.DataFrame(list(self.rows))

    def save(self, path: Path) -> None:
        """Write a JSON file, or a Parquet file in which nested values are JSON.

        Raises:
            ConfigurationError: The file's name ends otherwise, or it cannot be written.
        """
        check_output_file(path, EXPLANATION_FILES)
        if path.suffix == ".json":
            write_text(path, json.dumps(list(self.rows), indent=2, ensure_ascii=False) + "\n")
            return
        flat = [
            {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row.items()}
            for row in self.rows
        ]
        write_whole({path: lambda there: pd.DataFrame(flat).to_parquet(there, index=False)})

    def __str__(self) -> str:
        """The blocks, with an empty line between them."""
        return "\n\n".join(self.blocks)
