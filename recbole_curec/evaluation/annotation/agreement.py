"""Agreement of annotators beyond chance: Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np

Level = Literal["nominal", "ordinal"]


def alpha(answers: Mapping[str, Mapping[Hashable, int]], level: Level) -> float | None:
    """Krippendorff's alpha (Krippendorff, Content Analysis, 2004): 1 for agreement, 0 for chance.

    Args:
        answers: For every annotator, a number by what it is about; what is missing was not answered.
        level: ``nominal`` where numbers are names, ``ordinal`` where they are ranks.

    Returns:
        None where it is not defined: fewer than two annotators answered the same questions, or all answers are one.
    """
    import krippendorff  # an extra

    units = sorted({unit for by_unit in answers.values() for unit in by_unit}, key=repr)
    table: np.ndarray[Any, np.dtype[np.float64]] = np.array(
        [[by_unit.get(unit, np.nan) for unit in units] for by_unit in answers.values()], dtype=np.float64
    )
    shared = (~np.isnan(table)).sum(axis=0) >= 2 if table.size else np.zeros(0, dtype=bool)
    if not shared.any():
        return None
    table = table[:, shared]
    if len(np.unique(table[~np.isnan(table)])) < 2:
        return None
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=level))
