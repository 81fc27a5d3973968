"""Titles of items, for recommendation lists that people read."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from recbole_curec.data.catalog import read_catalog
from recbole_curec.errors import CURecError
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.settings.travel import settings_of

logger = logging.getLogger(__name__)


def item_titles(config: Any) -> dict[str, str]:
    """Title by original item id; empty if the dataset has no item text.

    Args:
        config: RecBole's config.
    """
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
    return dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True))
