"""Faults that runs must survive: kills, a full disk, a clock that jumps, two runs at once, damaged files.

    python benchmarks/reliability.py --scratch=<folder with space>
    python benchmarks/reliability.py --trials=kills disk --kills=10 --scratch=<folder>

Every trial runs a small pipeline (benchmarks/fault_trials/systems.py) with a fault, then again without, and compares
the bytes of all artifacts, and the content of the checkpoints, with those of an undisturbed run. docs/reliability.md
says what was found. A full disk is a tmpfs of its own, which needs root; the clock is set by a library that the
system's C compiler makes.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import measuring

_TRIALS = ("kills", "disk", "clock", "together", "damage")


def main() -> None:
    """Run what the command line asks for, print a table and store the result."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--trials", nargs="+", choices=_TRIALS, default=list(_TRIALS))
    options.add_argument("--kills", type=int, default=30, help="kills of interpreters of their own, imports included")
    options.add_argument("--forked_kills", type=int, default=40, help="kills of forks, which have imported everything")
    args, _ = measuring.read(options)
    folder = args.scratch.absolute() / f"faults-{os.getpid()}"
    os.environ["FAULT_LOGS"] = str(folder / "logs")
    from fault_trials import processes
    from fault_trials.outcome import EXCLUDED_FIELDS, outcome
    from fault_trials.systems import SYSTEMS, write_data

    processes.import_everything()
    write_data(folder)
    expected: dict[str, Any] = {}
    undisturbed: dict[str, Path] = {}
    for system in SYSTEMS:
        place = folder / f"undisturbed-{system.name.replace(', ', '-')}"
        ended = processes.forked(system.arguments(), place).result()
        assert ended.code == 0, ended.said
        undisturbed[system.name] = place
        expected[system.name] = (outcome(place), ended.seconds)
        print(system.name, f"{ended.seconds:.1f} s", len(expected[system.name][0]), "results")
    from fault_trials import kills, full_disk, clocks, together
    import json

    if "kills" in args.trials:
        rows = kills.kill_trials(processes.forked, SYSTEMS, expected, folder, count=args.forked_kills, seed=args.seed)
        for r in rows:
            print(r)
    if "disk" in args.trials:
        for r in full_disk.disk_trials(undisturbed, expected, folder, args.seed):
            print(r)
        print(full_disk.prepare_trial(folder))
    if "clock" in args.trials:
        for r in clocks.clock_trials(expected, folder, args.seed):
            print(r)
    if "together" in args.trials:
        for r in together.together_trials(folder, count=1, seed=args.seed):
            print(r)


if __name__ == "__main__":
    main()
