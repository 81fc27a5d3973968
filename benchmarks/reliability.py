"""Faults that runs must survive: kills, a full disk, a clock that jumps, two runs at once, damaged files.

    python benchmarks/reliability.py --scratch=<folder with space>
    python benchmarks/reliability.py --trials kills disk --kills=10 --scratch=<folder>

Every trial runs a small pipeline (benchmarks/fault_trials/systems.py) with a fault, then again without, and compares
the bytes of all artifacts, and the content of the checkpoints, with those of an undisturbed run. docs/reliability.md
says what was found. A full disk is a tmpfs of its own, which needs root; the clock is set by a library that the
system's C compiler makes. Trials that a result file holds already are kept where they are not asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import measuring

_TRIALS = ("kills", "forked_kills", "disk", "clock", "together", "damage", "bits")
_OUTCOMES = {
    "found": "the damage was found",
    "made again": "said, made again, same bytes",
    "refused": "refused in one sentence, exit code 2",
    "not needed": "nothing needed the file, same bytes",
    "other, and said": "a log lacks the damaged part, which is said",
}


def main() -> None:
    """Run what the command line asks for, print a table and store the result."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--trials", nargs="+", choices=_TRIALS, default=list(_TRIALS))
    options.add_argument("--kills", type=int, default=30, help="kills of interpreters of their own, imports included")
    options.add_argument("--forked_kills", type=int, default=30, help="kills of forks, which have imported everything")
    options.add_argument("--pairs", type=int, default=2, help="pairs of runs at once, of each kind and system")
    options.add_argument("--damaged", type=int, default=60, help="runs over a damaged artifact")
    options.add_argument("--bits", type=int, default=300, help="bits of a checkpoint that are changed, one at a time")
    options.add_argument("--damaged_scratch", type=int, default=40, help="runs that go on from a damaged file")
    args, _ = measuring.read(options)
    folder = args.scratch.absolute() / f"faults-{os.getpid()}"
    os.environ["FAULT_LOGS"] = str(folder / "logs")
    os.environ.setdefault("MPLCONFIGDIR", str(folder / "fonts"))  # every run would look for fonts for seconds
    path = args.out or measuring.RESULTS / "reliability.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["trials"] if path.is_file() else {}
    trials = _Trials(args, folder)
    for name in args.trials:
        rows[name] = trials.run(name)
        record = {"benchmark": "reliability", "seed": args.seed, "trials": rows}
        stored = measuring.store(path, "reliability", record, args.threads)
        print(table(rows), flush=True)
    shutil.rmtree(folder)
    print(stored)


class _Trials:
    """The trials, over undisturbed runs of all systems that are made first.

    Args:
        args: The command line.
        folder: Where everything lies.
    """

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        from fault_trials import processes
        from fault_trials.outcome import outcome
        from fault_trials.systems import SYSTEMS, write_data

        self._args, self._folder = args, folder
        processes.import_everything()
        write_data(folder)
        self._expected: dict[str, tuple[dict[str, str], float]] = {}
        self._undisturbed: dict[str, Path] = {}
        for system in SYSTEMS:
            place = folder / f"undisturbed-{system.name.replace(', ', '-')}"
            ended = processes.forked(system.arguments(), place).result()
            if ended.code:
                raise SystemExit(f"The undisturbed run of {system.name} failed: {ended.said}")
            self._undisturbed[system.name] = place
            self._expected[system.name] = (outcome(place), ended.seconds)

    def run(self, name: str) -> Any:
        """The rows of one kind of trials."""
        from fault_trials import clocks, full_disk, together

        args, folder, expected = self._args, self._folder, self._expected
        kinds: dict[str, Callable[[], Any]] = {
            "kills": self._kills,
            "forked_kills": self._forked_kills,
            "disk": lambda: full_disk.disk_trials(self._undisturbed, expected, folder, args.seed),
            "clock": lambda: clocks.clock_trials(expected, folder, args.seed),
            "together": lambda: together.together_trials(folder, count=args.pairs, seed=args.seed),
            "damage": self._damage,
            "bits": self._bits,
        }
        return kinds[name]()

    def _kills(self) -> list[dict[str, Any]]:
        """Kills of interpreters of their own, over the wall time of a whole run, imports included."""
        from fault_trials import kills, processes
        from fault_trials.systems import CUREC, RECCOT

        timed = {}
        for system in (CUREC, RECCOT):
            place = self._folder / "timed"
            timed[system.name] = (
                self._expected[system.name][0],
                processes.fresh(system.arguments(), place).result().seconds,
            )
            shutil.rmtree(place)
        count, seed = self._args.kills, self._args.seed
        return kills.kill_trials(processes.fresh, (CUREC, RECCOT), timed, self._folder, count=count, seed=seed)

    def _forked_kills(self) -> list[dict[str, Any]]:
        from fault_trials import kills, processes
        from fault_trials.systems import SYSTEMS

        count, seed = self._args.forked_kills, self._args.seed + 1
        return kills.kill_trials(processes.forked, SYSTEMS, self._expected, self._folder, count=count, seed=seed)

    def _bits(self) -> list[dict[str, Any]]:
        from fault_trials import damage

        return damage.bits_of_a_checkpoint(self._undisturbed, count=self._args.bits, seed=self._args.seed)

    def _damage(self) -> dict[str, list[dict[str, Any]]]:
        from fault_trials import damage

        args, folder, undisturbed = self._args, self._folder, self._undisturbed
        return {
            "every file of every artifact": damage.looks(undisturbed, folder),
            "the command over a damaged artifact": damage.runs_over_artifacts(
                undisturbed, self._expected, folder, count=args.damaged, seed=args.seed
            ),
            "recommend and explain": damage.readers(undisturbed, folder),
            "what an interrupted run goes on from": damage.runs_over_scratch(
                self._expected, folder, count=args.damaged_scratch, seed=args.seed
            ),
        }


def table(trials: Mapping[str, Any]) -> str:
    """The counts as Markdown."""
    rows = [("fault", "trials", "survived", "how")]
    for name in ("kills", "forked_kills"):
        if name in trials:
            rows.append(_kill_row(name, trials[name]))
    if "disk" in trials:
        good = [row for row in trials["disk"] if _disk_survived(row)]
        rows.append(
            (
                "disk full",
                str(len(trials["disk"])),
                str(len(good)),
                "exit code 2, one sentence, nothing half-written, same bytes after",
            )
        )
    if "clock" in trials:
        good = [row for row in trials["clock"] if not (row["code"] or row["different"] or row["wrong_durations"])]
        rows.append(("clock jumps", str(len(trials["clock"])), str(len(good)), "same bytes, right durations"))
    if "together" in trials:
        good = [row for row in trials["together"] if _together_survived(row)]
        waited = sum(row["said_that_it_waits"] > 0 for row in trials["together"])
        how = f"same bytes, no stage made twice; in {waited} one waited, and said so"
        rows.append(("two runs in one folder", str(len(trials["together"])), str(len(good)), how))
    for name, damaged in trials.get("damage", {}).items():
        counts = Counter(row["outcome"] for row in damaged)
        good = sum(counts[outcome] for outcome in _OUTCOMES)
        how = "; ".join(f"{counts[one]} {said}" for one, said in _OUTCOMES.items() if counts[one])
        rows.append((f"damage: {name}", str(len(damaged)), str(good), how))
    if "bits" in trials:
        rows.append(_bits_row(trials["bits"]))
    rows.insert(1, ("---", "---:", "---:", "---"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _kill_row(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, str, str]:
    kills = sum(len(row["killed_in"]) for row in rows)
    left = Counter(kind for row in rows for kind, count in row["leftovers"].items() if count)
    how = f"{kills} kills; same bytes" + "".join(f"; {kind} left in {count}" for kind, count in left.items())
    good = sum(not (row["code"] or row["different"]) for row in rows)
    return name.replace("_", " "), str(len(rows)), str(good), how


def _bits_row(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, str, str]:
    ours, alone = (Counter(row[reader] for row in rows) for reader in ("outcome", "torch alone"))
    how = f"{ours['refused']} refused; {ours['not needed']} change nothing that is read"
    how += f"; torch alone reads other values in {alone['silent']}"
    return "one bit of a checkpoint", str(len(rows)), str(len(rows) - ours["silent"]), how


def _disk_survived(row: Mapping[str, Any]) -> bool:
    return bool(row["in_one_sentence"]) and not (row["made"] or row["again"] or row["different"])


def _together_survived(row: Mapping[str, Any]) -> bool:
    return not (any(row["codes"]) or row["computed_twice"] or row["different"])


if __name__ == "__main__":
    main()
