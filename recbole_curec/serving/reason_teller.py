"""Tells reasons, which the run's language model writes for what is recommended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from recbole_curec.ranking.reranker import Moved
from recbole_curec.reasoner import Reasoner
from recbole_curec.serving.told import Teller, Told


class ReasonTeller(Teller):
    """Reasons from what the users have taken by now, of what moved an item up first.

    Args:
        reasoner: Writes them.
        kept: Folder where finished batches of reasons are kept; an interrupted call goes on from them.
    """

    def __init__(self, reasoner: Reasoner, kept: Path | None = None) -> None:
        self._reasoner, self._kept = reasoner, kept
        self.collected = reasoner.collected

    def tell(
        self,
        pairs: Sequence[tuple[str, str]],
        histories: Mapping[str, Sequence[str]],
        moves: Mapping[str, Mapping[str, Moved]],
    ) -> list[Told]:
        """A reason for every pair; see :meth:`recbole_curec.serving.told.Teller.tell`."""
        first = {(user, item): moves[user][item].kinds() for user, item in pairs if item in moves.get(user, {})}
        kept = None
        if self._kept is not None:
            told = [[*pair, kinds] for pair, kinds in first.items()]
            asked = [pairs, {user: list(items) for user, items in histories.items()}, *([told] if told else [])]
            kept = self._kept / hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
        records = self._reasoner.with_histories(histories).write(pairs, kept=kept, first=first)
        return [Told(record=record) for record in records]
