from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.engines.served import Server, write_served
from tests.llm.engines.small_model import write_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small tiny model."""
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def server(tiny: Path, tmp_path_factory: pytest.TempPathFactory):
    """``transformers serve`` with the tiny model, running."""
    with Server(write_served(tiny, tmp_path_factory.mktemp("served"))) as running:
        yield running
