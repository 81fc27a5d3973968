"""Titles and training histories of users and items, for those who compare explanations of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.compared_pairs import ComparedPair, Context
from recbole_curec.evaluation.explanation_sets import in_a_line
from recbole_curec.evaluation.explanations import Pair
from recbole_curec.plugin.loading import internal_ids, load_data, moved_to
from recbole_curec.serving.ids import known_ids
from recbole_curec.serving.titles import item_titles

# Latest items of a history that are shown.
_SHOWN = 10


def training_contexts(
    checkpoint: str | Path, pairs: Sequence[ComparedPair], data_path: str | Path | None = None
) -> dict[Pair, Context]:
    """Title of the item, and the user's training items before it: the latest, and those that an explanation names.

    Neither the item itself nor anything of validation and test is in a history.

    Args:
        checkpoint: A checkpoint's path.
        pairs: Users and items with their explanations.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Raises:
        ConfigurationError: The model keeps no order of interactions.
        DataError: A user or an item is not in the data.
    """
    data = load_data(checkpoint, moved_to(data_path))
    if not hasattr(data.training, "train_history"):
        raise ConfigurationError(
            f"'{checkpoint}' is of {data.config['model']}, whose data have no exact order: give a checkpoint of CURec, "
            "CURecGeneral or RecCoT, or none."
        )
    history = data.training.train_history()
    users = known_ids(internal_ids(history.user_tokens), [pair.user for pair in pairs], "user")
    items = known_ids(internal_ids(history.item_tokens), [pair.item for pair in pairs], "item")
    titles = item_titles(data.config, data.training)
    names = [in_a_line(titles.get(token) or token) for token in map(str, history.item_tokens)]
    found = {}
    for pair, user, item in zip(pairs, users, items, strict=True):
        taken = history.of_user(user)
        at = np.flatnonzero(taken == item)
        earlier = [names[one] for one in (taken[: at[0]] if len(at) else taken)]
        named = [name for name in earlier[:-_SHOWN] if any(name in text for text in pair.texts)]
        found[pair.user, pair.item] = Context(names[item], (*named, *earlier[-_SHOWN:]))
    return found
