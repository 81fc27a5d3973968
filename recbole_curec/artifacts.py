"""Where stages keep what they produce: folders named by fingerprint, complete or not at all, checked by hash.

A stage works in ``<stage>-<fingerprint>.partial`` and may find its own checkpoints there after a kill. When it is done,
``run.json`` (what made it, and the hash of every file) is written and the folder is renamed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import resource
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

MANIFEST = "run.json"
_SCRATCH = "scratch"
_PACKAGES = (
    "recbole-curec", "recbole", "torch", "transformers", "trl", "peft", "numpy", "scipy", "scikit-learn", "ctranslate2",
    "vllm", "openai",
)  # fmt: skip


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Hash of plain data, stable across runs and machines."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() if sys.version_info >= (3, 11) else _digest(handle)


def _digest(handle: Any) -> str:
    digest = hashlib.sha256()
    while chunk := handle.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def package_versions() -> dict[str, str]:
    """Versions of the packages a result depends on."""
    versions = {"python": sys.version.split()[0]}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def peak_memory_mib() -> int:
    """Peak resident memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


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
        """What made the artifact."""
        content: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return content

    def is_complete(self) -> bool:
        """Whether the artifact is there and unaltered; a broken one is removed, with a line saying so."""
        if not self.folder.is_dir():
            return False
        fault = self._fault()
        if fault is None:
            return True
        logger.warning("[%s] the artifact %s is damaged (%s): it is made again.", self.stage, self.folder, fault)
        shutil.rmtree(self.folder)
        return False

    def _fault(self) -> str | None:
        try:
            expected: dict[str, str] = dict(self.manifest()["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"{MANIFEST} cannot be read: {error}"
        present = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}
        if missing := sorted(expected.keys() - present):
            return f"{missing[0]} is missing"
        if extra := sorted(present - expected.keys() - {MANIFEST}):
            return f"{extra[0]} does not belong to it"
        altered = [name for name, digest in sorted(expected.items()) if file_hash(self.folder / name) != digest]
        return f"{altered[0]} was altered" if altered else None

    def open(self) -> None:
        """Prepare the working folder, keeping what an interrupted run left there."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        (self.partial / MANIFEST).unlink(missing_ok=True)  # of a run that was killed within close()

    def close(self, facts: Mapping[str, Any]) -> None:
        """Write ``run.json``, drop the scratch files and give the folder its final name."""
        files = {
            str(path.relative_to(self.partial)): file_hash(path)
            for path in sorted(self.partial.rglob("*"))
            if path.is_file() and not path.is_relative_to(self.scratch)
        }
        manifest = {"stage": self.stage, "fingerprint": self.key, **facts, "files": files}
        (self.partial / MANIFEST).write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
        shutil.rmtree(self.scratch)  # last, so that a kill while large files are hashed loses no checkpoint
        self.partial.rename(self.folder)
