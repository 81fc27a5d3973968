"""Runs on a disk that is full, in every stage."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from fault_trials.outcome import differences, outcome
from fault_trials.processes import forked
from fault_trials.systems import SYSTEMS, System
from tqdm import tqdm

_SIZE = 64 << 20
_PAGE = 4096
_LAST = "recommend"


def disk_trials(
    undisturbed: Mapping[str, Path], expected: Mapping[str, tuple[dict[str, str], float]], folder: Path, seed: int
) -> list[dict[str, Any]]:
    """Fill the disk in every stage of every system, free it, and compare what the next run leaves.

    Args:
        undisturbed: Folder of an undisturbed run, by system; its artifacts stand for the earlier stages.
        expected: What it left, and its wall time, by system.
        folder: Where the disk is mounted, beside the data.
        seed: Seed of how much room there is: a random share of what the stage writes.
    """
    rng = np.random.default_rng([seed, 1])
    with _disk(folder / "disk") as disk:
        for shared in ("data", "llm"):
            (disk / shared).symlink_to(folder / shared)
        rows = []
        stages = [(system, stage) for system in SYSTEMS for stage in _stages(undisturbed[system.name])]
        for system, stage in tqdm(stages, desc="disk", unit="stage"):
            place = disk / "run"
            need = _start_before(stage, undisturbed[system.name], place)
            rows.append(_trial(system, stage, place, int(need * rng.uniform(0, 1)), expected[system.name][0]))
            shutil.rmtree(place)
    return [*rows, _prepare_trial(folder)]


def _prepare_trial(folder: Path) -> dict[str, Any]:
    """``curec prepare`` on a full disk, and again with room."""
    raw = folder / "raw.jsonl"
    line = '{{"reviewerID": "A{u}", "asin": "B{i}", "overall": 4.0, "reviewText": "{t}", "unixReviewTime": {n}}}\n'
    raw.write_text("".join(line.format(u=n % 99, i=n % 77, n=n, t="word " * 40) for n in range(9000)))
    with _disk(folder / "disk") as disk:
        arguments = ["--source=amazon", f"--reviews={raw}", "--dataset=made", f"--out={disk}"]
        with _ballast(disk, 1 << 20):
            first = forked(arguments, folder, "prepare").result()
        left = [path.name for path in disk.rglob("*") if path.is_file()]
        again = forked(arguments, folder, "prepare").result()
        return {
            "system": "curec prepare",
            "stage": "prepare",
            "room": 1 << 20,
            "code": first.code,
            "said": first.error.replace(str(disk), "<disk>"),
            "in_one_sentence": first.in_one_sentence and "disk is full" in first.error,
            "made": bool(left),
            "again": again.code,
            "different": [],
        }


def _stages(undisturbed: Path) -> list[str]:
    """Names of the artifacts in the order in which they were made, and of the last stage, which makes none."""
    made = [path for path in (undisturbed / "saved" / "curec").glob("*/[!.]*") if path.is_dir()]
    return [path.name for path in sorted(made, key=lambda path: path.stat().st_mtime_ns)] + [_LAST]


def _start_before(stage: str, undisturbed: Path, place: Path) -> int:
    """Give a run the artifacts before a stage; returns the bytes that the stage writes."""
    names = _stages(undisturbed)
    target = place / "saved" / "curec" / "few"
    target.mkdir(parents=True)
    source = undisturbed / "saved" / "curec" / "few"
    for name in names[: names.index(stage)]:
        shutil.copytree(source / name, target / name)
    written = (undisturbed / "saved").glob("*.*") if stage == _LAST else (source / stage).rglob("*")
    return sum(-(-path.stat().st_size // _PAGE) * _PAGE for path in written if path.is_file())


def _trial(system: System, stage: str, place: Path, room: int, before: dict[str, str]) -> dict[str, Any]:
    with _ballast(place.parent, room):
        first = forked(system.arguments(), place).result()
        whole = [path.name for path in (place / "saved").rglob(f"{stage}") if path.is_dir()]
    again = forked(system.arguments(), place).result()
    return {
        "system": system.name,
        "stage": stage.rpartition("-")[0] or stage,
        "room": room,
        "code": first.code,
        "said": first.error.replace(str(place.parent), "<disk>"),
        "in_one_sentence": first.in_one_sentence and "disk is full" in first.error,
        "made": bool(whole),
        "again": again.code,
        "different": differences(before, outcome(place)) if again.code == 0 else [again.said[-2000:]],
    }


@contextlib.contextmanager
def _disk(place: Path) -> Iterator[Path]:
    """A small disk of its own.

    Raises:
        SystemExit: This user may not mount one.
    """
    place.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        raise SystemExit(f"A disk of its own cannot be mounted at {place}: run as root, or leave out --trials disk.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextlib.contextmanager
def _ballast(disk: Path, room: int) -> Iterator[None]:
    """Fill a disk up to so many bytes, and empty it again."""
    path, status = disk / "ballast", os.statvfs(disk)
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(_PAGE, status.f_bavail * status.f_frsize - room))
    try:
        yield
    finally:
        path.unlink()
