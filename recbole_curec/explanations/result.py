"""Explained recommendations or predicted ratings: a table, a text for the terminal, and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.atomic_write import check_output_file, write_text, write_whole
from recbole_curec.explanations.explained import ExplainedLists
from recbole_curec.explanations.explained_ratings import ExplainedRatings
from recbole_curec.explanations.page import page
from recbole_curec.explanations.rating_page import rating_page

PAGE_FILES = (".html",)
EXPLANATION_FILES = (".json", ".parquet", *PAGE_FILES)


@dataclass(frozen=True)
class Explanations:
    """What is recommended or predicted, and why.

    Attributes:
        rows: One mapping per user and item; statements and evidence are nested.
        blocks: The same as text, one block per user, or per user and item.
        shown: What a page shows: the lists of a model that ranks, or predicted ratings.
    """

    rows: Sequence[dict[str, Any]]
    blocks: Sequence[str]
    shown: ExplainedLists | ExplainedRatings

    @property
    def lists(self) -> ExplainedLists | None:
        """The lists of a model that ranks; None for predicted ratings."""
        return self.shown if isinstance(self.shown, ExplainedLists) else None

    def frame(self) -> pd.DataFrame:
        """One row per user and item."""
        return pd.DataFrame(list(self.rows))

    def save(self, path: Path) -> None:
        """Write a JSON file, a Parquet file in which nested values are JSON, or a page (:meth:`to_html`).

        Raises:
            ConfigurationError: The file's name ends otherwise, or it cannot be written.
        """
        check_output_file(path, EXPLANATION_FILES)
        if path.suffix in PAGE_FILES:
            self.to_html(path)
            return
        if path.suffix == ".json":
            write_text(path, json.dumps(list(self.rows), indent=2, ensure_ascii=False) + "\n")
            return
        flat = [
            {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row.items()}
            for row in self.rows
        ]
        write_whole({path: lambda there: pd.DataFrame(flat).to_parquet(there, index=False)})

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained page: a user picker, histories, and lists or predicted ratings, and why.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        path = Path(path)
        check_output_file(path, PAGE_FILES)
        write_text(path, page(self.shown) if isinstance(self.shown, ExplainedLists) else rating_page(self.shown))

    def __str__(self) -> str:
        """The blocks, with an empty line between them."""
        return "\n\n".join(self.blocks)
