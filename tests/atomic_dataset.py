"""RecBole atomic files, written by tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class AtomicDataset:
    """Writes RecBole atomic files below a folder."""

    root: Path
    name: str = "toy"

    def write(self, suffix: str, columns: str, rows: list[tuple[Any, ...]], encoding: str = "utf-8") -> Path:
        """Write ``<name>.<suffix>`` with the given header fields and rows."""
        folder = self.root / self.name
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["\t".join(columns.split()), *("\t".join(map(str, row)) for row in rows)]
        path = folder / f"{self.name}.{suffix}"
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    def interactions(self, rows: list[tuple[Any, ...]]) -> Path:
        """Write the interaction file: (user, item, time) rows."""
        return self.write("inter", "user_id:token item_id:token timestamp:float", rows)
