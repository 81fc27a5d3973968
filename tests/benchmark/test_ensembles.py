from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.benchmark.ensembles import check_seeds, members_under
from recbole_curec.benchmark.rows import Row
from recbole_curec.errors import ConfigurationError

NOWHERE = Path("nowhere.yaml")


def test_a_row_listed_again_is_taken_under_the_next_seed() -> None:
    row = Row("sum", NOWHERE, ("text", "ids", "text"))
    assert members_under(row, 7, [7, 8, 9]) == [("text", 7), ("ids", 7), ("text", 8)]
    assert members_under(row, 9, [7, 8, 9]) == [("text", 9), ("ids", 9), ("text", 7)]


@pytest.mark.parametrize(
    ("members", "seeds", "needed"),
    [
        (("a", "b"), 1, None),
        (("a", "a", "b"), 1, 2),  # one seed of a cannot be summed with itself
        (("a", "a", "b"), 2, None),
        (("a", "a"), 2, 3),  # both seeds would have the same sum
        (("a", "a"), 3, None),
        (("a", "a", "a"), 3, 4),
    ],
)
def test_every_seed_has_a_sum_of_its_own(members: tuple[str, ...], seeds: int, needed: int | None) -> None:
    row = Row("sum", NOWHERE, members)
    if needed is None:
        check_seeds(row, range(seeds))
        sums = {tuple(sorted(members_under(row, seed, range(seeds)))) for seed in range(seeds)}
        assert len(sums) == seeds
    else:
        with pytest.raises(ConfigurationError, match=rf"'sum': ensemble lists 'a' .* --seeds={needed} or more"):
            check_seeds(row, range(seeds))
