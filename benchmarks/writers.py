"""Writers side by side: what each writes for the same held-out prompts, how much of it is true, and what it costs.

    python benchmarks/writers.py --writer=tiny --dataset=ml-100k --reason_seed 2020 2021 2022
    python benchmarks/writers.py --writer=unaligned --llm=smollm2 --dataset=ml-100k --reason_seed 2020
    python benchmarks/writers.py --writer=aligned --llm=smollm2 --dataset=ml-100k --reason_seed 2020
    python benchmarks/writers.py --compare benchmarks/results/writers_ml-100k_*.json

``tiny`` and ``aligned`` measure the drafts of the model after alignment and after RL, and the corrected reasons;
``unaligned`` the drafts of the pretrained model as it was released, from the same facts. The prompts are those that
correction sends for drafts, of users that neither the reward model nor RL was trained on; with one ``reason_seed`` they
are the same for every writer. Stages that are finished are reused, the others are run first. A seed may have a process
of its own; ``--compare`` puts the files together, with means and ranges over seeds, and tests the drafts after RL
against those before it, prompt by prompt.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import measuring
import torch
import writer_rows
import writer_tables
from finished_run import FinishedRun

from recbole_curec.plugin.config import load_config
from recbole_curec.settings.sections import TINY

_STAGES = ("collect", "align", "reward", "reinforce", "correct")


def main() -> None:
    """Measure a writer, or compare what was measured."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--writer", choices=writer_rows.WRITERS)
    options.add_argument("--llm", help="the pretrained model of unaligned and aligned")
    options.add_argument("--reason_seed", type=int, nargs="+", default=[2020], help="one run of the stages each")
    options.add_argument("--prompts", type=int, default=256, help="held-out prompts")
    options.add_argument("--examples", type=int, default=10, help="reasons shown, drawn at random")
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--compare", type=Path, nargs="+", help="result files to put side by side")
    args, given = measuring.read(options)
    if args.compare:
        print(writer_tables.comparison([json.loads(path.read_text(encoding="utf-8")) for path in args.compare]))
        return
    _check(options, args)
    name = "_".join(("writers", args.dataset, _label(args), "-".join(map(str, args.reason_seed))))
    record: dict[str, Any] = {
        "benchmark": "writers",
        "dataset": args.dataset,
        "writer": _label(args),
        "prompts": args.prompts,
        "device": torch.cuda.get_device_name() if args.device.startswith("cuda") else args.device,
        "runs": [],
    }
    for seed in args.reason_seed:
        record["runs"].append(measure(args, given, seed))
        path = measuring.store(args.out, name, record, args.threads)  # after every seed, for each may take an hour
    print(writer_tables.comparison([record]))
    print(path)


def measure(args: argparse.Namespace, given: dict[str, Any], seed: int) -> dict[str, Any]:
    """One run of the stages: its settings, what its writers wrote, and what its stages took."""
    llm = TINY if args.writer == TINY else args.llm
    own = {"llm.name": llm, "run.reason_seed": seed, "use_gpu": args.device != "cpu", "num_threads": args.threads}
    config = load_config("CURec", args.dataset, [], measuring.layers(given, own))
    args.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="writers-", dir=args.scratch) as scratch:
        run = FinishedRun.of(config, Path(scratch), seed, torch.device(args.device))
        rows = writer_rows.rows(run, args.writer, args.prompts, args.examples)
    manifests = {stage: run.artifacts[stage].manifest() for stage in _STAGES}
    settings: dict[str, Any] = {}
    for manifest in manifests.values():
        settings |= manifest["settings"]
    return {
        "reason_seed": seed,
        "settings": settings,
        "stages": {
            stage: {"seconds": made["wall_seconds"], "peak_memory_mib": made["peak_memory_mib"]}
            for stage, made in manifests.items()
        },
        "rows": rows,
    }


def _check(options: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if args.writer is None:
        options.error(f"--writer is missing: give one of {', '.join(writer_rows.WRITERS)}, or --compare with files.")
    if args.writer != TINY and args.llm in (None, TINY):
        options.error(f"--writer={args.writer} needs a pretrained model: give --llm, such as --llm=smollm2.")
    if args.writer == TINY and args.llm not in (None, TINY):
        options.error(f"--writer=tiny and --llm={args.llm} contradict each other: leave --llm out.")
    if min(args.prompts, args.examples) < 1:
        options.error("--prompts and --examples must be at least 1.")


def _label(args: argparse.Namespace) -> str:
    """Name of the writer: the tiny model, or the pretrained one, unaligned or not."""
    if args.writer == TINY:
        return TINY
    model = Path(args.llm).name
    return f"{model}-unaligned" if args.writer == writer_rows.UNALIGNED else model


if __name__ == "__main__":
    main()
