"""Whether the ids of the interactions are those of an item or user file: ``3``, ``3.0`` and ``003`` are three ids."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

from recbole_curec.errors import DataError

# Smallest share of the interactions' ids with a row in the file.
LEAST_SHARE = 0.5


def check_matching(interacting: Iterable[str], known: Collection[str], path: Path, column: str) -> None:
    """Check that enough ids of interactions have a row; far fewer means that the two are written differently.

    Args:
        interacting: Ids of the interactions, each once or more often.
        known: Ids of the file.
        path: The file, for the message.
        column: Name of the id.

    Raises:
        DataError: Fewer than half have a row.
    """
    ids, rows = set(interacting), set(known)
    missing = ids - rows
    if len(missing) <= (1 - LEAST_SHARE) * len(ids):
        return
    alike = [{unicodedata.normalize("NFKC", id_) for id_ in some} for some in (missing, rows)]
    shown = repr if alike[0].isdisjoint(alike[1]) else ascii  # two forms of one character look the same
    ours, theirs = (" and ".join(map(shown, sorted(some)[:2])) for some in (missing, rows - ids or rows))
    raise DataError(
        f"{path} has rows for only {len(ids) - len(missing)} of {len(ids)} values of {column} in the interactions: "
        f"those have ids such as {ours} and the file such as {theirs}: write both alike, or add the missing rows."
    )
