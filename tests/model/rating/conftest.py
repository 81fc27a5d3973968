"""A rating model over a small dataset, with vectors in place of those that RecCoT's stages would make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AtomicDataset
from tests.rated import RATED, vectors_of, write_rated


@pytest.fixture
def splits(atomic: AtomicDataset, tmp_path: Path) -> Callable[..., tuple[Any, list[Any]]]:
    """``splits(rows, **overrides)`` gives the config and the three datasets, whose reviews have vectors."""
    from recbole.data import create_dataset
    from recbole.utils import init_seed

    from recbole_curec.plugin.config import load_config

    def build(rows: list[tuple[Any, ...]] | None = None, **overrides: Any) -> tuple[Any, list[Any]]:
        write_rated(atomic, rows)
        given = {**RATED, "data_path": str(atomic.root), "checkpoint_dir": str(tmp_path / "saved"), **overrides}
        config = load_config("RecCoT", atomic.name, [], given)
        init_seed(config["seed"], config["reproducibility"])
        datasets = create_dataset(config).build()
        reviews = datasets[0].train_reviews()
        for dataset in datasets:
            dataset.review_vectors = vectors_of(reviews.users, reviews.items)
        return config, datasets

    return build


@pytest.fixture
def model_of() -> Callable[..., Any]:
    """``model_of(config, training)`` gives a model whose every weight is drawn, in evaluation mode."""
    import torch

    from recbole_curec.model.rating.reccot import RecCoT

    def build(config: Any, training: Any) -> Any:
        torch.manual_seed(1)
        model = RecCoT(config, training)
        for weight in model.parameters():
            torch.nn.init.normal_(weight, std=0.3)
        for table in (model.user_embedding, model.item_embedding):
            torch.nn.init.zeros_(table.weight[0])
        return model.eval()

    return build
