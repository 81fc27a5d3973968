"""Small datasets written as atomic files, and configs over them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from recbole_curec.cli import session
from recbole_curec.features.store import FeatureSet
from tests.atomic_dataset import AtomicDataset
from tests.browser import browser
from tests.pipeline_runs import shared_run

__all__ = ["AtomicDataset", "browser", "shared_run"]  # fixtures and helpers that tests find here

TODAY = 1_763_000_000  # an epoch second whose float32 neighbours lie 128 s apart


# Handed out first, so that no worker is left with a long file at the end.
LONGEST_FILES = (
    "tests/test_toy.py", "tests/test_processes.py", "tests/benchmarks/", "tests/benchmark/", "tests/cases/test_fuzz.py",
    "tests/pipelines/", "tests/llm/", "tests/test_audit.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the longest files to the front."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST_FILES))


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Fixtures of a session or a module add their numbers in the same order as the tests: bytes can be compared.

    Commands see one core: threads of two workers on two cores would wait for each other for most of their time.
    """
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "available_cores", lambda: 1)
        yield


@pytest.fixture(autouse=True)
def _quiet_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """RecBole writes log/ and log_tensorboard/ where it stands and reads pytest's own arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["pytest"])
    interrupt = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, interrupt)  # an interrupted command leaves the system's, which ends the process
    torch.set_num_threads(1)  # the command sets the number it was asked for


@pytest.fixture
def atomic(tmp_path: Path) -> AtomicDataset:
    """A place for atomic files."""
    return AtomicDataset(tmp_path / "atomic")


def random_rows(n_users: int = 30, n_items: int = 25, longest: int = 14, seed: int = 0) -> list[tuple[Any, ...]]:
    """Interactions in random file order with distinct, far apart timestamps."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        for item in rng.permutation(n_items)[: rng.integers(3, longest)]:
            rows.append((f"u{user}", f"i{item}"))
    times = rng.permutation(len(rows))
    order = rng.permutation(len(rows))
    return [(*rows[k], int(times[k]) * 1000) for k in order]


@pytest.fixture
def toy(atomic: AtomicDataset) -> AtomicDataset:
    """Thirty users, up to 25 items with a title each, distinct timestamps."""
    atomic.interactions(random_rows())
    atomic.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Story {k}") for k in range(25)])
    return atomic


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Overrides that keep a run small and inside the test's folder."""

    def build(dataset: AtomicDataset | None = None, **overrides: Any) -> dict[str, Any]:
        base: dict[str, Any] = {
            "checkpoint_dir": str(tmp_path / "saved"),
            "show_progress": False,
            "epochs": 2,
            "train_batch_size": 64,
            "hidden_size": 16,
            "inner_size": 16,
            "embedding_size": 16,
            "MAX_ITEM_LIST_LENGTH": 5,
            "fusion": "none",
            "state": "ERROR",
            "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
        }
        if dataset is not None:
            base["data_path"] = str(dataset.root)
        return base | overrides

    return build


@pytest.fixture
def load(settings_for: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """``load(model, dataset, **overrides)`` gives a config, checked unless ``check`` is False."""
    from recbole_curec.plugin.config import load_config

    def build(model: str, dataset: AtomicDataset, check: bool = True, **overrides: Any) -> Any:
        return load_config(model, dataset.name, [], settings_for(dataset, **overrides), check)

    return build


def random_features(n_items: int, n_users: int, dim: int = 12, seed: int = 0) -> FeatureSet:
    """Unit vectors; row 0 is zero."""
    generator = torch.Generator().manual_seed(seed)
    tables = [torch.randn(size, dim, generator=generator) for size in (n_items, n_users)]
    for table in tables:
        table[0] = 0
    return FeatureSet(*(torch.nn.functional.normalize(table, dim=1) for table in tables))


@pytest.fixture
def fake_pipeline(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replaces stages 1-6 by random features; the list collects the histories they were asked for."""
    from recbole_curec.plugin import features

    asked: list[Any] = []

    def semantic_features(_config: Any, history: Any) -> Any:
        asked.append(history)
        return random_features(history.n_items, history.n_users)

    monkeypatch.setattr(features, "semantic_features", semantic_features)
    return asked
