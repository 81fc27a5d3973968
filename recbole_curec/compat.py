"""Every shim for RecBole 1.2.1 on numpy 2, scipy 1.17 and torch 2.13; each names its upstream issue and when it may go.

``install()`` is idempotent and runs when :mod:`recbole_curec` is imported. Issue numbers are of RUCAIBox/RecBole.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import os
import secrets
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

_NULLS = ("none", "null", "~")
_PLAIN_TYPES = (str, int, float, list, tuple, dict, bool, type(None))
_installed = False
_tensorboard_dir: Path | None = None


def install() -> None:
    """Put every shim in place; a second call does nothing."""
    global _installed
    if _installed:
        return
    _numpy_aliases()
    _dok_matrix_update()
    _no_anomaly_detection()
    # RecBole is imported only now: its Config and its datasets read the aliases above.
    from recbole.config import Config
    from recbole.data.dataset import Dataset
    from recbole.trainer import trainer
    from recbole.utils import utils

    _plain_checkpoints(trainer)
    _unique_checkpoint_names(trainer)
    _grad_scaler(trainer)
    _tensorboard_folder(utils)
    _stable_duplicate_removal(Dataset)
    _quiet_missing_values(Dataset)
    _kmeans_without_faiss()
    Config._convert_config_dict = _convert_config_dict
    _installed = True


def set_tensorboard_dir(path: str | Path | None) -> None:
    """Choose the folder below which trainers write TensorBoard events; None is RecBole's ``./log_tensorboard``."""
    global _tensorboard_dir
    _tensorboard_dir = None if path is None else Path(path)


def parse_text(text: str) -> Any:
    """Read a setting given as text: a Python literal, true/false/none/null/~ in any case, or else the text itself.

    Unlike RecBole's ``eval`` this never runs code: ``__import__('os')`` stays a string.
    """
    word = text.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    if word in _NULLS:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, _PLAIN_TYPES) else text


def _convert_config_dict(_self: Any, config_dict: dict[str, Any]) -> dict[str, Any]:
    """Stands in for ``Config._convert_config_dict``, which calls ``eval``; gone when it does not (no issue known)."""
    from recbole_curec.settings import text_choices

    choices = text_choices()
    for key, value in config_dict.items():
        # 'fusion: none' is one of the fusions, not a missing value.
        if isinstance(value, str) and value not in choices.get(key, ()):
            config_dict[key] = parse_text(value)
    return config_dict


def _numpy_aliases() -> None:
    """Names removed by numpy 2 that ``Config`` and ray 2.6.3 read; gone with RecBole on numpy 2 (#2090, #2185)."""
    aliases = {"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "bool8": np.bool_}
    for name, target in aliases.items():
        if name not in np.__dict__:
            setattr(np, name, target)


def _dok_matrix_update() -> None:
    """``dok_matrix._update``, removed by scipy 1.13, fills LightGCN's graph and six more (#2034, #2090, #2185).

    Gone when RecBole builds its graphs without it.
    """

    def update(self: Any, data: dict[tuple[int, int], Any]) -> None:
        self._dict.update(data)

    if not hasattr(sparse.dok_matrix, "_update"):
        sparse.dok_matrix._update = update


def _no_anomaly_detection() -> None:
    """Importing RecBole's SINE, which every ``get_model`` does, turns autograd's anomaly mode on for the whole process.

    It slows every training step (SASRec by a quarter) and changes no result; RecBole checks for NaN losses itself.
    Gone when sine.py no longer calls ``torch.autograd.set_detect_anomaly(True)`` at import (no upstream issue known).
    """
    import torch

    before = torch.is_anomaly_enabled()
    importlib.import_module("recbole.model.sequential_recommender.sine")
    torch.autograd.set_detect_anomaly(before)


class _TorchWithPlainFiles(types.ModuleType):
    """Stands in for ``torch`` inside RecBole's trainer module: the same, but files hold plain data only."""

    def __init__(self) -> None:
        super().__init__("torch")
        from recbole_curec.checkpoints import load_plain, save_plain

        self.save = save_plain
        self.load = load_plain

    def __getattr__(self, name: str) -> Any:
        import torch

        return getattr(torch, name)


def _plain_checkpoints(trainer: types.ModuleType) -> None:
    """Save and load plain data: torch>=2.6 refuses RecBole's pickled ``Config`` (#2090, #2185).

    All of RecBole's trainers live in one module, so its own ``torch`` name covers every save, resume and final
    evaluation. Gone when RecBole saves plain data and loads with ``weights_only=True``.
    """
    trainer.torch = _TorchWithPlainFiles()  # type: ignore[attr-defined]


def _unique_checkpoint_names(trainer: types.ModuleType) -> None:
    """Add process id and random digits to checkpoint names, whose one-second resolution lets parallel runs collide.

    Gone when RecBole names checkpoints uniquely.
    """
    original: Callable[[], str] = trainer.get_local_time

    def local_time() -> str:
        # secrets, not random: naming a file must not move the seeded generators.
        return f"{original()}-{os.getpid()}-{secrets.token_hex(3)}"

    trainer.get_local_time = local_time  # type: ignore[attr-defined]


def _grad_scaler(trainer: types.ModuleType) -> None:
    """``torch.cuda.amp`` warns about its own deprecation every epoch; gone when RecBole uses ``torch.amp``."""
    import torch

    scaler = functools.partial(torch.amp.GradScaler, "cuda")
    trainer.amp = types.SimpleNamespace(  # type: ignore[attr-defined]
        GradScaler=scaler, autocast=functools.partial(torch.amp.autocast, "cuda")
    )


def _tensorboard_folder(utils: types.ModuleType) -> None:
    """``get_tensorboard`` writes to ``./log_tensorboard`` wherever one stands; gone when RecBole can be told where."""
    original: Callable[..., Any] = utils.SummaryWriter

    def summary_writer(log_dir: str, *args: Any, **kwargs: Any) -> Any:
        folder = log_dir if _tensorboard_dir is None else str(_tensorboard_dir / Path(log_dir).name)
        return original(folder, *args, **kwargs)

    utils.SummaryWriter = summary_writer  # type: ignore[attr-defined]


def _stable_duplicate_removal(dataset: type[Any]) -> None:
    """``rm_dup_inter`` sorts by time unstably, so ties fall differently on different machines.

    The time column is replaced by each row's unique rank (time, then file row) while RecBole sorts: with unique keys
    every sort is stable. Gone when RecBole sorts with ``kind="stable"``.
    """
    original: Callable[[Any], None] = dataset._remove_duplication

    @functools.wraps(original)
    def remove_duplication(self: Any) -> None:
        if self.config["rm_dup_inter"] is None or self.time_field not in self.inter_feat:
            return original(self)
        times = self.inter_feat[self.time_field]
        ranks = np.empty(len(times), dtype=np.int64)
        ranks[np.argsort(times.to_numpy(), kind="stable")] = np.arange(len(times))
        self.inter_feat[self.time_field] = ranks
        original(self)
        self.inter_feat[self.time_field] = times  # pandas aligns the old column with the rows that are left
        return None

    dataset._remove_duplication = remove_duplication


def _kmeans_without_faiss() -> None:
    """NCL clusters with faiss, which RecBole does not install; scikit-learn's k-means stands in where it is missing.

    It also takes fewer users than clusters, which faiss refuses. Gone when RecBole brings a k-means (no issue known).
    """
    if importlib.util.find_spec("faiss") is None:
        importlib.import_module("recbole.model.general_recommender.ncl").NCL.run_kmeans = _run_kmeans


def _run_kmeans(self: Any, x: Any) -> tuple[Any, Any]:
    """Unit centroids, shape ``(k, D)``, and the centroid of every row of ``x``, as ``NCL.run_kmeans`` gives them."""
    import torch
    from sklearn.cluster import KMeans

    # faiss's own number of iterations and of starts; a fixed seed, as faiss has.
    found = KMeans(min(self.k, len(x)), n_init=1, max_iter=25, init="random", random_state=1234).fit(x)
    centroids = torch.nn.functional.normalize(torch.from_numpy(found.cluster_centers_).float(), dim=1)
    return centroids.to(self.device), torch.from_numpy(found.labels_).long().to(self.device)


def _quiet_missing_values(dataset: type[Any]) -> None:
    """Pandas 2 warns of RecBole's chained ``fillna``, which pandas 3 breaks; gone when RecBole rewrites it."""

    def quiet(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                return original(*args, **kwargs)

        return call

    dataset._fill_nan = quiet(dataset._fill_nan)
    dataset._load_feat = quiet(dataset._load_feat)
