"""The folder of one row's search: what it was begun with, and the locks by which processes share it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from recbole_curec.atomic_write import write_text
from recbole_curec.errors import ConfigurationError, DataError

_PLAN = "study.json"
_PARTS = {
    "engine": "another engine",
    "search": "another search",
    "prune": "another value of prune",
    "seed": "another seed",
    "space": "another space",
    "key": "other settings, data or another version",
}


class StudyFolder:
    """The folder of one row.

    Args:
        path: Where it lies.
        title: Name of the row, for messages.
    """

    def __init__(self, path: Path, title: str) -> None:
        self.path, self._title = path, title

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Write what the search is begun with, or check that it goes on with the same.

        Args:
            plan: Engine, search, pruning, seed, space and fingerprint.

        Raises:
            ConfigurationError: It was begun with something else.
            DataError: What it was begun with cannot be read.
        """
        self.check(plan)
        with self.locked():
            self.check(plan)
            if not (self.path / _PLAN).is_file():
                write_text(self.path / _PLAN, json.dumps(plan, indent=2) + "\n")

    def check(self, plan: Mapping[str, Any]) -> None:
        """Check that a search which is there was begun with the same plan; changes nothing. See :meth:`begin`."""
        file = self.path / _PLAN
        if not file.is_file():
            return
        try:
            before = json.loads(file.read_text(encoding="utf-8"))
            found = {part: before[part] for part in _PARTS}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"'{file}' cannot be read ({type(error).__name__}): give another --tune_dir, or move the folder away."
            ) from error
        wanted = json.loads(json.dumps(dict(plan)))
        if part := next((part for part in _PARTS if found[part] != wanted[part]), None):
            raise ConfigurationError(
                f"Row '{self._title}': the search in '{self.path}' was begun with {_PARTS[part]}: give another "
                "--tune_dir, or move the folder away."
            )

    def locked(self) -> FileLock:
        """The lock under which trials are handed out."""
        self.path.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path / ".study.lock")

    def trial_lock(self, number: int) -> FileLock:
        """The lock that a process holds while it runs a trial; the system releases it when the process ends."""
        return FileLock(self.path / f".trial-{number}.lock")


def try_lock(lock: FileLock) -> bool:
    """Take a lock if nobody holds it."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
