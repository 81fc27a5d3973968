"""What serving needs of a loaded run: the run itself, and the ids it knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from recbole_curec.plugin.loading import LoadedRun, internal_ids, load_run


class Served:
    """Base of what answers questions about users and items from a checkpoint.

    Args:
        run: The loaded run.
    """

    def __init__(self, run: LoadedRun) -> None:
        self._run, training = run, run.training
        self._user_field, self._item_field = training.uid_field, training.iid_field
        self.user_tokens = np.asarray(training.field2id_token[self._user_field]).astype(str)
        self.item_tokens = np.asarray(training.field2id_token[self._item_field]).astype(str)
        self._users, self._items = internal_ids(self.user_tokens), internal_ids(self.item_tokens)

    @classmethod
    def load(cls, checkpoint: str | Path, overrides: Mapping[str, Any] | None = None) -> Self:
        """What answers from a checkpoint.

        Args:
            checkpoint: The file.
            overrides: Settings that override the checkpoint's, such as ``data_path``.

        Raises:
            CURecError: The checkpoint or its data cannot be used.
        """
        return cls(load_run(checkpoint, overrides))
