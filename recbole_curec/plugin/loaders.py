"""What RecBole's loaders read."""

from __future__ import annotations

from typing import Any


def dataset_of(loader: Any) -> Any:
    """The split that one of RecBole's loaders reads; the loader of knowledge graphs has it under no other name."""
    return loader._dataset
