"""Time, peak memory and bytes on disk of every stage of CURec over made-up data of growing size.

    python benchmarks/scale.py --interactions 100000 1000000

Users and items are each a tenth of the interactions unless given. Every step is a process of its own, so that its peak
memory is its own: the dataset (RecBole's files, filters and split), stages 1 to 6, and stage 7, of which some training
steps are timed. Training steps and reasons are few and the same for every size, so what grows is what the data cost.
Other settings of a run follow as usual (``--encode.feature_dim=128``).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measuring
import numpy as np
from made_up_data import write_dataset

from recbole_curec.data.history import TrainHistory
from recbole_curec.hardware import peak_memory_mib
from recbole_curec.pipelines.curec import STAGES, curec_pipeline
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.experiment import new_trainer, split_data
from recbole_curec.plugin.features import artifact_root, data_source
from recbole_curec.plugin.trainers import window_loader
from recbole_curec.settings.travel import settings_of

_NAME, _HISTORY = "made-up", "history.npz"
_DATASET, _RECOMMEND = "dataset", "recommend"
_STEPS = (_DATASET, *(stage.name for stage in STAGES), _RECOMMEND)
_WARM = 3  # training steps of stage 7 before the clock runs
# Few steps of every kind. A reward model of one epoch clears no floor, and stage 4 is to run.
_FEW: dict[str, Any] = {
    "align": {"steps": 20, "batch_size": 8},
    "reward": {"positives": 100, "base_epochs": 1, "epochs": 1},
    "guard": {
        "floors": dict.fromkeys(("auc", "another_user", "another_item", "shuffled"), 0.0), "calibration_ceiling": 1.0,
    },
    "reinforce": {"steps": 2, "prompts": 2, "generations": 4, "probe_prompts": 16, "watch_prompts": 0},
    "select": {"reasons_total": 300},
    "recommend": {"loss": "sampled_CE"},
    # A row per user and item is what is measured: nothing is filtered away.
    "user_inter_num_interval": "[1,inf)", "item_inter_num_interval": "[1,inf)",
}  # fmt: skip


def main() -> None:
    """Measure every size, or in a child process one step of one size."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--interactions", type=int, nargs="+", default=[100_000, 1_000_000])
    options.add_argument("--users", type=int, help="a tenth of the interactions")
    options.add_argument("--items", type=int, help="a tenth of the interactions")
    options.add_argument("--steps", type=int, default=10, help="training steps of stage 7 that are timed")
    options.add_argument("--only", nargs="+", choices=_STEPS, default=list(_STEPS), help="steps, without gaps")
    options.add_argument("--folder", type=Path, help="measure the one step given, on the files here")
    args, given = measuring.read(options)
    if args.folder:
        print(json.dumps(_measure(args, given)))
        return
    record: dict[str, Any] = {"benchmark": "scale", "settings": measuring.layers(_FEW, given), "runs": []}
    for interactions in args.interactions:
        users, items = args.users or interactions // 10, args.items or interactions // 10
        run: dict[str, Any] = {"interactions": interactions, "users": users, "items": items, "steps": {}}
        record["runs"].append(run)
        with tempfile.TemporaryDirectory() as folder:
            spent = measuring.seconds(
                lambda: write_dataset(Path(folder), _NAME, interactions, users, items, args.seed)  # noqa: B023
            )
            print(f"{interactions:,} interactions written in {spent:.0f} s", flush=True)
            for step in args.only:
                run["steps"][step] = _child(folder, step)
                print(step, run["steps"][step], flush=True)
                path = measuring.store(args.out, "scale", record, args.threads)
    print(table(record["runs"]))
    print(path)


def table(runs: list[dict[str, Any]]) -> str:
    """Processor seconds, MiB above the imports and MB on disk of every step and size, as a Markdown table."""
    heads = [f"{run['interactions']:,}: {what}" for run in runs for what in ("s", "MiB", "MB")]
    lines = ["| step | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for step in runs[0]["steps"]:
        found = [run["steps"][step] for run in runs]
        cells = [f"{one['cpu_seconds']} | {one['peak_mib'] - one['imports_mib']:,} | {one['mb']:,}" for one in found]
        lines.append(f"| {step} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _measure(args: Namespace, given: dict[str, Any]) -> dict[str, Any]:
    """One step, here and now."""
    (step,) = args.only
    fixed = {"data_path": str(args.folder), "run.artifact_dir": str(args.folder / "artifacts")}
    if step == _DATASET:
        fixed["recommend.fusion"] = "none"  # else the stages are run for the features
    config = load_config("CURec", _NAME, [], measuring.layers(_FEW, given, fixed))
    if step == _DATASET:
        return _dataset(args.folder, config)
    if step == _RECOMMEND:
        return _recommend(args, config)
    history = _stored_history(args.folder)
    settings, source = settings_of(config), data_source(config, history)
    before, artifacts = peak_memory_mib(), {}

    def run() -> None:
        pipeline = curec_pipeline(settings, source)
        artifacts.update(pipeline.run(settings, artifact_root(config), config["device"], [step], show_progress=False))

    spent = _spent(run)
    files = [path for path in artifacts[step].folder.rglob("*") if path.is_file()]
    return _figures(spent, before, files)


def _dataset(folder: Path, config: Any) -> dict[str, Any]:
    """RecBole's files, filters and split, and the training history of the stages, kept for the processes of these."""
    before, found = peak_memory_mib(), []

    def run() -> None:
        found.append(split_data(config)[0].dataset.train_history())

    spent = _spent(run)
    (history,) = found
    figures = _figures(spent, before, sorted((folder / _NAME).iterdir()))
    np.savez(
        folder / _HISTORY,
        indptr=history.indptr,
        items=history.items,
        user_tokens=np.asarray(history.user_tokens, dtype=str),
        item_tokens=np.asarray(history.item_tokens, dtype=str),
    )
    return {**figures, "training_interactions": history.n_interactions, "history_mib": _mib(folder / _HISTORY)}


def _stored_history(folder: Path) -> TrainHistory:
    with np.load(folder / _HISTORY) as arrays:
        return TrainHistory(n_items=len(arrays["item_tokens"]), **arrays)


def _recommend(args: Namespace, config: Any) -> dict[str, Any]:
    """Some training steps of the wrapped backbone, over the features of ``encode``; an epoch is reckoned from them."""
    before, times, loaded = peak_memory_mib(), [], []

    def run() -> None:
        train = split_data(config)[0]
        trainer = new_trainer(config, train)
        windows = window_loader(config, train.dataset)
        trainer._windows = measuring.FirstBatches(windows, args.steps + _WARM + 1)
        while len(trainer._windows.steps) < args.steps + _WARM:
            trainer._train_epoch(train, 0)
        times.extend(trainer._windows.steps[_WARM:])
        loaded.append(len(windows))

    spent = _spent(run)
    return {
        **_figures(spent, before, []),
        "step_seconds": measuring.summary(times),
        "steps_per_epoch": loaded[0],
        "epoch_seconds_computed": round(loaded[0] * statistics.median(times), 1),
    }


def _spent(action: Callable[[], None]) -> dict[str, float]:
    """Seconds of processor time and on the clock; the first are the same whatever else the machine does."""
    began = time.process_time()
    clock = measuring.seconds(action)
    return {"cpu_seconds": round(time.process_time() - began, 1), "wall_seconds": round(clock, 1)}


def _figures(spent: dict[str, float], before: int, files: list[Path]) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in files)
    return {**spent, "imports_mib": before, "peak_mib": peak_memory_mib(), "mb": round(size / 1e6, 1)}


def _mib(path: Path) -> int:
    return path.stat().st_size >> 20


def _child(folder: str, step: str) -> dict[str, Any]:
    command = [sys.executable, *sys.argv, f"--folder={folder}", "--only", step]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
