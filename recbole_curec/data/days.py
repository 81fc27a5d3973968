"""Times of a data set as days, where they are dates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.prepare.times import day_of

# 1990 to 2100, in seconds since 1970: where all times of a data set lie if they are dates.
_FIRST, _LAST = 631_152_000, 4_102_444_800
_UNITS = (1.0, 1e-3)  # seconds, milliseconds


def days_of(times: NDArray[np.float64]) -> list[str | None]:
    """The day of every time in UTC, ``2014-03-04``.

    Times count as dates if all of them lie between 1990 and 2100, read as seconds or as milliseconds since 1970: a
    column of times may as well hold line numbers or years.

    Args:
        times: Shape ``(N,)``; nan where there is none.

    Returns:
        None for a time that is none, and for all of them if they are no dates.
    """
    known = times[np.isfinite(times)]
    for unit in _UNITS:
        if len(known) and known.min() * unit >= _FIRST and known.max() * unit <= _LAST:
            return [day_of(float(time) * unit) if np.isfinite(time) else None for time in times]
    return [None] * len(times)
