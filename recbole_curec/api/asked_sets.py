"""The sets of explanations that ``evaluate`` is asked for: files, tables, and words for what a checkpoint can make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.controls.constant import CONSTANT
from recbole_curec.evaluation.controls.oracle import ORACLE
from recbole_curec.evaluation.controls.popular import POPULAR
from recbole_curec.evaluation.explanations import FILES, Columns, ExplanationSet, explanations_of, read_table
from recbole_curec.paths import user_path
from recbole_curec.suggestions import did_you_mean

Table = str | Path | pd.DataFrame

WRITTEN, STORED, TEACHER = "written", "stored", "teacher"
# Everything a checkpoint can make; those of REVIEWED are taken from training reviews.
WORDS = (WRITTEN, STORED, TEACHER, CONSTANT, POPULAR, ORACLE)
REVIEWED = (CONSTANT, POPULAR, ORACLE)


@dataclass(frozen=True)
class AskedSets:
    """Sets of explanations by name, in the order of the tables.

    Attributes:
        tables: Files and tables by name.
        names: Names of all sets; those that are not in ``tables`` are words.
    """

    tables: Mapping[str, Table]
    names: Sequence[str]

    @property
    def words(self) -> list[str]:
        """The sets that a checkpoint makes."""
        return [name for name in self.names if name not in self.tables]

    @classmethod
    def of(cls, reasons: Sequence[str | Path] | Mapping[str, Table]) -> AskedSets:
        """What is asked for by names, or by paths and words; a file is called by its name without ending.

        Raises:
            ConfigurationError: Nothing is asked for, a word is unknown, a set would be called like a word, or two sets
                alike.
        """
        if isinstance(reasons, str | Path):
            raise ConfigurationError(f"reasons={str(reasons)!r} is one set: give a list of files and words.")
        if isinstance(reasons, Mapping):
            tables, names = dict(reasons), list(reasons)
        else:
            words = [str(one) for one in reasons if not str(one).endswith(FILES)]
            for word in words:
                if word not in WORDS:
                    raise ConfigurationError(
                        f"reasons: {word!r} is no set{did_you_mean(word, WORDS)}: give files that end in "
                        f"{', '.join(FILES)}, or some of {', '.join(WORDS)}."
                    )
            names = [str(one) if str(one) in words else _stem(one) for one in reasons]
            tables = {name: one for name, one in zip(names, reasons, strict=True) if str(one) not in words}
        for name in tables:
            if name in WORDS:
                raise ConfigurationError(
                    f"reasons: a set would be called {name!r}, like one that a checkpoint makes: give its file, or the "
                    "set, another name."
                )
        if not names:
            raise ConfigurationError("No explanations are given: give at least one file or word.")
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigurationError(f"reasons: two sets would be called {twice!r}: rename a file, or leave one out.")
        return cls(tables, names)

    def check(self, has_checkpoint: bool, has_references: bool) -> None:
        """Check that everything the words need is given.

        Raises:
            ConfigurationError: It is not.
        """
        for word in self.words:
            if not has_checkpoint:
                raise ConfigurationError(f"reasons: {word!r} is made by a run: give its checkpoint too.")
        if ORACLE in self.words and not has_references:
            raise ConfigurationError("reasons: 'oracle' looks at the references: give references too.")
        if not has_references and not self.tables and STORED not in self.words:
            raise ConfigurationError(
                f"reasons: nothing says for which pairs {', '.join(self.words)} are wanted: give references, or a file "
                "of explanations."
            )

    def read(self, columns: Columns) -> list[ExplanationSet]:
        """The sets that are files or tables.

        Raises:
            CURecError: One cannot be read.
        """
        return [explanations_of(name, table_of(table), columns) for name, table in self.tables.items()]

    def in_order(self, sets: Sequence[ExplanationSet]) -> list[ExplanationSet]:
        """Sets in the order in which they were asked for."""
        return sorted(sets, key=lambda one: self.names.index(one.name))


def table_of(table: Table) -> pd.DataFrame:
    """A table, or what a file holds."""
    return table if isinstance(table, pd.DataFrame) else read_table(user_path("file", table))


def _stem(path: str | Path) -> str:
    name = Path(path).name
    return name[: -len(next(ending for ending in FILES if name.endswith(ending)))] or name
