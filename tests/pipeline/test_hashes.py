"""Damage shows, however small it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

from recbole_curec.pipeline.hashes import checksum_fits, file_hash, file_state, hashes_fault, with_checksum


def test_a_checksum_covers_every_value_and_outlives_a_file() -> None:
    facts = {"summary": "é", "figures": {"auc": 0.1, "n": 3}, "inputs": {1: Path("x")}}
    stored = json.dumps(with_checksum(facts), default=str)
    assert checksum_fits(json.loads(stored))
    for before, after in (("0.1", "0.3"), ("auc", "auk"), ('"x"', '"y"')):
        assert before in stored
        assert not checksum_fits(json.loads(stored.replace(before, after))), before


def test_what_an_earlier_version_wrote_has_none_and_is_taken_as_it_is() -> None:
    assert checksum_fits({"summary": "two files"})


def test_the_first_file_that_is_missing_or_altered_is_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    hashes = {name: file_hash(tmp_path / name) for name in ("b", "a")}
    assert hashes_fault(tmp_path, hashes) is None
    (tmp_path / "b").write_text("c")
    assert hashes_fault(tmp_path, hashes) == "b was altered"
    (tmp_path / "a").unlink()
    assert hashes_fault(tmp_path, hashes) == "a is missing"


def test_a_file_of_the_same_size_and_time_is_still_another(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("one")
    before = file_state(path)
    assert file_state(path) == before
    path.write_text("two")
    os.utime(path, ns=(before[1], before[1]))  # as a copy does that keeps the times, or a clock that was set back
    assert path.stat().st_mtime_ns == before[1]
    assert file_state(path) != before
