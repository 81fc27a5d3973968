"""Which of a user's earlier reasons a prompt may show."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.store import ReasonRecord


def carried_reasons(earlier: Sequence[ReasonRecord], evidence: Evidence, count: int) -> tuple[str, ...]:
    """The user's latest reasons that a prompt may show.

    Those that quote a review of the prompt's own target are left out: where a user took an item twice, such a review
    may be the one written for the very interaction.

    Args:
        earlier: The user's reasons so far, oldest first.
        evidence: The prompt's evidence.
        count: How many to show at most.
    """
    told = [record.text for record in earlier if not record.evidence.tells_review_of(evidence.target)]
    return tuple(told[max(len(told) - count, 0) :])
