"""How long an epoch and a validation take: RecBole's own model on its prefix table, and CURec at all positions.

    python benchmarks/epoch_time.py --dataset=ml-100k
    python benchmarks/epoch_time.py --dataset=amazon-beauty --data_path=<folder> --baseline_batches=8
    python benchmarks/epoch_time.py --dataset=ml-100k --converge --seeds 2020 2021 2022

Both sides have the same settings (RecBole's defaults of the model, unless ``--tuned``), the same targets per epoch, the
same threads, and fusion is none: the models have the same parameters. RecBole's side is its own dataset, loader, model
and trainer; it runs under our shims, one of which makes it faster (RecBole leaves autograd's anomaly mode on).

``--baseline_batches=N`` times the first N batches of RecBole's epoch and scales them up, which the result says; all of
its batches have the same shape. 0 times the whole epoch. ``--converge`` trains until early stopping, on the same rows
of the same split, and compares test metrics; runs that a result file holds already are not repeated.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import measuring
from measuring import FirstBatches, layers, seconds, summary

from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data

_RECORDED = (
    "MAX_ITEM_LIST_LENGTH", "train_batch_size", "learning_rate", "hidden_size", "embedding_size", "n_layers", "n_heads",
    "inner_size", "num_layers", "hidden_dropout_prob", "attn_dropout_prob", "dropout_prob", "loss_type", "eval_args",
    "metrics", "topk", "valid_metric", "epochs", "stopping_step", "seed",
)  # fmt: skip


def main() -> None:
    """Run what the command line asks for."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--backbone", default="SASRec")
    options.add_argument("--tuned", action="store_true", help="our settings for the dataset, not RecBole's defaults")
    options.add_argument("--rounds", type=int, default=3, help="timings of each side, taken in turn")
    options.add_argument("--baseline_batches", type=int, default=0, help="batches of RecBole's epoch to time; 0: all")
    options.add_argument("--converge", action="store_true", help="compare test metrics at convergence instead")
    options.add_argument("--seeds", type=int, nargs="+", default=[2020, 2021, 2022])
    options.add_argument("--modes", nargs="+", default=["prefixes", "all_positions"])
    args, given = measuring.read(options)
    if not args.tuned:
        given = measuring.layers(measuring.recbole_defaults(args.backbone), given)
    (converge if args.converge else compare)(args, given)


def compare(args: argparse.Namespace, given: dict[str, Any]) -> None:
    """Time both sides in turn and store the ratio."""
    ours_config = load_config("CURec", args.dataset, [], layers(given, _ours(args, "all_positions")))
    theirs_config = load_config(args.backbone, args.dataset, [], given)
    sides = {}
    for name, config in (("curec", ours_config), ("recbole", theirs_config)):
        train, valid, _ = split_data(config)
        sides[name] = train, valid, new_trainer(config, train)
    (ours_data, _, ours), (theirs_data, _, theirs) = sides["curec"], sides["recbole"]
    whole = len(theirs_data)
    timed = min(args.baseline_batches or whole, whole)
    ours._train_epoch(ours_data, 0)  # warm up both
    theirs._train_epoch(FirstBatches(theirs_data, 2), 0)
    times: dict[str, list[float]] = {"curec": [], "recbole": []}
    validations: dict[str, list[float]] = {"curec": [], "recbole": []}
    for turn in range(args.rounds):
        times["curec"].append(seconds(lambda turn=turn: ours._train_epoch(ours_data, turn)))
        part = FirstBatches(theirs_data, timed)
        spent = seconds(lambda part=part, turn=turn: theirs._train_epoch(part, turn))
        times["recbole"].append(part.until_first + (spent - part.until_first) * whole / timed)
        for name, (_, valid, trainer) in sides.items():
            validations[name].append(seconds(lambda trainer=trainer, valid=valid: trainer._valid_epoch(valid)))
        print(f"round {turn + 1}: CURec {times['curec'][-1]:.2f} s, RecBole {times['recbole'][-1]:.2f} s", flush=True)
    ratio = _ratio(times)
    record = {
        "benchmark": "epoch_time",
        "dataset": args.dataset,
        "backbone": args.backbone,
        "settings": measuring.plain(ours_config, _RECORDED),
        "targets_per_epoch": {
            "curec": int(ours._windows._windows.n_targets.sum()),
            "recbole": len(theirs_data.dataset),
        },
        "batches_per_epoch": {"curec": len(ours._windows), "recbole": whole},
        "parameters": {"curec": _size(ours), "recbole": _size(theirs)},
        "recbole_batches_timed": timed,
        "recbole_extrapolated": timed < whole,
        "epoch_seconds": {name: summary(values) for name, values in times.items()},
        "ratio": round(ratio, 1),
        "validation_seconds": {name: summary(values) for name, values in validations.items()},
        "validation_ratio": round(_ratio(validations), 1),
    }
    path = measuring.store(args.out, f"epoch_time_{args.dataset}{'_tuned' * args.tuned}", record, args.threads)
    print(
        f"{record['targets_per_epoch']} targets per epoch; CURec is {ratio:.1f} times faster, "
        f"{record['validation_ratio']} times at validation ({path})"
    )


def _ratio(times: dict[str, list[float]]) -> float:
    return statistics.median(times["recbole"]) / statistics.median(times["curec"])


def converge(args: argparse.Namespace, given: dict[str, Any]) -> None:
    """Train every mode with every seed until early stopping, and store test metrics and wall time."""
    path = args.out or measuring.RESULTS / f"converge_{args.dataset}{'_tuned' * args.tuned}.json"
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"] if path.is_file() else []
    for seed in args.seeds:
        for mode in args.modes:
            if any(run["seed"] == seed and run["train_mode"] == mode for run in runs):
                continue
            runs.append(_train(args, layers(given, {"seed": seed}), mode))
            print({key: runs[-1][key] for key in ("seed", "train_mode", "test", "epochs", "seconds")}, flush=True)
            _store_runs(args, path, given, runs)
    _store_runs(args, path, given, runs)


def _train(args: argparse.Namespace, given: dict[str, Any], mode: str) -> dict[str, Any]:
    config = load_config("CURec", args.dataset, [], layers(given, _ours(args, mode)))
    train, valid, test = split_data(config)
    trainer = new_trainer(config, train)
    start = perf_counter()
    _, best = trainer.fit(train, valid, verbose=False, saved=True, show_progress=False)
    spent = perf_counter() - start
    tested = trainer.evaluate(test, load_best_model=True, show_progress=False)
    Path(trainer.saved_model_file).unlink()
    return {
        "seed": config["seed"],
        "train_mode": mode,
        "epochs": len(trainer.train_loss_dict),
        "seconds": round(spent, 1),
        "valid": {key: float(value) for key, value in best.items()},
        "test": {key: float(value) for key, value in tested.items()},
    }


def _store_runs(args: argparse.Namespace, path: Path, given: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    config = load_config("CURec", args.dataset, [], layers(given, _ours(args, "all_positions")))
    metric = str(config["valid_metric"]).lower()
    means = {}
    for mode in dict.fromkeys(run["train_mode"] for run in runs):
        values = [run["test"][metric] for run in runs if run["train_mode"] == mode]
        spread = statistics.stdev(values) if len(values) > 1 else None
        means[mode] = {"seeds": len(values), "mean": round(statistics.mean(values), 5), "stdev": spread}
    settings = measuring.plain(config, tuple(key for key in _RECORDED if key != "seed"))
    record = {
        "benchmark": "converge", "dataset": args.dataset, "backbone": args.backbone, "settings": settings,
        "metric": metric, "test": means, "runs": runs,
    }  # fmt: skip
    measuring.store(path, "", record, args.threads)
    print(f"test {metric}: {means} ({path})", flush=True)


def _ours(args: argparse.Namespace, mode: str) -> dict[str, Any]:
    return {"backbone": args.backbone, "fusion": "none", "train_mode": mode}


def _size(trainer: Any) -> int:
    return sum(parameter.numel() for parameter in trainer.model.parameters())


if __name__ == "__main__":
    sys.exit(main())
