"""What a run needs around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checks.environment import check_output_folder
from tests.conftest import AtomicDataset


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("taken", "saved: 'taken' cannot be a folder: .*taken' is a file"),
        ("taken/below/it", "saved: 'taken/below/it' cannot be a folder: .*taken' is a file"),
        ("a\0b", "saved: 'a.x00b' cannot be a folder: a path holds no NUL"),
        ("x" * 300, "saved: .*cannot be written .*name too long"),
        ("/proc/saved", "saved: '/proc/saved' cannot be written"),
        ("", "saved='' cannot be used: it must be the path of a folder"),
        (3, "saved=3 cannot be used"),
    ],
)
def test_folders_that_cannot_be_written(folder: Any, message: str) -> None:
    Path("taken").touch()
    with pytest.raises(ConfigurationError, match=f"(?i)^{message}"):
        check_output_folder("saved", folder)
    assert [path.name for path in Path().iterdir()] == ["taken"]


def test_a_folder_to_be_made_is_not_made_yet() -> None:
    check_output_folder("saved", "new/below")
    assert not list(Path().iterdir())


def test_artifacts_may_lie_where_nothing_can_be_written(load: Callable[..., Any], toy: AtomicDataset) -> None:
    assert load("CURec", toy, artifact_dir="/proc/self")["run.artifact_dir"] == "/proc/self"
    with pytest.raises(ConfigurationError, match=r"^artifact_dir: '/proc/none' cannot be written"):
        load("CURec", toy, artifact_dir="/proc/none")


@pytest.mark.parametrize("harmless", [{"nproc": 1}, {"world_size": 1}])
def test_one_process_may_be_asked_for(load: Callable[..., Any], toy: AtomicDataset, harmless: dict[str, Any]) -> None:
    assert load("BPR", toy, **harmless)["model"] == "BPR"


def test_use_gpu_decides(load: Callable[..., Any], toy: AtomicDataset) -> None:
    assert load("BPR", toy, gpu_id="0,1")["gpu_id"] == "0,1"
    assert load("BPR", toy, gpu_id=[0, 1])["gpu_id"] == "0,1"
    unused = load("BPR", toy, gpu_id="0,1", use_gpu=False)
    assert (unused["gpu_id"], str(unused["device"])) == ("", "cpu")
