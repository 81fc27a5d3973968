"""Damaged files: those of artifacts, those beside a checkpoint, and those that an interrupted run goes on from."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fault_trials.outcome import checkpoint_of, content_hash, differences, outcome
from fault_trials.processes import Ended, forked
from fault_trials.systems import CUREC, RECCOT, SYSTEMS
from tqdm import tqdm

from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.checkpoints import load_plain

Expected = Mapping[str, tuple[dict[str, str], float]]
_TELLS = re.compile(r"is damaged \(|are left out of the log|is left out of the curves|are not shown")


def _truncate(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]


HARMS: dict[str, Callable[[bytes], bytes | None]] = {
    "cut in half": _truncate,
    "one bit": _flip,
    "emptied": lambda content: b"",
    "deleted": lambda content: None,
}


def harm(path: Path, name: str) -> None:
    """Damage a file; one that others link to is replaced."""
    content = HARMS[name](path.read_bytes())
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)


def looks(undisturbed: Mapping[str, Path], folder: Path) -> list[dict[str, Any]]:
    """Damage every file of every artifact in each way, and ask the artifact, as every command does before it reads."""
    rows = []
    for system in SYSTEMS:
        for made in _artifacts(undisturbed[system.name]):
            copy = folder / "look" / made.name
            shutil.copytree(made, copy)
            stage, _, key = made.name.rpartition("-")
            for path in _files(copy):
                before = path.read_bytes()
                for name in HARMS:
                    harm(path, name)
                    fault = Artifact(stage, key, copy.parent).fault()
                    rows.append(_row(system.name, made, path, name, "found" if fault else "silent", fault or ""))
                    path.write_bytes(before)
            shutil.rmtree(copy)
    return rows


def runs_over_artifacts(
    undisturbed: Mapping[str, Path], expected: Expected, folder: Path, *, count: int, seed: int
) -> list[dict[str, Any]]:
    """Damage a random file of a finished run, run the same command, and compare what it leaves."""
    rng, rows = np.random.default_rng([seed, 4]), []
    for number in tqdm(range(count), desc="damaged artifacts", unit="run"):
        system = SYSTEMS[number % len(SYSTEMS)]
        place = _copy(undisturbed[system.name], folder)
        made = _artifacts(place)
        artifact = made[(number // len(SYSTEMS)) % len(made)]
        path = rng.choice(np.array(_files(artifact), dtype=object))
        name = list(HARMS)[int(rng.integers(len(HARMS)))]
        harm(path, name)
        ended = forked(system.arguments(), place).result()
        rows.append(_row(system.name, artifact, path, name, *_judged(ended, expected[system.name][0], place)))
        shutil.rmtree(place)
    return rows


def readers(undisturbed: Mapping[str, Path], folder: Path) -> list[dict[str, Any]]:
    """Damage what a finished run left, and let ``curec recommend`` and ``curec explain`` read it."""
    rows = []
    commands = {CUREC.name: ("recommend", "explain"), RECCOT.name: ("explain",)}
    for system in (CUREC, RECCOT):
        place = _copy(undisturbed[system.name], folder)
        checkpoint = checkpoint_of(place)
        beside = sorted(checkpoint.parent.glob("*.*"))
        inside = [path for made in _artifacts(place) for path in _files(made)[:2]]
        for command in commands[system.name]:
            answer = place / ("told.csv" if command == "recommend" else "told.json")
            arguments = [f"--checkpoint={checkpoint.relative_to(place)}", "--users=u1,u2", f"--output={answer.name}"]
            whole = forked(arguments, place, command).result()
            if whole.code:
                raise SystemExit(f"curec {command} failed over undamaged files: {whole.said}")
            told = answer.read_bytes()
            for path in tqdm([*beside, *inside], desc=f"{command}, {system.name}", unit="file"):
                for name in ("one bit", "cut in half", "deleted") if path in beside else ("one bit",):
                    before = path.read_bytes()
                    harm(path, name)
                    answer.unlink()
                    ended = forked(arguments, place, command).result()
                    rows.append(_row(system.name, Path(command), path, name, *_answer(ended, answer, told)))
                    path.write_bytes(before)
                    answer.write_bytes(told)
        shutil.rmtree(place)
    return rows


def runs_over_scratch(expected: Expected, folder: Path, *, count: int, seed: int) -> list[dict[str, Any]]:
    """Kill runs at random moments, damage a random file that they would go on from, and let them end."""
    rng, rows = np.random.default_rng([seed, 5]), []
    with tqdm(total=count, desc="damaged scratch", unit="run") as bar:
        while len(rows) < count:
            system = SYSTEMS[len(rows) % len(SYSTEMS)]
            place = folder / "scratch"
            running = forked(system.arguments(), place)
            running.wait(float(rng.uniform(0, expected[system.name][1])))
            running.kill()
            left = [path for partial in (place / "saved").rglob("*.partial") for path in _files(partial)]
            if left:
                path = rng.choice(np.array(left, dtype=object))
                name = list(HARMS)[int(rng.integers(len(HARMS)))]
                harm(path, name)
                stage = path.relative_to(place / "saved" / "curec" / "few").parts[0]
                ended = forked(system.arguments(), place).result()
                judged = _judged(ended, expected[system.name][0], place)
                rows.append(_row(system.name, Path(stage), path, name, *judged))
                bar.update()
            shutil.rmtree(place, ignore_errors=True)
    return rows


def bits_of_a_checkpoint(undisturbed: Mapping[str, Path], *, count: int, seed: int) -> list[dict[str, Any]]:
    """Change one random bit of a checkpoint, and read it as this package does and as torch alone does."""
    path = checkpoint_of(undisturbed[CUREC.name])
    whole, before = path.read_bytes(), [content_hash(reader(path)) for reader in _READERS]
    rng, rows = np.random.default_rng([seed, 6]), []
    for _ in range(count):
        at, bit = int(rng.integers(len(whole))), int(rng.integers(8))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        read, alone = (_read(path, reader, known) for reader, known in zip(_READERS, before, strict=True))
        rows.append({"system": CUREC.name, "at": at, "bit": bit, "outcome": read, "torch alone": alone})
    path.write_bytes(whole)
    return rows


def _torch_alone(path: Path) -> Any:
    return torch.load(path, weights_only=True)


_READERS = (load_plain, _torch_alone)


def _read(path: Path, reader: Callable[[Path], Any], before: str) -> str:
    try:
        found = content_hash(reader(path))
    except Exception:  # noqa: BLE001 - torch raises whatever it stumbles over
        return "refused"
    return "not needed" if found == before else "silent"


def _judged(ended: Ended, before: dict[str, str], place: Path) -> tuple[str, str]:
    """What became of a run over a damaged file, and what it said."""
    if ended.code == 0:
        different = differences(before, outcome(place))
        said = _warned(ended)
        if not different:
            return ("made again" if said else "not needed"), said
        return ("other, and said" if said else "silent"), f"{different} {said}"
    return ("refused" if ended.in_one_sentence else "traceback"), ended.error or ended.said[-1000:]


def _answer(ended: Ended, answer: Path, told: bytes) -> tuple[str, str]:
    """What a reader of a damaged file did, and what it said."""
    if ended.code:
        return ("refused" if ended.in_one_sentence else "traceback"), ended.error or ended.said[-1000:]
    if answer.read_bytes() == told:
        return "not needed", ""
    return ("other, and said" if (said := _warned(ended)) else "silent"), said


def _warned(ended: Ended) -> str:
    """The first line that tells of the damage; empty if none does."""
    return next((line for line in ended.said.splitlines() if _TELLS.search(line)), "")


def _row(system: str, what: Path, path: Path, name: str, result: str, said: str) -> dict[str, Any]:
    return {
        "system": system,
        "in": what.name.rpartition("-")[0] or what.name,
        "file": path.name,
        "harm": name,
        "outcome": result,
        "said": said,
    }


def _copy(undisturbed: Path, folder: Path) -> Path:
    place = folder / "damaged"
    shutil.copytree(undisturbed, place)
    return place


def _artifacts(place: Path) -> list[Path]:
    return sorted(path for path in (place / "saved" / "curec").glob("*/[!.]*") if path.is_dir())


def _files(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".tmp"))
