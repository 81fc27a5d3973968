from __future__ import annotations

from recbole_curec.llm.engines.batched import length_batches


def test_batches_are_of_like_length() -> None:
    rows = [[0] * length for length in (5, 1, 4, 1, 3)]
    assert list(length_batches(rows, 2)) == [[1, 3], [4, 2], [0]]
