"""Training over a million items: steps per second and peak memory by loss and by number of interactions.

    python benchmarks/large_catalogue.py

Interactions are made up: users draw items with a popularity that falls off as a power law, in a random order. They are
written as atomic files into a temporary folder and go through the whole path of a run: RecBole's ``create_dataset``
with our dataset, the model, RecBole's training loop. Every measurement is a process of its own, so that its peak memory
is its own. With ``--fusion`` other than none, random vectors stand in for the semantic features; they are written to
disk as the ``encode`` stage does and mapped from there.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import measuring
import numpy as np
import pandas as pd
import torch
from measuring import FirstBatches

from recbole_curec.features.store import FeatureStore
from recbole_curec.hardware import peak_memory_mib
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.plugin.trainers import window_loader

_NAME = "made-up"
_WARM = 3  # steps before the clock runs
_EVALUATED = 64  # users scored at once against every item: RecBole's eval_batch_size


def main() -> None:
    """Measure every combination, or in a child process one of them."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--items", type=int, default=1_000_000)
    options.add_argument("--users", type=int, default=100_000)
    options.add_argument("--interactions", type=int, nargs="+", default=[1_000_000, 4_000_000])
    options.add_argument("--losses", nargs="+", default=["sampled_CE", "BPR"], help="of CE, sampled_CE and BPR")
    options.add_argument("--fusion", nargs="+", default=["none"])
    options.add_argument("--steps", type=int, default=30, help="training steps timed")
    options.add_argument("--dim", type=int, default=64, help="size of the stand-in feature vectors")
    options.add_argument("--folder", type=Path, help="measure the one combination given, on the files here")
    args, given = measuring.read(options)
    given = measuring.layers(measuring.recbole_defaults("SASRec"), given)
    if args.folder:
        print(json.dumps(measure(args, given, args.losses[0], args.fusion[0])))
        return
    record: dict[str, Any] = {"benchmark": "large_catalogue", "items": args.items, "users": args.users, "runs": []}
    for interactions in args.interactions:
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder), args, interactions)
            for fusion in args.fusion:
                for loss in args.losses:
                    result = _child(folder, loss, fusion)
                    record["runs"].append({"interactions": interactions, "loss": loss, "fusion": fusion, **result})
                    print(record["runs"][-1], flush=True)
                    path = measuring.store(args.out, "large_catalogue", record, args.threads)
    print(path)


def write_files(folder: Path, args: Namespace, interactions: int) -> None:
    """Atomic files of made-up users, items and interactions, and feature vectors if a fusion needs them."""
    rng = np.random.default_rng(args.seed)
    (folder / _NAME).mkdir()
    popular = rng.permutation(args.items)
    users = np.repeat(np.arange(args.users), interactions // args.users)
    items = popular[(args.items * rng.random(len(users)) ** 3).astype(np.int64)]
    columns = {"user_id:token": users, "item_id:token": items, "timestamp:float": np.arange(len(users))}
    pd.DataFrame(columns).to_csv(folder / _NAME / f"{_NAME}.inter", sep="\t", index=False)
    # Every item is in the catalogue, whether or not somebody took it.
    pd.DataFrame({"item_id:token": np.arange(args.items)}).to_csv(folder / _NAME / f"{_NAME}.item", index=False)
    if set(args.fusion) != {"none"}:
        vectors = rng.standard_normal((args.items, args.dim), dtype=np.float32) / args.dim**0.5
        none = np.zeros((0, args.dim), dtype=np.float32)
        FeatureStore([str(item) for item in range(args.items)], vectors, [], none, vectors, none).save(folder)


def measure(args: Namespace, given: dict[str, Any], loss: str, fusion: str) -> dict[str, Any]:
    """Load, train for some steps, score one batch of users against every item."""
    fixed = {
        "data_path": str(args.folder), "loss": loss, "fusion": "none", "eval_batch_size": _EVALUATED,
        "load_col": {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id"]},
    }  # fmt: skip
    given = measuring.layers(given, fixed)
    config = load_config("CURec", _NAME, [], given)
    loaded: list[Any] = []
    spent = measuring.seconds(lambda: loaded.extend(split_data(config)))
    train, _, test = loaded
    figures: dict[str, Any] = {"dataset_seconds": round(spent, 1), "dataset_peak_mib": peak_memory_mib()}
    if fusion != "none":
        history = train.dataset.train_history()
        store = FeatureStore.load(args.folder)
        train.dataset.features = store.for_ids(history.item_tokens, history.user_tokens)
        # Not checked: these items have no text, and no stage is run.
        config = load_config("CURec", _NAME, [], measuring.layers(given, {"fusion": fusion}), check=False)
        figures["features_peak_mib"] = peak_memory_mib()
    trainer = new_trainer(config, train)
    figures["model_peak_mib"] = peak_memory_mib()
    windows = window_loader(config, train.dataset)
    trainer._windows = FirstBatches(windows, args.steps + _WARM + 1)
    while len(trainer._windows.steps) < args.steps + _WARM:
        trainer._train_epoch(train, 0)
    steps = trainer._windows.steps[_WARM:]
    figures |= {
        "n_items": train.dataset.item_num,
        "targets_per_step": config["train_batch_size"],
        "steps_per_epoch": len(windows),
        "steps_timed": len(steps),
        "step_seconds": measuring.summary(steps),
        "steps_per_second": round(1 / statistics.median(steps), 2),
        "peak_mib": peak_memory_mib(),
    }
    batch = next(iter(test))[0]
    trainer.model.eval()
    with torch.no_grad():
        scored = measuring.seconds(lambda: trainer.model.full_sort_predict(batch).view(len(batch), -1).topk(10))
    return figures | {"evaluation": {"users": len(batch), "seconds": round(scored, 3), "peak_mib": peak_memory_mib()}}


def _child(folder: str, loss: str, fusion: str) -> dict[str, Any]:
    command = [sys.executable, *sys.argv, f"--folder={folder}", "--losses", loss, "--fusion", fusion]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
