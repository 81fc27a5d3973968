"""Features of a reference, as a cell of a table holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from recbole_curec.errors import DataError, shown

_SEPARATOR = ","
_LISTS = (list, tuple, set, frozenset, np.ndarray)


def features_of(name: str, number: int, field: str, value: Any) -> frozenset[str]:
    """The features of a cell: a list of texts, or one text with commas between them; none where it is empty.

    A comma separates within one text alone: an entry of a list is a feature as it stands.

    Args:
        name: What messages call the table.
        number: The row's number, for messages.
        field: The column's name, for messages.
        value: The cell.

    Raises:
        DataError: It holds something else, or a list holds an entry that is no text.
    """
    if isinstance(value, str):
        found: Iterable[Any] = value.split(_SEPARATOR)
    elif isinstance(value, _LISTS):
        found = value
    elif pd.api.types.is_scalar(value) and pd.isna(value):
        found = ()
    else:
        raise _refused(name, number, field, value)
    texts = list(found)
    if not all(isinstance(text, str) for text in texts):
        raise _refused(name, number, field, value)
    return frozenset(filter(None, (text.strip() for text in texts)))


def _refused(name: str, number: int, field: str, value: Any) -> DataError:
    return DataError(
        f"{name}, row {number}: column '{field}' holds {shown(value, 80)}, which is no features: give a list of texts, "
        "or one text with commas between them, or rename the column."
    )
