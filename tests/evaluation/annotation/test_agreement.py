"""Krippendorff's alpha against values worked out by hand from the coincidence matrix."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from recbole_curec.evaluation.annotation.agreement import alpha


def of(*annotators: list[int | None]) -> dict[str, dict[Hashable, int]]:
    return {
        f"sheet-{number}": {unit: value for unit, value in enumerate(values) if value is not None}
        for number, values in enumerate(annotators)
    }


def test_nominal() -> None:
    # Eight values, five 0 and three 1, one unit disagrees: 1 - 7 * 2 / (2 * 5 * 3)
    assert alpha(of([0, 0, 1, 1], [0, 0, 1, 0]), "nominal") == pytest.approx(1 - 14 / 30)


def test_ordinal() -> None:
    # n1 = 2, n2 = n3 = 3: squared distances 6.25 (1, 2), 9 (2, 3), 30.25 (1, 3); observed 2 * 9 / 8,
    # expected 2 * (6 * 6.25 + 9 * 9 + 6 * 30.25) / 56
    assert alpha(of([1, 2, 3, 3], [1, 2, 3, 2]), "ordinal") == pytest.approx(1 - (18 / 8) / (600 / 56))


def test_what_one_annotator_alone_answered_does_not_count() -> None:
    assert alpha(of([0, 0, 1, 1, None, 0], [0, 0, 1, 0, 1, None]), "nominal") == pytest.approx(1 - 14 / 30)


@pytest.mark.parametrize("answers", [of(), of([0, 1]), of([0, 1, None], [None, None, 1]), of([1, 1], [1, 1])])
def test_where_it_is_not_defined(answers: dict[str, dict[Hashable, int]]) -> None:
    assert alpha(answers, "nominal") is None
