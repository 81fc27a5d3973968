"""What an epoch and a validation of a late fusion cost beside one tower: CPU time and wall time, taken in turn.

    python benchmarks/late_epoch_time.py --dataset=ml-100k --late.towers="[none, gate]"
    python benchmarks/late_epoch_time.py --dataset=amazon-beauty --data_path=<folder>

The one tower is that of ``--tower``, with the same settings, batches and features. Features are those of item text
alone, so no language model is trained. CPU time is of this process: on a shared machine it says more than wall time.
"""

from __future__ import annotations

import statistics
import sys
from time import perf_counter, process_time
from typing import Any

import measuring
from measuring import layers, summary

from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data

_RECORDED = (
    "MAX_ITEM_LIST_LENGTH", "train_batch_size", "hidden_size", "embedding_size", "n_layers", "n_heads", "inner_size",
    "loss_type", "recommend.train_mode", "encode.feature_dim", "late.towers", "seed",
)  # fmt: skip


def main() -> None:
    """Time both in turn and store the ratios."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--model", default="CURec")
    options.add_argument("--tower", default="gate", help="fusion of the single tower")
    options.add_argument("--rounds", type=int, default=3, help="timings of each, taken in turn")
    args, given = measuring.read(options)
    given = layers(given, {"encode.reason_source": "none"})
    sides: dict[str, tuple[Any, Any, Any]] = {}
    for name, fusion in (("one tower", args.tower), ("late", "late")):
        config = load_config(args.model, args.dataset, [], layers(given, {"recommend.fusion": fusion}))
        train, valid, _ = split_data(config)
        trainer = new_trainer(config, train)
        trainer.eval_collector.data_collect(train)
        trainer._train_epoch(train, 0)  # warm up
        sides[name] = train, valid, trainer
    times: dict[str, dict[str, list[float]]] = {
        what: {name: [] for name in sides} for what in ("epoch_cpu", "epoch_wall", "validation_cpu")
    }
    for turn in range(args.rounds):
        for name, (train, valid, trainer) in sides.items():
            cpu, wall = process_time(), perf_counter()
            trainer._train_epoch(train, turn + 1)
            times["epoch_cpu"][name].append(process_time() - cpu)
            times["epoch_wall"][name].append(perf_counter() - wall)
            cpu = process_time()
            trainer._valid_epoch(valid)
            times["validation_cpu"][name].append(process_time() - cpu)
        print({what: {name: round(of[name][-1], 2) for name in of} for what, of in times.items()}, flush=True)
    ratios = {what: round(_ratio(of), 2) for what, of in times.items()}
    record = {
        "benchmark": "late_epoch_time",
        "dataset": args.dataset,
        "tower": args.tower,
        "settings": measuring.plain(config, _RECORDED),
        "seconds": {what: {name: summary(values) for name, values in of.items()} for what, of in times.items()},
        "ratios": ratios,
    }
    path = measuring.store(args.out, f"late_epoch_time_{args.dataset}", record, args.threads)
    print(f"late to one tower: {ratios} ({path})")


def _ratio(times: dict[str, list[float]]) -> float:
    return statistics.median(times["late"]) / statistics.median(times["one tower"])


if __name__ == "__main__":
    sys.exit(main())
