"""Files are whole or not there, whatever goes wrong while they are written."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from recbole_curec.atomic_write import check_folder, is_disk_full, write_text, write_text_to, write_whole
from recbole_curec.errors import ConfigurationError, DiskFullError


def _failing(error: Exception) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text("half")
        raise error

    return write


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError, "The disk is full: nothing more can be"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFullError, "The disk is full"),
        (RuntimeError("write failed: no space left on device"), DiskFullError, "The disk is full"),
        (OSError(errno.EACCES, "Permission denied", "b"), ConfigurationError, r"'b' cannot be written \(Permission"),
        (RuntimeError("a fault of the writer"), RuntimeError, "a fault of the writer"),
    ],
)
def test_a_failure_while_writing_leaves_the_old_files(
    tmp_path: Path, error: Exception, kind: type[Exception], said: str
) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("old")
    with pytest.raises(kind, match=said):
        write_whole({first: write_text_to("new"), second: _failing(error)})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert first.read_text() == "old"


def test_several_files_are_written_together(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "below" / "b"
    first.write_text("old")
    write_whole({first: write_text_to("new"), second: write_text_to("\u00fc\n")})
    assert (first.read_text(), second.read_bytes()) == ("new", "\u00fc\n".encode())
    write_text(first, "newer")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "below"]
    assert first.read_text() == "newer"


def test_other_errors_are_no_full_disk(tmp_path: Path) -> None:
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"), tmp_path)
    assert not is_disk_full(RuntimeError("PytorchStreamWriter failed writing file"), tmp_path)  # there is room


@pytest.mark.parametrize(
    "said",
    [
        "[enforce fail at inline_container.cc:672] . unexpected pos 69440 vs 69328",
        "basic_ios::clear: iostream error",
        "PytorchStreamWriter failed writing file data/0: file write failed",
    ],
)
def test_what_torch_says_means_a_full_disk_where_nothing_is_left(
    tmp_path: Path, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_disk_full(RuntimeError(said), tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=4096))
    assert is_disk_full(RuntimeError(said), tmp_path)


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check_folder(tmp_path / "new" / "folder")
    with pytest.raises(ConfigurationError, match="is a file; choose another folder"):
        check_folder(tmp_path / "file" / "below")
