"""Training prompts like those of correction: with earlier reasons and named faults at the same frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.data.history import TrainHistory
from recbole_curec.reasons.claims.claim import Fault, explain_fault
from recbole_curec.reasons.failures import LOW_REWARD
from recbole_curec.reasons.parsing import NO_END
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import SelectSettings

# Most failed drafts have too low a reward (docs/reasoner.md); the other kinds share the rest.
_LOW_REWARD = 0.7


class PromptMix:
    """Adds earlier reasons and faults to training prompts, as correction will.

    Correction shows a user's latest corrected reasons, and names the fault of a failed attempt. During training of the
    language model there are no corrected reasons yet: the teacher's sentences about the same interactions replace them.

    Args:
        rows: Sorted rows of the history that will get a reason.
        builder: Computes evidence.
        teacher: Writes the earlier reasons.
        settings: How many earlier reasons are shown, and how often a fault is named.

    Attributes:
        rows: As given.
        earlier_share: Share of the selected interactions whose user has an earlier selected one.
    """

    def __init__(
        self, rows: NDArray[np.int64], builder: EvidenceBuilder, teacher: EvidenceTeacher, settings: SelectSettings
    ) -> None:
        self.rows, self._builder, self._teacher, self._settings = rows, builder, teacher, settings
        history = builder.history
        first = np.full(history.n_users, history.n_interactions, dtype=np.int64)
        np.minimum.at(first, history.users[rows], history.positions[rows])
        shown = bool(settings.carry_reasons)
        self.earlier_share = float(np.mean(history.positions[rows] > first[history.users[rows]])) if shown else 0.0
        anywhere = float(np.mean(history.positions > first[history.users])) if shown else 0.0
        # Among all interactions more have an earlier reason than among the selected ones, so only a share shows it.
        self._kept = min(1.0, self.earlier_share / anywhere) if anywhere else 0.0

    @property
    def history(self) -> TrainHistory:
        """The training interactions."""
        return self._builder.history

    def selected(self, rng: np.random.Generator) -> tuple[int, int, int]:
        """User, item and position of one of the interactions that will get a reason."""
        return self.history.interaction(int(self.rows[rng.integers(len(self.rows))]))

    def earlier(self, user: int, position: int, evidence: Evidence) -> tuple[str, ...]:
        """Stand-ins for the user's earlier reasons that correction would show at a position, oldest first.

        A reason that quotes a review of the prompt's own target is left out, as in correction.
        """
        start = int(self.history.indptr[user])
        bounds = np.searchsorted(self.rows, [start, start + position])
        shown: list[str] = []
        for row in self.rows[bounds[0] : bounds[1]][::-1]:
            if len(shown) == self._settings.carry_reasons:
                break
            before = self._builder.build(user, int(self.history.items[row]), int(row) - start)
            if not before.quotes_review_of(evidence.target):
                shown.append(self._teacher.write(before).text)
        return tuple(shown[::-1])

    def request(self, user: int, item: int, position: int, rng: np.random.Generator) -> ReasonRequest:
        """The request to the language model for an interaction."""
        evidence = self._builder.build(user, item, position)
        return ReasonRequest(evidence, self.earlier(user, position, evidence), self.fault(rng))

    def earlier_anywhere(
        self, user: int, position: int, evidence: Evidence, rng: np.random.Generator
    ) -> tuple[str, ...]:
        """Like :meth:`earlier`, for interactions that were not selected: shown as often as for selected ones."""
        return self.earlier(user, position, evidence) if rng.random() < self._kept else ()

    def fault(self, rng: np.random.Generator) -> str | None:
        """A made-up fault of an earlier attempt, with the probability ``select.fault_share``; None otherwise."""
        if rng.random() >= self._settings.fault_share:
            return None
        if rng.random() < _LOW_REWARD:
            return LOW_REWARD.words
        catalog = self._builder.catalog
        name = catalog.names[int(rng.integers(1, catalog.n_items))]
        return explain_fault(Fault("title", name, name)) if rng.random() < 0.5 else NO_END
