"""Titles of items, for recommendation lists that people read."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from recbole_curec.data.catalog import Catalog, read_catalog
from recbole_curec.errors import CURecError
from recbole_curec.plugin.exact_order import ExactOrder
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)


def item_titles(config: Any, training: Any) -> dict[str, str]:
    """Title by original item id; empty if the dataset has no item text.

    Args:
        config: RecBole's config.
        training: Dataset of the training split, whose reviews name items where the settings say so. That of a plain
            RecBole model has no exact order, so its items are named by the item file alone.
    """
    if settings_of(config).collect.reads_reviews and isinstance(training, ExactOrder):
        from recbole_curec.plugin.features import item_catalog  # imports the language model's libraries

        return _titles(item_catalog(config, training.praised_history()))
    path = Path(config["data_path"]) / f"{config['dataset']}.item"
    if not path.is_file():
        return {}
    try:
        catalog = read_catalog(
            path,
            config["ITEM_ID_FIELD"],
            np.array([], dtype=np.str_),
            settings_of(config).collect,
            seq_separator=config["seq_separator"],
            **file_layout(config),
        )
    except CURecError as error:
        logger.warning("lists are shown without titles: %s", error)
        return {}
    return _titles(catalog)


def _titles(catalog: Catalog) -> dict[str, str]:
    return dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True))
