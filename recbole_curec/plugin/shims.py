"""Replacements for parts of RecBole 1.2.1 on numpy 2, scipy 1.17 and torch 2.13; ``install.py`` applies them."""

from __future__ import annotations

import functools
import importlib
import logging
import os
import secrets
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse

from recbole_curec.plugin.checkpoints import note_ids
from recbole_curec.processes import world

logger = logging.getLogger(__name__)

Replace = Callable[[Any, str, Any], None]

_tensorboard_dir: Path | None = None


def set_tensorboard_dir(path: str | Path | None) -> None:
    """Set the folder below which trainers write TensorBoard events; None means RecBole's ``./log_tensorboard``."""
    global _tensorboard_dir
    _tensorboard_dir = None if path is None else Path(path)


def numpy_aliases(replace: Replace) -> None:
    """Restore names removed by numpy 2 that ``Config`` and ray 2.6.3 read."""
    aliases = {"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "bool8": np.bool_}
    for name, target in aliases.items():
        if name not in np.__dict__:
            replace(np, name, target)


def dok_matrix_update(replace: Replace) -> None:
    """Restore ``dok_matrix._update``, removed by scipy 1.13; LightGCN and six more models build graphs with it."""

    def update(self: Any, data: dict[tuple[int, int], Any]) -> None:
        self._dict.update(data)

    if not hasattr(sparse.dok_matrix, "_update"):
        replace(sparse.dok_matrix, "_update", update)


def keep_anomaly_mode() -> None:
    """Import SINE, as every ``get_model`` does, and undo its switching on of autograd's anomaly mode.

    The mode slows every training step (SASRec by a quarter) and changes no result; RecBole checks for NaN losses
    itself.
    """
    before = torch.is_anomaly_enabled()
    importlib.import_module("recbole.model.sequential_recommender.sine")
    torch.autograd.set_detect_anomaly(before)


def unique_time(original: Callable[[], str]) -> Callable[[], str]:
    """Add process id and random digits to checkpoint names: RecBole's differ only by the second of the start."""

    def local_time() -> str:
        # secrets, not random: naming a file must not change the state of the seeded generators.
        return f"{original()}-{os.getpid()}-{secrets.token_hex(3)}"

    return local_time


def quiet_amp() -> types.SimpleNamespace:
    """``torch.amp`` under the names of ``torch.cuda.amp``, which warns about its deprecation every epoch."""
    return types.SimpleNamespace(
        GradScaler=functools.partial(torch.amp.GradScaler, "cuda"),
        autocast=functools.partial(torch.amp.autocast, "cuda"),
    )


def summary_writer(original: Callable[..., Any]) -> Callable[..., Any]:
    """A TensorBoard writer that uses the folder of :func:`set_tensorboard_dir` instead of ``./log_tensorboard``.

    Of several processes the first one writes; the others have None.
    """

    def writer(log_dir: str, *args: Any, **kwargs: Any) -> Any:
        if not world().is_main:
            return None
        folder = log_dir if _tensorboard_dir is None else str(_tensorboard_dir / Path(log_dir).name)
        return original(folder, *args, **kwargs)

    return writer


def lasting_records(original: type[Any]) -> type[Any]:
    """TensorBoard's writer of records, which leaves out what cannot be written any more, and says so once.

    On a full disk TensorBoard's thread would end with a traceback, and the training would fail or wait for it forever.
    """

    class LastingRecords(original):  # type: ignore[misc]
        _failed = False

        def write(self, data: bytes) -> None:
            self._attempt(lambda: super(LastingRecords, self).write(data))

        def flush(self) -> None:
            self._attempt(super().flush)

        def _attempt(self, work: Callable[[], Any]) -> None:
            try:
                if not self._failed:
                    work()
            except OSError as error:
                self._failed = True
                logger.warning("TensorBoard's events cannot be written any more (%s) and are left out", error.strerror)

    return LastingRecords


def stable_removal(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """Make ``rm_dup_inter`` sort stably; RecBole's sort by time orders ties differently on different machines.

    While RecBole sorts, the time column is replaced by each row's unique rank (time, then file row): with unique keys
    every sort gives the same order.
    """

    @functools.wraps(original)
    def remove_duplication(self: Any) -> None:
        from recbole_curec.plugin.interaction_tables import exact_ranks  # imports RecBole, still loading at first

        if self.config["rm_dup_inter"] is None or self.time_field not in self.inter_feat:
            return original(self)
        times = self.inter_feat[self.time_field]
        self.inter_feat[self.time_field] = exact_ranks(times.to_numpy()).numpy()
        original(self)
        self.inter_feat[self.time_field] = times  # pandas aligns the old column with the remaining rows
        return None

    return remove_duplication


def noting_ids(original: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Make ``Dataset.build`` record hashes of the ids, so that a checkpoint is not used with data of other ids.

    Splits also get to know each other: :mod:`recbole_curec.plugin.earlier_items` reads a row's whole history.
    """

    @functools.wraps(original)
    def build(self: Any) -> list[Any]:
        from recbole_curec.plugin import earlier_items  # imports RecBole, still loading at first

        splits = original(self)
        note_ids(self)
        earlier_items.note_splits(splits)
        return splits

    return build


def run_kmeans(self: Any, x: Any) -> tuple[Any, Any]:
    """Replaces ``NCL.run_kmeans``: unit centroids, shape ``(k, D)``, and the centroid number of every row of ``x``.

    NCL clusters with faiss, which RecBole does not install; scikit-learn also accepts fewer users than clusters.
    """
    from sklearn.cluster import KMeans

    # The numbers of iterations and starts are faiss's defaults; faiss also uses a fixed seed.
    found = KMeans(min(self.k, len(x)), n_init=1, max_iter=25, init="random", random_state=1234).fit(x)
    centroids = torch.nn.functional.normalize(torch.from_numpy(found.cluster_centers_).float(), dim=1)
    return centroids.to(self.device), torch.from_numpy(found.labels_).long().to(self.device)


def quiet(original: Callable[..., Any]) -> Callable[..., Any]:
    """Suppress pandas 2's warning about RecBole's chained ``fillna``, which pandas 3 no longer supports."""

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return original(*args, **kwargs)

    return call
