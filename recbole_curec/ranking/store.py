"""The ranker's files beside a checkpoint: the model as text, what it is and whether it is used, arrays of the items."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from recbole_curec.atomic_write import write_text_to, write_whole
from recbole_curec.errors import CheckpointError
from recbole_curec.pipeline.hashes import checksum_fits, file_hash, with_checksum
from recbole_curec.ranking.ranker import Ranker, check_lightgbm

_FIELDS = ("on", "why", "candidates", "families", "columns", "importance", "recall", "valid", "test", "hashes")


@dataclass(frozen=True)
class RankRecord:
    """What is known of a ranker.

    Attributes:
        on: Whether lists are in its order.
        why: One line: what was decided, and on what grounds.
        candidates: Candidates per user.
        families: Names of the families of features.
        columns: Names of the features.
        importance: Share of every feature in what all splits gained.
        recall: Share of the training queries, and of the validation targets, whose item is among the candidates.
        valid: NDCG@10 and Recall@10 on validation, history left out: before and after, with the comparison.
        test: Test metrics: RecBole's of the new order, and with history left out before and after.
        hashes: SHA-256 of the files it belongs to.
    """

    on: bool
    why: str
    candidates: int
    families: list[str]
    columns: list[str]
    importance: list[float]
    recall: Mapping[str, float] = field(default_factory=dict)
    valid: Mapping[str, Any] = field(default_factory=dict)
    test: Mapping[str, Any] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredRanker:
    """A ranker read from its files.

    Attributes:
        record: What is known of it.
        ranker: The model.
        arrays: Arrays that its features read.
    """

    record: RankRecord
    ranker: Ranker
    arrays: Mapping[str, NDArray[Any]]


def record_path(checkpoint: Path) -> Path:
    """Where the record of a checkpoint's ranker lies."""
    return checkpoint.with_suffix(".rank.json")


def _model_path(checkpoint: Path) -> Path:
    return checkpoint.with_suffix(".rank.txt")


def _arrays_path(checkpoint: Path) -> Path:
    return checkpoint.with_suffix(".rank.safetensors")


def save_ranker(checkpoint: Path, ranker: Ranker, record: RankRecord, arrays: Mapping[str, NDArray[Any]]) -> RankRecord:
    """Write the three files, and return the record with the hashes that tie them to the checkpoint."""
    hashes: dict[str, str] = {"checkpoint": file_hash(checkpoint)}
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}

    def write_arrays(path: Path) -> None:
        save_file(plain, path)
        hashes["arrays"] = file_hash(path)

    hashes["model"] = hashlib.sha256(ranker.text.encode()).hexdigest()
    write_whole(
        {
            _model_path(checkpoint): write_text_to(ranker.text),
            _arrays_path(checkpoint): write_arrays,
            # The last, so that it holds the hashes of the others.
            record_path(checkpoint): lambda path: _write_record(path, record, hashes),
        }
    )
    return read_record(checkpoint)


def save_record(checkpoint: Path, record: RankRecord) -> RankRecord:
    """Write the record alone, where no ranker was trained."""
    write_whole({record_path(checkpoint): lambda path: _write_record(path, record, {})})
    return read_record(checkpoint)


def _write_record(path: Path, record: RankRecord, hashes: Mapping[str, str]) -> None:
    write_text_to(json.dumps(with_checksum({**asdict(record), "hashes": hashes}), indent=2) + "\n")(path)


def read_record(checkpoint: Path) -> RankRecord:
    """The record of a checkpoint's ranker.

    Raises:
        CheckpointError: There is none, or it is damaged.
    """
    path = record_path(checkpoint)
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if not checksum_fits(plain):
            raise ValueError("it was altered")
        return RankRecord(**{name: plain[name] for name in _FIELDS})
    except FileNotFoundError as error:
        raise CheckpointError(
            f"'{checkpoint}' was trained with a ranker, and '{path}' is missing: copy the files '{checkpoint.stem}"
            ".rank.*' beside it, or train again with rank.use: off."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"'{path}' is not the record of a ranker ({type(error).__name__}): copy it again, or train again."
        ) from error


def load_ranker(checkpoint: Path) -> StoredRanker:
    """The ranker of a checkpoint.

    Raises:
        CheckpointError: A file is missing, damaged, or belongs to another checkpoint.
    """
    record = read_record(checkpoint)
    check_lightgbm()
    paths = {"checkpoint": checkpoint, "model": _model_path(checkpoint), "arrays": _arrays_path(checkpoint)}
    for name, path in paths.items():
        if not path.is_file():
            raise CheckpointError(f"'{path}' is missing beside '{checkpoint}': copy it there, or train again.")
        if record.hashes.get(name) != file_hash(path):
            raise CheckpointError(
                f"'{record_path(checkpoint)}' belongs to another file than '{path}': copy the checkpoint and its "
                f"'{checkpoint.stem}.rank.*' files together, or train again."
            )
    try:
        ranker = Ranker(paths["model"].read_text(encoding="utf-8"))
        arrays = load_file(paths["arrays"])
    except (OSError, ValueError, SafetensorError) as error:
        raise CheckpointError(f"The ranker of '{checkpoint}' cannot be read ({error}): train again.") from error
    return StoredRanker(record, ranker, arrays)
