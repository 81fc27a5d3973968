from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recbole_curec.errors import CheckpointError
from recbole_curec.ranking.ranker import Ranker
from recbole_curec.ranking.store import RankRecord, load_ranker, read_record, record_path, save_ranker
from recbole_curec.settings.rank import RankSettings
from tests.ranking.test_ranker import COLUMNS, queries

RECORD = RankRecord(True, "it helps", 7, ["base_score", "text"], COLUMNS, [0.5, 0.5, 0.0], {"training": 0.25})


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    return Ranker.train(queries(20, 0), queries(10, 1), COLUMNS, RankSettings(rounds=3), seed=0, threads=1)


@pytest.fixture
def checkpoint(tmp_path: Path, ranker: Ranker) -> Path:
    path = tmp_path / "CURec.pth"
    path.write_bytes(b"weights")
    save_ranker(path, ranker, RECORD, {"text": np.eye(3, dtype=np.float32)})
    return path


def test_a_ranker_is_what_it_was(checkpoint: Path, ranker: Ranker) -> None:
    stored = load_ranker(checkpoint)
    assert stored.ranker.text == ranker.text
    assert np.array_equal(stored.arrays["text"], np.eye(3))
    assert (stored.record.on, stored.record.candidates, stored.record.recall) == (True, 7, {"training": 0.25})
    assert sorted(stored.record.hashes) == ["arrays", "checkpoint", "model"]
    names = ["CURec.pth", "CURec.rank.json", "CURec.rank.safetensors", "CURec.rank.txt"]
    assert sorted(path.name for path in checkpoint.parent.iterdir()) == names


def test_a_ranker_without_arrays(tmp_path: Path, ranker: Ranker) -> None:
    path = tmp_path / "CURec.pth"
    path.write_bytes(b"weights")
    save_ranker(path, ranker, RECORD, {})
    assert load_ranker(path).arrays == {}


@pytest.mark.parametrize("name", ["CURec.pth", "CURec.rank.txt", "CURec.rank.safetensors"])
def test_a_ranker_of_another_checkpoint_is_refused(checkpoint: Path, name: str) -> None:
    with (checkpoint.parent / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(CheckpointError, match=rf"belongs to another file than '.*{name}': copy the checkpoint and its"):
        load_ranker(checkpoint)


@pytest.mark.parametrize("name", ["CURec.rank.txt", "CURec.rank.safetensors", "CURec.rank.json"])
def test_a_missing_file_is_named(checkpoint: Path, name: str) -> None:
    (checkpoint.parent / name).unlink()
    with pytest.raises(CheckpointError, match=rf"{name}' is missing"):
        load_ranker(checkpoint)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"on": true}', "\0"])
def test_a_damaged_record_is_named(checkpoint: Path, text: str) -> None:
    record_path(checkpoint).write_text(text)
    with pytest.raises(CheckpointError, match=r"CURec\.rank\.json' is not the record of a ranker"):
        read_record(checkpoint)


def test_a_changed_digit_of_the_record_is_noticed(checkpoint: Path) -> None:
    path = record_path(checkpoint)
    path.write_text(path.read_text().replace('"candidates": 7', '"candidates": 8'))
    with pytest.raises(CheckpointError, match=r"is not the record of a ranker"):
        read_record(checkpoint)
