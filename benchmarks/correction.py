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
from recbole.data import create_dataset
from recbole.utils import init_seed

from recbole_curec.data.collected import Collected
from recbole_curec.evaluation.fault_trial import TrialReport, run_trial
from recbole_curec.pipeline.stage import StageContext
from recbole_curec.pipelines.curec import STAGES, data_source, run_stages
from recbole_curec.plugin.config import load_config
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.correct import corrector_of

_COLUMNS = ("planted", "found", "repaired", "replaced", "left", "faulty_after", "reward_before", "reward_after")


def main() -> None:
    """Plant, correct, print the table and store it."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--faults", type=int, default=200, help="faults of each kind")
    args, given = measuring.read(options)
    # The stages' own run is enough: without fusion the dataset does not ask for features as well.
    config = load_config("CURec", args.dataset, [], given | {"fusion": "none"})
    init_seed(config["seed"], config["reproducibility"])
    report, figures = trial(args, config)
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
    settings = Settings.from_mapping(config.final_config_dict)
    history = create_dataset(config).build()[0].train_history()
    artifacts = run_stages(config, history)
    needs = next(stage.needs for stage in STAGES if stage.name == "correct")
    collected = Collected.load(artifacts["collect"].folder)
    records = read_records(artifacts["correct"].folder / STORE)
    with tempfile.TemporaryDirectory() as scratch:
        context = StageContext(
            settings=settings,
            source=data_source(config, history),
            folder=artifacts["correct"].folder,
            scratch=Path(scratch),
            inputs={name: artifacts[name].folder for name in needs},
            seed=settings.run.reason_seed,
            device=config["device"],
            show_progress=False,
        )
        corrector = corrector_of(context, collected)
        report = run_trial(corrector, collected, records, per_fault=args.faults, seed=args.seed)
    return report, artifacts["correct"].manifest()["figures"]


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
