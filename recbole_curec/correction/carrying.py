"""Selection of the earlier reasons of a user that a prompt shows."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.store import ReasonRecord


def carried_reasons(earlier: Sequence[ReasonRecord], evidence: Evidence, count: int) -> tuple[str, ...]:
    """The user's latest reasons that a prompt may show.

    Reasons that quote a review of the prompt's own target are left out: if a user took an item twice, that review may
    have been written for the interaction to be explained.

    Args:
        earlier: The user's reasons so far, oldest first.
        evidence: The prompt's evidence.
        count: Largest number of reasons shown.
    """
    shown = [record.text for record in earlier if not record.evidence.quotes_review_of(evidence.target)]
    return tuple(shown[max(len(shown) - count, 0) :])
