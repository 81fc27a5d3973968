"""Times of raw files in seconds since 1970, in UTC where the file names no zone."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Tue Mar 04 10:58:55 -0800 2014
_MAIL = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2}) (\d{4})")


def seconds_of(text: str) -> float | None:
    """The time that a date says, in seconds; None if it is no date that is known.

    Args:
        text: ``2014-03-04``, ``2014-03-04 10:58:55`` or another form of ISO 8601, or
            ``Tue Mar 04 10:58:55 -0800 2014``.
    """
    try:
        moment = _mail_date(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if moment is None:
        return None
    found = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return found if math.isfinite(found) else None


def day_of(seconds: float) -> str:
    """A time as a day, for messages; the number itself where it is none of a calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return repr(seconds)


def _mail_date(text: str) -> datetime | None:
    # strptime would read the names of months in the language of the machine.
    found = _MAIL.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return None
    away = timedelta(hours=int(found[7]), minutes=int(found[8])) * (-1 if found[6] == "-" else 1)
    day, hour, minute, second = (int(found[place]) for place in (2, 3, 4, 5))
    month = _MONTHS.index(found[1]) + 1
    return datetime(int(found[9]), month, day, hour, minute, second, tzinfo=timezone(away))
