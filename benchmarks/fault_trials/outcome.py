"""What a finished run left, as hashes that two runs must share, and how they differ."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recbole_curec.pipeline.artifacts import MANIFEST

# Times and memory, which are no results.
EXCLUDED_FIELDS = ("wall_seconds", "peak_memory_mib", "checksum")
# In the ranker's record: the hash of the checkpoint's file, whose archive holds its own name.
EXCLUDED_HASHES = ("checkpoint",)
_PLAIN = (".rank.txt", ".rank.safetensors")


def outcome(folder: Path) -> dict[str, str]:
    """SHA-256 of everything that a run leaves in ``saved``, by a name that does not depend on when it ran.

    Files of an artifact count by their bytes, ``run.json`` without :data:`EXCLUDED_FIELDS`. Checkpoints are those of
    the latest run: every tensor, setting and metric. What is unfinished or in the way is named too.
    """
    saved = folder / "saved"
    found: dict[str, str] = {}
    for artifact in sorted(path for path in (saved / "curec").glob("*/[!.]*") if path.is_dir()):
        if ".damaged-" not in artifact.name:
            for path in sorted(artifact.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    found[f"{artifact.name}/{path.relative_to(artifact)}"] = _artifact_file(path)
    records = sorted(saved.glob("*.pth"), key=lambda path: path.stat().st_mtime_ns)
    found |= _checkpoints(saved, [path for path in records if path.with_suffix(".run.json").is_file()])
    return found


def checkpoint_of(folder: Path) -> Path:
    """The checkpoint of the requested model of the latest run, by its record or, where there is none, by its ranker."""
    made = sorted((folder / "saved").glob("*.pth"), key=lambda path: path.stat().st_mtime_ns)
    recorded = [path for path in made if path.with_suffix(".run.json").is_file()]
    return (recorded or made[-2:])[-1 if recorded else 0]


def differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Names that are missing, too many, or of another content; empty if the runs ended the same."""
    names = sorted(expected.keys() | found.keys())
    return [name for name in names if expected.get(name) != found.get(name)]


def leftovers(folder: Path) -> dict[str, int]:
    """Number of files that a finished run no longer needs, by kind."""
    names = [path.name for path in (folder / "saved").rglob("*")]
    return {
        "temporary files": sum(name.startswith(".") and name.endswith(".tmp") for name in names),
        "unfinished artifacts": sum(name.endswith(".partial") for name in names),
        "artifacts moved aside": sum(".damaged-" in name for name in names),
    }


def _checkpoints(saved: Path, recorded: list[Path]) -> dict[str, str]:
    if not recorded:  # a rating model keeps no record: its run leaves two checkpoints, which are the latest
        latest = sorted(saved.glob("*.pth"), key=lambda path: path.stat().st_mtime_ns)[-2:]
        return {f"checkpoint/{number}": _checkpoint(path) for number, path in enumerate(latest)}
    last = recorded[-1]
    record = json.loads(last.with_suffix(".run.json").read_text(encoding="utf-8"))
    found = {f"checkpoint/{row['role']}": _checkpoint(last.with_name(row["checkpoint"])) for row in record["models"]}
    found["metrics"] = content_hash([{**row, "checkpoint": ""} for row in record["models"]])
    for suffix in _PLAIN:
        if (path := last.with_suffix(suffix)).is_file():
            found[f"ranker{suffix}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    if (path := last.with_suffix(".rank.json")).is_file():
        rank = json.loads(path.read_text(encoding="utf-8"))
        rank.pop("checksum", None)
        rank["hashes"] = {name: value for name, value in rank["hashes"].items() if name not in EXCLUDED_HASHES}
        found["ranker.rank.json"] = content_hash(rank)
    return found


def _artifact_file(path: Path) -> str:
    content = path.read_bytes()
    if path.name != MANIFEST:
        return hashlib.sha256(content).hexdigest()
    try:
        facts: dict[str, Any] = json.loads(content)
    except ValueError:
        return "no JSON"
    return content_hash({name: value for name, value in facts.items() if name not in EXCLUDED_FIELDS})


def _checkpoint(path: Path) -> str:
    if not path.is_file():
        return "missing"
    return content_hash(torch.load(path, map_location="cpu", weights_only=True))


def content_hash(value: Any) -> str:
    """SHA-256 of plain data: tensors by their bytes, everything else by what it prints."""
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, torch.Tensor):
        digest.update(f"{value.dtype}{tuple(value.shape)}".encode())
        digest.update(np.ascontiguousarray(value.numpy()).tobytes())
    elif isinstance(value, np.ndarray):
        _feed(digest, torch.from_numpy(value))
    elif isinstance(value, dict):
        digest.update(b"{")
        for key in value:
            digest.update(repr(key).encode())
            _feed(digest, value[key])
    elif isinstance(value, list | tuple):
        digest.update(b"[")
        for item in value:
            _feed(digest, item)
    else:
        digest.update(repr(value).encode() + b";")
