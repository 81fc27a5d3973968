"""What RecBole's filters remove, said: no interaction vanishes without a word."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

# RecBole's filters of interactions, and the setting that asks for each.
FILTERS = {
    "_remove_duplication": "rm_dup_inter",
    "_filter_by_field_value": "val_interval",
    "_filter_inter_by_user_or_item": "filter_inter_by_user_or_item, for want of a row in the user or item file",
    "_filter_by_inter_num": "user_inter_num_interval and item_inter_num_interval",
    "_filter_link": "the link file, for want of an entity of the item",
}


def counted(original: Callable[[Any], None], name: str) -> Callable[[Any], None]:
    """A filter of RecBole's dataset that logs how many interactions it removed.

    Args:
        original: The filter.
        name: Its name in :data:`FILTERS`.
    """

    @functools.wraps(original)
    def filtered(self: Any) -> None:
        before = len(self.inter_feat)
        original(self)
        removed = before - len(self.inter_feat)
        if removed:
            logger.warning(
                "%d of %d interactions were removed by %s; %d are left.",
                removed,
                before,
                FILTERS[name],
                before - removed,
            )

    return filtered
