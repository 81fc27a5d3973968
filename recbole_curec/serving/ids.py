"""Original ids that a user gives, as internal ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.suggestions import did_you_mean

_ADVICE = "an original id, as the data files have it"


def known_ids(index: Mapping[str, int], tokens: Sequence[str], kind: str, advice: str = _ADVICE) -> list[int]:
    """The internal ids of original ids.

    Args:
        index: Internal id by original id.
        tokens: Original ids.
        kind: What they are ids of, for the message.
        advice: What to give instead of an unknown one.

    Raises:
        DataError: One is unknown.
    """
    found = []
    for token in map(str, tokens):
        if token not in index:
            near = did_you_mean(token, index)
            raise DataError(f"{kind} {token!r} is not in the data ({len(index):,} {kind}s){near}: give {advice}.")
        found.append(index[token])
    return found


def check_ids(what: str, ids: Any) -> None:
    """Reject a single string, which would be treated as a list of characters.

    Raises:
        ConfigurationError: It is one.
    """
    if isinstance(ids, str | bytes):
        raise ConfigurationError(f"{what}: {ids!r} is one id and not a list of them: give [{ids!r}].")
