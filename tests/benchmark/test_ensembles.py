from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.benchmark.ensembles import check_seeds, check_split, members_under
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


def _config(order: str, files: list[str] | None = None) -> dict[str, Any]:
    return {"eval_args": {"order": order}, "benchmark_filename": files}


def test_seeds_with_splits_of_their_own_are_not_summed() -> None:
    """The second seed's model has seen test items of the first: on noise, its sum would find them."""
    twice = Row("sum", NOWHERE, ("b", "a", "a"))
    with pytest.raises(
        ConfigurationError, match=r"'sum': ensemble lists 'a' 2 times, .*order: RO makes .*: set order: TO"
    ):
        check_split(twice, _config("RO"))
    check_split(Row("sum", NOWHERE, ("a", "b")), _config("RO"))  # one seed, one split
    check_split(twice, _config("TO"))
    check_split(twice, _config("RO", ["train", "valid", "test"]))  # split by files
