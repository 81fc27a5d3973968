"""An interrupted run goes on from what is whole, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from recbole_curec.atomic_write import write_text_to
from recbole_curec.pipeline import seals


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2] ^= 4
    path.write_bytes(bytes(content))


def test_a_changed_number_is_noticed_where_the_format_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "fold-0.safetensors"
    seals.write_sealed(path, lambda there: save_file({"vectors": np.ones(4, dtype=np.float32)}, there))
    assert seals.is_kept(path)
    _flip(path)
    assert load_file(path)["vectors"].tolist() != [1.0] * 4, "safetensors reads it without a word"
    assert seals.sealed_fault(path) == "fold-0.safetensors was altered"
    assert not seals.is_kept(path)
    assert caplog.messages == [f"{path} is damaged (fold-0.safetensors was altered): it is moved aside and made again."]
    assert sorted(found.name for found in tmp_path.iterdir()) == [
        ".fold-0.safetensors.seal", "fold-0.safetensors.damaged-1"
    ]  # fmt: skip
    seals.write_sealed(path, lambda there: save_file({"vectors": np.ones(4, dtype=np.float32)}, there))
    assert seals.is_kept(path)


def test_without_a_seal_a_file_is_taken_as_it_is_and_a_damaged_seal_counts_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    pd.DataFrame({"completion": ["a"]}).to_parquet(path)
    assert seals.is_kept(path), "an earlier version wrote it"
    assert not seals.is_kept(tmp_path / "none")
    (tmp_path / ".part.parquet.seal").write_text("{")
    assert not seals.is_kept(path)


def test_a_file_that_cannot_be_written_has_no_seal(tmp_path: Path) -> None:
    def fails(_path: Path) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        seals.write_sealed(tmp_path / "x", fails)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda folder: _flip(folder / "model" / "weights"), "model/weights was altered"),
        (lambda folder: (folder / "state").unlink(), "state is missing"),
        (lambda folder: (folder / seals.SEAL).write_bytes(b"\xff"), "seal.json cannot be read"),
        (lambda folder: (folder / seals.SEAL).write_text("[]"), "seal.json cannot be read"),
        (lambda folder: (folder / seals.SEAL).unlink(), None),
        (lambda folder: (folder / ".DS_Store").write_text("x"), None),
    ],
)
def test_a_sealed_folder(tmp_path: Path, harm: object, fault: str | None) -> None:
    (tmp_path / "model").mkdir()
    for name in ("model/weights", "state"):
        write_text_to(name)(tmp_path / name)
    seals.seal_folder(tmp_path)
    assert seals.folder_fault(tmp_path) is None
    assert sorted(seals.folder_hashes(tmp_path)) == ["model/weights", "state"]
    harm(tmp_path)  # type: ignore[operator]
    assert seals.folder_fault(tmp_path) == fault
