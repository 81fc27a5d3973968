"""References from held-out reviews: what users wrote about items that no stage has seen.

This is the only place where the text of a validation or test interaction is read. It stands above everything that
trains, so that nothing that trains can import it (``[tool.importlinter]`` in ``pyproject.toml``).
"""

from __future__ import annotations

import logging
from typing import Any, Literal, get_args

from recbole_curec.benchmark.targets import pairs_of
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.evaluation.controls.pool import SentencePool
from recbole_curec.evaluation.explanations import Pair, References
from recbole_curec.evaluation.sentences import ItemWords, about_item, clean_sentences
from recbole_curec.plugin.exact_order import ExactOrder
from recbole_curec.plugin.review_sources import review_texts
from recbole_curec.serving.titles import item_titles

logger = logging.getLogger(__name__)

Split = Literal["valid", "test"]


class ReviewedSplits:
    """The reviews of a run's splits: those of training for controls, held-out ones as references.

    Args:
        config: RecBole's config of the run.
        splits: Datasets of training, validation and test.

    Raises:
        ConfigurationError: The run is none of our models, or its data have no column of reviews.
        DataError: The reviews cannot be read.
    """

    def __init__(self, config: Any, splits: tuple[Any, Any, Any]) -> None:
        self._config = config
        training, *held_out = splits
        self._training = training
        if not isinstance(training, ExactOrder):
            raise ConfigurationError(
                f"model={config['model']} cannot be evaluated: give a checkpoint of CURec, CURecGeneral or RecCoT, "
                "whose splits are in exact time order."
            )
        history = training.train_history()
        self._users, self._items = history.user_tokens[history.users], history.item_tokens[history.items]
        self._texts = review_texts(config, self._users, self._items)
        self._held_out = dict(zip(get_args(Split), held_out, strict=True))

    def pool(self) -> SentencePool:
        """The sentences of the training reviews.

        Raises:
            DataError: There are none.
        """
        columns = (column.tolist() for column in (self._users, self._items, self._texts))
        return SentencePool(list(zip(*columns, strict=True)))

    def references(self, split: Split, sentences: int) -> References:
        """For every held-out pair the sentences of its review that are about the item.

        Sentences that state a score, such as ``8/10``, are left out. A sentence is about the item where it shares words
        with the item's title, or with words that are typical of the item's training reviews.

        Args:
            split: The held-out split.
            sentences: How many sentences of a review, at most, those that share most words; 0 takes all.

        Raises:
            DataError: No held-out review has such a sentence.
        """
        users, items = pairs_of(self._held_out[split])
        reviews = review_texts(self._config, users, items)
        words = ItemWords.of(self._items.tolist(), self._texts.tolist(), item_titles(self._config, self._training))
        about = " about the item" if sentences else ""
        found: dict[Pair, tuple[str, ...]] = {}
        for user, item, review in zip(users.tolist(), items.tolist(), reviews.tolist(), strict=True):
            chosen = about_item(clean_sentences(review), words.of_item(item), sentences)
            if chosen:
                found[user, item] = chosen
        if not found:
            fix = "sentences=0, which takes all sentences, or references from a file" if sentences else "them in a file"
            raise DataError(
                f"None of the {len(users):,} reviews of the {split} split has a sentence{about}, which references "
                f"could be: give {fix}."
            )
        note = f"{split} reviews: {len(found):,} of {len(users):,} pairs have a sentence{about}"
        return References(found, note=note)
