"""Whether correction corrects: faults planted in the reasons of a run, found, repaired, replaced and left, by kind.

    python benchmarks/correction.py --dataset=ml-100k
    python benchmarks/correction.py --dataset=amazon-beauty --data_path=<folder> --artifact_dir=<folder>

Runs stages 1 to 5 with the settings given, or reuses their artifacts, plants faults in the stored reasons and runs the
run's own corrector (language model, reward model, teacher, settings) over them. Nothing is stored but the result.
"""

from __future__ import annotations

import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import measuring
from finished_run import FinishedRun

from recbole_curec.evaluation.fault_trial import TrialReport, run_trial
from recbole_curec.plugin.config import load_config

_COLUMNS = ("planted", "found", "repaired", "replaced", "left", "faulty_after", "reward_before", "reward_after")


def main() -> None:
    """Plant, correct, print the table and store it."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--faults", type=int, default=200, help="faults of each kind")
    args, given = measuring.read(options)
    report, figures = trial(args, load_config("CURec", args.dataset, [], given))
    print(table(report))
    record: dict[str, Any] = {
        "benchmark": "correction",
        "dataset": args.dataset,
        "seed": args.seed,
        "correction": {name: value for name, value in figures.items() if name != "wall_seconds"},
        "trial": report.record(),
    }
    print(measuring.store(args.out, f"correction-{args.dataset}", record, args.threads))


def trial(args: Namespace, config: Any) -> tuple[TrialReport, dict[str, Any]]:
    """The report, and the figures of the ``correct`` stage itself."""
    with tempfile.TemporaryDirectory() as scratch:
        run = FinishedRun.of(config, Path(scratch), args.seed, config["device"])
        carried = run.settings.select.carry_reasons
        report = run_trial(run.reasoner(), run.records, carried=carried, per_fault=args.faults, seed=args.seed)
    return report, run.artifacts["correct"].manifest()["figures"]


def table(report: TrialReport) -> str:
    """The report as a Markdown table."""
    lines = ["| fault | " + " | ".join(name.replace("_", " ") for name in _COLUMNS) + " |"]
    lines.append("|---" * (len(_COLUMNS) + 1) + "|")
    for fault, row in report.faults.items():
        cells = [f"{value:.3f}" if isinstance(value := getattr(row, name), float) else f"{value}" for name in _COLUMNS]
        lines.append(f"| {fault} | " + " | ".join(cells) + " |")
    lines.append(
        f"\n{report.good_changed} of {report.good} good reasons changed; "
        f"{report.teacher_flagged} of {report.teacher} teacher's sentences taken for broken or false."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
