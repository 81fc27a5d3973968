"""Lists as files: Parquet or CSV, a batch at a time, whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.serving.files import check_output, write_lists

ODD = ["1", "007", "a,b", 'say "hi"', "two\nlines", "é\u200b漢", "", "1e5", "NaN"]


def tables() -> Iterator[pd.DataFrame]:
    """Two batches with ids that a careless writer would break."""
    for part in (ODD[:4], ODD[4:]):
        yield pd.DataFrame(
            {
                "user": np.asarray(part, dtype=object),
                "rank": np.arange(1, len(part) + 1),
                "item": np.asarray(part[::-1]),
                "score": np.linspace(0.1, -1e-7, len(part), dtype=np.float32),
            }
        )


@pytest.mark.parametrize("name", ["lists.parquet", "below/lists.csv"])
def test_every_row_comes_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert write_lists(tables(), path) == len(ODD)
    expected = pd.concat(list(tables()), ignore_index=True)
    if path.suffix == ".parquet":
        found = pd.read_parquet(path)
        assert found.dtypes.astype(str).tolist() == ["object", "int32", "object", "float32"]
        assert pq.ParquetFile(path).num_row_groups == 2, "a batch at a time"
    else:
        found = pd.read_csv(path, dtype={"user": str, "item": str, "score": np.float32}, keep_default_na=False)
    assert list(found) == ["user", "rank", "item", "score"]
    for column in found:
        assert found[column].tolist() == expected[column].tolist(), column
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_no_lists_are_a_file_without_rows(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"lists{suffix}"
    assert write_lists([], path) == 0
    found = pd.read_parquet(path) if suffix == ".parquet" else pd.read_csv(path)
    assert (list(found), len(found)) == (["user", "rank", "item", "score"], 0)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_only_one_batch_is_held(tmp_path: Path, suffix: str) -> None:
    asked: list[int] = []
    path = tmp_path / f"lists{suffix}"

    def watched() -> Iterator[pd.DataFrame]:
        for number, table in enumerate(tables()):
            asked.append(number)
            (temporary,) = tmp_path.iterdir()
            assert temporary.name.startswith("."), "the file has its name only when it is whole"
            yield table

    write_lists(watched(), path)
    assert asked == [0, 1]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_failure_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"lists{suffix}"
    path.write_text("old")

    def fails() -> Iterator[pd.DataFrame]:
        yield next(tables())
        raise ConfigurationError("top_k: 0 must be at least 1.")

    with pytest.raises(ConfigurationError, match="top_k"):
        write_lists(fails(), path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_places_that_cannot_be_written_are_named_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "folder.csv").mkdir()
    for place, said in [
        ("lists.json", "must end in .parquet or .csv: rename it."),
        ("lists", "must end in .parquet or .csv: rename it."),
        ("folder.csv", "is a folder: give the name of a file in it."),
        ("taken/lists.csv", "is a file; choose another folder."),
    ]:
        for call in (check_output, lambda path: write_lists((pytest.fail("a list was made") for _ in "x"), path)):
            with pytest.raises(ConfigurationError) as error:
                call(tmp_path / place)
            assert str(error.value).endswith(said)
    check_output(tmp_path / "new" / "lists.parquet")
    assert not (tmp_path / "new").exists()
