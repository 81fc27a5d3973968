"""What is to be made from which raw files, and what was made by it before."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import check_folder
from recbole_curec.data.prepare.selection import Duplicates, Unrated
from recbole_curec.data.prepare.source import SourceOptions
from recbole_curec.data.prepare.times import day_of
from recbole_curec.errors import ConfigurationError, DataError, shown
from recbole_curec.pipeline.hashes import file_hash
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
        duplicates: Which of several reviews of one item by one user stays, by time; ``all`` keeps every one.
        since: Reviews before this time are dropped; None keeps them.
        before: Reviews at this time or later are dropped; None keeps them.
        min_rating: Of what is left then, reviews with a lower rating are dropped; None keeps them.
        unrated: Whether reviews without a rating are dropped.
        options: Options of the source.
    """

    source: str
    reviews: Path
    items: Path | None
    dataset: str
    folder: Path
    k_core: int = 0
    duplicates: Duplicates = "last"
    since: float | None = None
    before: float | None = None
    min_rating: float | None = None
    unrated: Unrated = "drop"
    options: SourceOptions = field(default_factory=SourceOptions)

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
        if self.duplicates not in ("first", "last", "all"):
            raise ConfigurationError(
                f"duplicates={shown(self.duplicates)} cannot be used: give first or last, which of a user's reviews of "
                "an item stays by time, or all."
            )
        if self.unrated not in ("drop", "keep"):
            raise ConfigurationError(
                f"unrated={shown(self.unrated)} cannot be used: reviews without a rating go or stay; give drop or keep."
            )
        self._check_filters()
        for name, path in self.raw_files().items():
            if not path.is_file():
                raise DataError(f"{name}: '{path}' is no file: give the path of a raw file, plain or gzipped.")
        check_folder(self.target)

    def _check_filters(self) -> None:
        for name in ("since", "before", "min_rating"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ConfigurationError(f"{name}={value} cannot be used: give a finite number.")
        if self.unrated == "keep" and self.min_rating is not None:
            raise ConfigurationError(
                f"unrated=keep keeps reviews without a rating, which min_rating={self.min_rating:g} cannot judge: give "
                "one of the two."
            )
        if self.since is not None and self.before is not None and self.since >= self.before:
            raise ConfigurationError(
                f"since={day_of(self.since)} and before={day_of(self.before)} leave no time: the first must be earlier."
            )

    def window(self) -> str:
        """The time window in words."""
        ends = {"since": self.since, "before": self.before}
        return " ".join(f"{name} {day_of(value)}" for name, value in ends.items() if value is not None)

    def recipe(self) -> dict[str, Any]:
        """Everything that decides what is made: arguments, contents of the raw files, version of this package."""
        return {
            "dataset": self.dataset,
            "source": self.source,
            "arguments": {"k_core": self.k_core, "duplicates": self.duplicates, **self._further()},
            "inputs": {name: file_hash(path) for name, path in self.raw_files().items()},
            "version": __version__,
        }

    def raw_files(self) -> dict[str, Path]:
        """The files to read by option."""
        further = {"items": self.items, "tags": self.options.tags, "authors": self.options.authors}
        return {"reviews": self.reviews, **{name: path for name, path in further.items() if path}}

    def _further(self) -> dict[str, Any]:
        """The arguments that differ from their defaults, which a record of before knows nothing of."""
        own = {name: getattr(self, name) for name in ("since", "before", "min_rating", "unrated")}
        given = {name: value for name, value in own.items() if value != getattr(Request, name)}
        return given | {name: value for name, value in self.options.given().items() if not isinstance(value, Path)}

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
