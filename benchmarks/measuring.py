"""What the benchmarks share: their command line, timing, and storing a result."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

# What knows RecBole is imported where it is used: the benchmarks of language models run without it.
from recbole_curec.hardware import package_versions, processor

RESULTS = Path(__file__).parent / "results"


def parser(description: str) -> argparse.ArgumentParser:
    """Options that every benchmark has; what argparse does not know is a RecBole setting (``--key=value``)."""
    options = argparse.ArgumentParser(description=description, allow_abbrev=False)
    options.add_argument("--threads", type=int, default=1, help="torch threads, the same for everything measured")
    options.add_argument("--seed", type=int, default=2020)
    options.add_argument("--scratch", type=Path, default=Path("saved"), help="where checkpoints go")
    options.add_argument("--out", type=Path, help="result file; by default below benchmarks/results")
    return options


def read(options: argparse.ArgumentParser) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Options and RecBole settings of the command line; sets the threads."""
    from recbole_curec.plugin.arguments import parse_overrides

    args, rest = options.parse_known_args()
    torch.set_num_threads(args.threads)
    given = parse_overrides(rest)
    given |= {"seed": args.seed, "checkpoint_dir": str(args.scratch), "show_progress": False, "state": "WARNING"}
    return args, given


def layers(*dicts: Mapping[str, Any]) -> dict[str, Any]:
    """Settings merged one by one, whether they are given in sections or by flat names; later dicts win."""
    from recbole_curec.plugin.config import merged

    found: dict[str, Any] = {}
    for settings in dicts:
        found = merged(found, settings)
    return found


def recbole_defaults(model: str) -> dict[str, Any]:
    """RecBole's own defaults of a model and of training, which our tuned settings for a dataset would replace.

    All but the loss, which is CE on both sides unless the command line has another.
    """
    from recbole_curec.plugin import recbole_keys

    training = ("train_batch_size", "learning_rate", "weight_decay", "epochs", "stopping_step")
    own = {key: value for key, value in recbole_keys.model_defaults(model).items() if key != "loss_type"}
    return own | {key: recbole_keys.general_defaults()[key] for key in training}


class FirstBatches:
    """The first batches of a loader.

    Attributes:
        until_first: Seconds the loader took to hand out its first batch.
        steps: Seconds from one batch to the next, one fewer than there are batches.
    """

    def __init__(self, loader: Any, count: int) -> None:
        self.loader, self.count, self.shuffle = loader, count, loader.shuffle
        self.until_first = 0.0
        self.steps: list[float] = []

    def __len__(self) -> int:
        return min(self.count, len(self.loader))

    def __iter__(self) -> Iterator[Any]:
        last = perf_counter()
        for number, batch in enumerate(islice(self.loader, len(self))):
            now = perf_counter()
            if number == 0:
                self.until_first = now - last
            else:
                self.steps.append(now - last)
            last = now
            yield batch


def seconds(action: Any) -> float:
    """Wall time of a call."""
    start = perf_counter()
    action()
    return perf_counter() - start


def summary(values: list[float]) -> dict[str, Any]:
    """Median, extremes and every value."""
    rounded = [round(value, 3) for value in values]
    return {"median": round(statistics.median(values), 3), "min": min(rounded), "max": max(rounded), "all": rounded}


def plain(config: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    """Some settings of a config, for the record."""
    return {key: config[key] for key in keys if key in config}


def environment(threads: int) -> dict[str, Any]:
    """Versions and hardware."""
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.system(),
        "packages": package_versions(),
    }


def store(path: Path | None, name: str, record: Mapping[str, Any], threads: int) -> Path:
    """Write a result as JSON."""
    path = path or RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    content = {**record, "environment": environment(threads), "date": when}
    path.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    return path
