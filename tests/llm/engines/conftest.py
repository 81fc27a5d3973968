from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.llm.engines.served import Server, write_served
from tests.llm.engines.small_model import write_tiny


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small tiny model."""
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="package")
def server(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``transformers serve`` with the tiny model, running."""
    with Server(write_served(tiny, tmp_path_factory.mktemp("served"))) as running:
        yield running
