"""Artifacts: the folders that hold the results of stages, named by fingerprint, written atomically, checked by hash.

A stage works in ``<stage>-<fingerprint>.partial``; after a crash it may find its own checkpoints there. When it is
done, its files are flushed to disk, ``run.json`` (how the artifact was made, and the hash of every file) is written and
the folder is renamed. Reading an artifact changes nothing, files that do not belong to it are left alone, and a damaged
artifact is moved aside, never deleted.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from recbole_curec.atomic_write import TEMPORARY, flush, write_text
from recbole_curec.errors import CheckpointError, DataError, in_one_line
from recbole_curec.pipeline.hashes import checksum_fits, file_hash, hashes_fault, with_checksum

logger = logging.getLogger(__name__)

MANIFEST = "run.json"
_SCRATCH = "scratch"
_ASIDE = "damaged"


@dataclass(frozen=True)
class Artifact:
    """The place of one stage's result.

    Attributes:
        stage: Name of the stage.
        key: Fingerprint of everything the result depends on.
        root: Folder that holds all artifacts of a dataset.
    """

    stage: str
    key: str
    root: Path

    @property
    def folder(self) -> Path:
        """The finished artifact."""
        return self.root / f"{self.stage}-{self.key}"

    @property
    def partial(self) -> Path:
        """The artifact while it is being made."""
        return self.root / f"{self.stage}-{self.key}.partial"

    @property
    def scratch(self) -> Path:
        """Checkpoints and other files that are needed only until the stage is done."""
        return self.partial / _SCRATCH

    def manifest(self) -> dict[str, Any]:
        """Content of ``run.json``: how the artifact was made.

        Raises:
            DataError: ``run.json`` is missing or is not a JSON mapping.
        """
        path = self.folder / MANIFEST
        try:
            content: Any = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read ({error}): run the command that made it again.") from error
        if not isinstance(content, dict):
            raise DataError(f"{path} holds no description of a run: run the command that made it again.")
        return content

    def is_complete(self) -> bool:
        """Whether the artifact exists and is undamaged; nothing is changed on disk."""
        return self.fault() is None

    def fault(self) -> str | None:
        """Description of the damage to the finished artifact; None if there is none.

        Files that ``run.json`` does not name are ignored.
        """
        if not self.folder.is_dir():
            return "it is not a folder"
        try:
            facts = self.manifest()
            expected: dict[str, str] = dict(facts["files"])
        except DataError as error:
            return f"{MANIFEST} cannot be read ({in_one_line(error.__cause__ or 'it is no JSON mapping')})"
        except (KeyError, TypeError, ValueError):
            return f"{MANIFEST} does not list the files"
        for key in ("summary", "figures"):
            if key not in facts:
                return f"{MANIFEST} has no '{key}'"
        return f"{MANIFEST} was altered" if not checksum_fits(facts) else hashes_fault(self.folder, expected)

    def needed_by(self, source: object) -> Path:
        """The folder of the finished artifact, which something made earlier cannot be read without.

        Args:
            source: What was made from it, for the message.

        Raises:
            CheckpointError: It is not there.
        """
        if not self.folder.is_dir():
            raise CheckpointError(
                f"The artifact '{self.folder.name}' that {source} was made from is not in {self.root}: set "
                "run.artifact_dir to the folder that holds it, or run the command again."
            )
        return self.folder

    def undamaged(self) -> Path:
        """The folder of the finished artifact.

        Raises:
            CheckpointError: A file is missing or was altered.
        """
        if fault := self.fault():
            raise CheckpointError(
                f"The artifact '{self.folder}' is damaged ({fault}): run the command that made it again."
            )
        return self.folder

    def open(self) -> None:
        """Prepare the working folder, keeping files of an interrupted run; other files in the way are moved aside."""
        if self.folder.exists() and (fault := self.fault()) is not None:
            self._warn_damaged(fault)
            move_aside(self.folder)
        for path in (self.partial, self.scratch):
            if path.exists() and not path.is_dir():
                logger.warning("[%s] %s is in the way of a folder and is moved aside.", self.stage, path)
                move_aside(path)
        self.scratch.mkdir(parents=True, exist_ok=True)
        (self.partial / MANIFEST).unlink(missing_ok=True)  # left by a run that was killed during close()
        for path in self.partial.rglob(TEMPORARY):  # left by one that was killed while it wrote them
            path.unlink(missing_ok=True)

    def close(self, facts: Mapping[str, Any]) -> None:
        """Flush all files, write ``run.json``, give the folder its final name and drop the scratch files."""
        paths = [path for path in sorted(self.partial.rglob("*")) if self._is_content(path)]
        files = {str(path.relative_to(self.partial)): file_hash(path) for path in paths}
        for path in paths:
            flush(path)
        manifest = {"stage": self.stage, "fingerprint": self.key, **facts, "files": files}
        write_text(self.partial / MANIFEST, json.dumps(with_checksum(manifest), indent=2, default=str) + "\n")
        shutil.rmtree(self.scratch)  # last, so that a kill while large files are hashed loses no checkpoint
        flush(self.partial)
        self.partial.rename(self.folder)
        flush(self.root)

    def _is_content(self, path: Path) -> bool:
        """Whether a path below the working folder is part of the artifact: neither a scratch file nor a hidden one."""
        return path.is_file() and not path.is_relative_to(self.scratch) and not path.name.startswith(".")

    @contextlib.contextmanager
    def locked(self, *, wait: bool = True) -> Iterator[bool]:
        """Hold the lock of this artifact, so that one run at a time makes it; waiting for another run is logged.

        Args:
            wait: Whether to wait for another run that holds it; if not, what is yielded says whether it is held now.
        """
        path = self.root / f".{self.folder.name}.lock"
        self.root.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            logger.warning("[%s] the lock %s is a folder and is moved aside.", self.stage, path)
            move_aside(path)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if not wait:
                yield False
                return
            logger.info("[%s] waiting for another run that is making %s", self.stage, self.folder.name)
            lock.acquire()
        try:
            yield True
        finally:
            lock.release()

    def _warn_damaged(self, fault: str) -> None:
        logger.warning(
            "[%s] the artifact %s is damaged (%s): it is moved aside and made again.", self.stage, self.folder, fault
        )


def fold_folder(folder: Path, fold: int) -> Path:
    """Where an artifact keeps what belongs to a fold."""
    return folder / f"fold-{fold}"


def move_aside(path: Path) -> Path:
    """Rename a file or folder within its own folder to free its name, and return the new path."""
    number = 1
    while (target := path.with_name(f"{path.name}.{_ASIDE}-{number}")).exists():
        number += 1
    path.rename(target)
    return target
