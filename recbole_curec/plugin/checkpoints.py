"""Checkpoints as plain data: tensors, numbers, strings, lists and dicts, loadable with ``weights_only=True``.

RecBole pickles a ``Config`` object (and scipy matrices or whole modules) into its checkpoints. Current torch refuses to
load these, and unpickling a file from an untrusted source can run code. Here a checkpoint is converted to plain data
when it is saved and converted back when it is loaded.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse

from recbole_curec.atomic_write import write_whole
from recbole_curec.errors import CheckpointError, in_one_line

_KIND = "__kind__"
IDS = "curec_ids"


def save_plain(state: Any, path: Any, **_ignored: Any) -> None:
    """Write ``state`` atomically as plain data for :func:`load_plain`; torch's pickling options are ignored.

    Raises:
        DiskFullError: The disk is full; an earlier file at the path is kept.
    """
    plain = to_plain(state)
    ids = getattr(state.get("config"), "__dict__", {}).get(IDS) if isinstance(state, Mapping) else None
    if ids is not None:
        plain[IDS] = ids
    write_whole({Path(path): lambda temporary: torch.save(plain, temporary)})


def load_plain(path: Any, map_location: Any = None, **_ignored: Any) -> Any:
    """Read a file written by :func:`save_plain`; never runs code from the file.

    Raises:
        CheckpointError: The file is missing, damaged, or not written by this package.
    """
    if not Path(path).is_file():
        raise CheckpointError(f"There is no checkpoint at '{path}': give the path that the run printed.")
    try:
        _check_sums(Path(path))
        # Named here, because an environment variable changes torch's default.
        return from_plain(torch.load(path, map_location=map_location, weights_only=True))
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        reason = in_one_line(error)[:200]
        raise CheckpointError(
            f"'{path}' cannot be read as a checkpoint of this package ({type(error).__name__}: {reason}): give a file "
            "that its trainers wrote, and copy it again if it was cut off."
        ) from error


def _check_sums(path: Path) -> None:
    """Compare every part of the archive with its checksum: torch writes them, and does not read them.

    Raises:
        ValueError: A part was altered.
    """
    if zipfile.is_zipfile(path):  # what torch says of others is told as it is
        with zipfile.ZipFile(path) as archive:
            if (altered := archive.testzip()) is not None:
                raise ValueError(f"{altered.partition('/')[2]} was altered")


def to_plain(value: Any) -> Any:
    """Convert a value to plain data.

    Arrays and sparse matrices become tagged dicts of tensors. A module is left out of its dict (its weights are in
    the state dict already). A RecBole ``Config`` becomes a dict of its settings. A value of any other type becomes its
    ``str``.
    """
    if isinstance(value, np.generic):  # tested first: np.float64 is a subclass of float, but is pickled as numpy
        return value.item()
    if isinstance(value, Enum):
        return value.name
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return {_KIND: "array", "data": torch.from_numpy(np.ascontiguousarray(value))}
    if sparse.issparse(value):
        return _plain_sparse(value)
    if hasattr(value, "final_config_dict"):
        return {key: to_plain(item) for key, item in value.final_config_dict.items()}
    if isinstance(value, Mapping):
        return {_plain_key(key): to_plain(item) for key, item in value.items() if not isinstance(item, torch.nn.Module)}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        items = [to_plain(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return str(value)


def from_plain(value: Any) -> Any:
    """Undo :func:`to_plain` for arrays and sparse matrices."""
    if isinstance(value, dict):
        if value.get(_KIND) == "array":
            return value["data"].cpu().numpy()
        if value.get(_KIND) == "sparse":
            rows, columns, data = (value[key].cpu().numpy() for key in ("row", "col", "data"))
            return sparse.coo_matrix((data, (rows, columns)), shape=tuple(value["shape"])).asformat(value["format"])
        return type(value)((key, from_plain(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return type(value)(from_plain(item) for item in value)
    return value


def note_ids(dataset: Any) -> None:
    """Keep the hashes of a dataset's ids with its config, so that every model's checkpoint contains them."""
    dataset.config.__dict__[IDS] = hash_ids(dataset)


def hash_ids(dataset: Any) -> dict[str, str]:
    """SHA-256 of the original user ids and item ids in the order of the internal ids, where a dataset has them."""
    fields = {"user": dataset.uid_field, "item": dataset.iid_field}
    return {
        kind: hashlib.sha256(json.dumps(list(map(str, dataset.field2id_token[field]))).encode()).hexdigest()
        for kind, field in fields.items()
        if field in dataset.field2id_token
    }


def _plain_key(key: Any) -> Any:
    if isinstance(key, np.generic):
        return key.item()
    return key if isinstance(key, bool | int | float | str | tuple) else str(key)


def _plain_sparse(matrix: Any) -> dict[str, Any]:
    coo = matrix.tocoo()
    return {
        _KIND: "sparse",
        "format": matrix.format,
        "shape": [int(size) for size in coo.shape],
        "row": torch.from_numpy(coo.row.astype(np.int64)),
        "col": torch.from_numpy(coo.col.astype(np.int64)),
        "data": torch.from_numpy(np.ascontiguousarray(coo.data)),
    }
