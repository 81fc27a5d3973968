"""Reading of CSV whose fields are longer than Python's reader takes by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager

_MOST_CHARACTERS = 1 << 20


@contextmanager
def long_csv_fields() -> Iterator[None]:
    """A context in which :mod:`csv` reads fields of a million characters, not of 131,072 alone."""
    limit = csv.field_size_limit(_MOST_CHARACTERS)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
