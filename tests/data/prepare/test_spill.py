from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from recbole_curec.data.prepare import spill as module
from recbole_curec.data.prepare.spill import RowSpill
from recbole_curec.errors import ConfigurationError, CURecError, DiskFullError

ROWS = [[f"row {number}", 'line\nbreak\t"', "\ud800 \u2028é"] for number in range(50)]


@pytest.mark.parametrize("part", [1, 500, 1 << 20])
@pytest.mark.parametrize("wanted", [list(range(50)), [49, 3, 7, 0, 21], [5], []])
def test_rows_come_in_the_order_wanted_however_many_parts_there_are(
    part: int, wanted: list[int], tmp_path: Path
) -> None:
    with RowSpill(tmp_path, part) as spill:
        for row in ROWS:
            spill.append(row)
        assert len(spill) == 50
        for order in (wanted, wanted[::-1]):  # any number of times
            assert list(spill.in_order(np.array(order, dtype=np.int64))) == [ROWS[row] for row in order]
        assert list(tmp_path.iterdir()) == []


def test_no_part_is_larger_than_it_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    real = module._sorted

    def counted(lines: Any) -> Any:
        found = list(lines)
        sizes.append(sum(len(line) for _, line in found))
        return real(iter(found))

    monkeypatch.setattr(module, "_sorted", counted)
    with RowSpill(tmp_path, part=400) as spill:
        for number in np.random.default_rng(0).permutation(1000):
            spill.append([f"{number:04}"])
        assert [row for (row,) in spill.in_order(np.arange(1000)[::-1])][:1]
    assert sum(sizes) == 9_000  # ["0000"] and a line's end for each
    assert len(sizes) == 23
    assert max(sizes) <= 400


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, DiskFullError), (errno.EIO, ConfigurationError)])
def test_a_disk_that_takes_no_more(
    number: int, kind: type[CURecError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def write(self, _: bytes) -> None:
            raise OSError(number, "no")

        def close(self) -> None:
            pass

    monkeypatch.setattr(module, "_unnamed", lambda _: Full())
    with RowSpill(tmp_path) as spill, pytest.raises(kind, match=str(tmp_path)):
        spill.append(["a"])


@pytest.mark.parametrize("part", [400, 1 << 20])
def test_a_disk_that_is_full_when_the_rows_are_read_back(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_folder: Path) -> BinaryIO:
        return Path("/dev/full").open("w+b", buffering=1 << 18)

    monkeypatch.setattr(module, "_unnamed", full)
    with RowSpill(tmp_path, part=part) as spill, pytest.raises(DiskFullError, match=str(tmp_path)):
        for number in range(1000):
            spill.append([f"{number:04}"])
        list(spill.in_order(np.arange(1000)[::-1]))
