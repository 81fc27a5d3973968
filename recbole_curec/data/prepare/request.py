"""What is to be made from which raw files, and what was made by it before."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import check_folder
from recbole_curec.data.prepare.selection import Duplicates
from recbole_curec.errors import ConfigurationError, DataError, shown
from recbole_curec.pipeline.artifacts import file_hash
from recbole_curec.version import __version__

RECORD = "prepare.json"
_NAME = re.compile(r"[\w][\w.\-]*")
_LARGEST_CORE = 10_000


@dataclass(frozen=True)
class Request:
    """What is to be made.

    Attributes:
        source: Name of the raw source.
        reviews: File of reviews.
        items: File of metadata; None if there is none.
        dataset: Name of the data set.
        folder: Folder of data sets, RecBole's ``data_path``.
        k_core: Fewest reviews of every user and item; 0 keeps all.
        duplicates: Which of several reviews of one item by one user stays, by time.
    """

    source: str
    reviews: Path
    items: Path | None
    dataset: str
    folder: Path
    k_core: int = 0
    duplicates: Duplicates = "last"

    @property
    def target(self) -> Path:
        """Folder of the data set."""
        return self.folder / self.dataset

    def path(self, ending: str) -> Path:
        """One of the data set's atomic files."""
        return self.target / f"{self.dataset}.{ending}"

    def check(self) -> None:
        """Check what can be known before anything is read.

        Raises:
            ConfigurationError: A name or number cannot be used, or the folder cannot be written.
            DataError: A file does not exist.
        """
        if not _NAME.fullmatch(self.dataset):
            raise ConfigurationError(
                f"dataset={shown(self.dataset)} cannot be used: it names a folder and its files; give letters, digits, "
                "'.', '-' and '_', beginning with a letter or digit."
            )
        if not 0 <= self.k_core <= _LARGEST_CORE:
            raise ConfigurationError(
                f"k_core={self.k_core} cannot be used: give the fewest reviews of a user and of an item, 0 (all are "
                f"kept) to {_LARGEST_CORE:,}."
            )
        if self.duplicates not in ("first", "last"):
            raise ConfigurationError(
                f"duplicates={shown(self.duplicates)} cannot be used: a user and an item have one review; give first "
                "or last, the one to keep by time."
            )
        for name, path in self.raw_files().items():
            if not path.is_file():
                raise DataError(f"{name}: '{path}' is no file: give the path of a raw file, plain or gzipped.")
        check_folder(self.target)

    def recipe(self) -> dict[str, Any]:
        """Everything that decides what is made: arguments, contents of the raw files, version of this package."""
        return {
            "dataset": self.dataset,
            "source": self.source,
            "arguments": {"k_core": self.k_core, "duplicates": self.duplicates},
            "inputs": {name: file_hash(path) for name, path in self.raw_files().items()},
            "version": __version__,
        }

    def raw_files(self) -> dict[str, Path]:
        """The files to read by option."""
        return {"reviews": self.reviews, **({"items": self.items} if self.items else {})}

    def made_before(self, recipe: dict[str, Any]) -> dict[str, Any] | None:
        """The record of this very data set, if it is there already and unchanged; None if there is none.

        Raises:
            ConfigurationError: There is another data set of this name.
        """
        there = [path for path in (self.path("inter"), self.path("item"), self.target / RECORD) if path.exists()]
        if not there:
            return None
        record = _record(self.target / RECORD)
        if all(record.get(name) == value for name, value in recipe.items()) and self._is_whole(record):
            return record
        raise ConfigurationError(
            f"'{there[0]}' exists already and was not made from these files with these arguments: give another "
            "--dataset or --out, or replace it with --overwrite."
        )

    def _is_whole(self, record: dict[str, Any]) -> bool:
        """Whether the files are those that the record was written with."""
        outputs = record.get("outputs")
        return outputs == {
            path.name: file_hash(path) for path in (self.path("inter"), self.path("item")) if path.is_file()
        }


def _record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # whatever lies there, it is none of ours
    return found if isinstance(found, dict) else {}
