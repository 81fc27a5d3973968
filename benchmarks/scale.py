"""Time, peak memory and bytes on disk of every stage of CURec over made-up data of growing size.

    python benchmarks/scale.py --interactions 100000 1000000

Users and items are each a tenth of the interactions unless given. Every step is a process of its own, forked once the
imports are done, so that its peak memory is its own: the dataset (RecBole's files, filters and split), stages 1 to 6,
and stage 7, of which some training steps are timed. The language model is smaller than the default, and training steps
and reasons are few and the same for every size, so what grows is what the data cost. Other settings of a run follow as
usual (``--encode.feature_dim=128``).
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
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
from recbole_curec.plugin.features import artifact_root, data_source
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.plugin.trainers import window_loader
from recbole_curec.settings.travel import settings_of

NAME, _HISTORY = "made-up", "history.npz"
_DATASET, _RECOMMEND = "dataset", "recommend"
_STEPS = (_DATASET, *(stage.name for stage in STAGES), _RECOMMEND)
_WARM = 3  # training steps of stage 7 before the clock runs
# Little of every kind. A reward model of one epoch clears no floor, and stage 4 is to run.
_FEW: dict[str, Any] = {
    "tiny": {"hidden_size": 64, "layers": 1},
    "align": {"steps": 4, "batch_size": 4},
    "reward": {"positives": 24, "base_epochs": 1, "epochs": 1},
    "guard": {
        "floors": dict.fromkeys(("auc", "another_user", "another_item", "shuffled"), 0.0), "calibration_ceiling": 1.0,
    },
    "reinforce": {"steps": 1, "prompts": 2, "generations": 2, "probe_prompts": 8, "watch_prompts": 0},
    "select": {"reasons_total": 100},
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
    args, given = measuring.read(options)
    record: dict[str, Any] = {"benchmark": "scale", "settings": measuring.layers(_FEW, given), "runs": []}
    for interactions in args.interactions:
        users, items = args.users or interactions // 10, args.items or interactions // 10
        run: dict[str, Any] = {"interactions": interactions, "users": users, "items": items, "steps": {}}
        record["runs"].append(run)
        with tempfile.TemporaryDirectory() as folder:
            write_dataset(Path(folder), NAME, interactions, users, items, args.seed)
            for step in args.only:
                run["steps"][step] = _in_child(measure, step, Path(folder), given, args.steps)
                print(f"{interactions:,}", step, run["steps"][step], flush=True)
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


def measure(step: str, folder: Path, given: dict[str, Any], steps: int) -> dict[str, Any]:
    """One step, here and now.

    Args:
        step: Its name.
        folder: Folder of the dataset; artifacts go there too.
        given: RecBole settings of the command line.
        steps: Training steps of stage 7 that are timed.
    """
    fixed = {"data_path": str(folder), "run.artifact_dir": str(folder / "artifacts")}
    if step == _DATASET:
        fixed["recommend.fusion"] = "none"  # else the stages are run for the features
    config = load_config("CURec", NAME, [], measuring.layers(_FEW, given, fixed))
    if step == _DATASET:
        return _dataset(folder, config)
    if step == _RECOMMEND:
        return _recommend(steps, config)
    history = _stored_history(folder)
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
    figures = _figures(spent, before, sorted((folder / NAME).iterdir()))
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


def _recommend(steps: int, config: Any) -> dict[str, Any]:
    """Some training steps of the wrapped backbone, over the features of ``encode``; an epoch is reckoned from them."""
    before, times, loaded = peak_memory_mib(), [], []

    def run() -> None:
        train = split_data(config)[0]
        trainer = new_trainer(config, train)
        windows = window_loader(config, train.dataset)
        trainer._windows = measuring.FirstBatches(windows, steps + _WARM + 1)
        while len(trainer._windows.steps) < steps + _WARM:
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
    return {**spent, "imports_mib": before, "peak_mib": peak_memory_mib(), "mb": round(size / 1e6, 2)}


def _mib(path: Path) -> int:
    return path.stat().st_size >> 20


def _in_child(work: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """The result of work that a forked process does."""
    receiving, sending = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        sending.send(work(*given))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    sending.close()
    try:
        result: dict[str, Any] = receiving.recv()
    except EOFError:
        process.join()
        raise SystemExit(
            f"The step {given[0]} failed (exit code {process.exitcode}); what it said stands above."
        ) from None
    process.join()
    return result


if __name__ == "__main__":
    main()
