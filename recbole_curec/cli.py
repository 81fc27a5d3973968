"""The command line: RecBole's ``--key=value`` arguments, logs to the terminal and a file, one sentence per error."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from recbole.utils.logger import RemoveColorFilter
from tqdm.contrib.logging import logging_redirect_tqdm

from recbole_curec import compat
from recbole_curec.artifacts import peak_memory_mib
from recbole_curec.config import load_config, parse_arguments
from recbole_curec.errors import CURecError
from recbole_curec.explain.console import metric_table, reason_block
from recbole_curec.quick_start import RunResult, run_config

USAGE = """usage: python run_curec.py --model=CURec --dataset=ml-100k [--config_files=a.yaml b.yaml] [--key=value ...]

models: CURec (sequential backbone), CURecGeneral (general backbone), or any RecBole model as a plain baseline.
Settings: RecBole's own, and those of docs/settings.md; later files and command-line values win.
"""
USER_ERROR = 2
# Libraries whose own messages say nothing to the user of a run.
_QUIET = ("bitsandbytes", "httpx", "datasets", "accelerate", "transformers", "peft", "trl", "matplotlib")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 when a setting or the data cannot be used."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if any(argument in ("-h", "--help") for argument in arguments):
        print(USAGE)
        return 0
    started = time.perf_counter()
    try:
        model, dataset, files, overrides = parse_arguments(arguments)
        config = load_config(model, dataset, files, overrides)
        with _logging(config):
            _set_threads(config["num_threads"])
            result = run_config(config, lambda more: load_config(model, dataset, files, {**overrides, **more}))
    except CURecError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR
    print(report(result, time.perf_counter() - started))
    return 0


def report(result: RunResult, seconds: float) -> str:
    """What a run prints at its end."""
    parts = ["", metric_table([(model.name, model.test) for model in result.models])]
    if result.reasons:
        parts += ["", f"{len(result.reasons)} sample reasons", ""]
        parts.append("\n\n".join(reason_block(record) for record in result.reasons))
    parts += [
        "",
        *(f"checkpoint ({model.name}): {model.checkpoint}" for model in result.models),
        *([f"reasons: {result.artifacts['correct']}"] if result.artifacts else []),
        f"wall time {seconds / 60:.1f} min, peak memory {peak_memory_mib() / 1024:.2f} GiB",
    ]
    return "\n".join(parts)


def _set_threads(wanted: int | None) -> None:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(wanted or available)


@contextlib.contextmanager
def _logging(config: Any) -> Any:
    """Log to the terminal and to ``<log_dir>/<model>/``, as RecBole does, for the duration of a run."""
    level = getattr(logging, str(config["state"] or "INFO").upper(), logging.INFO)
    folder = Path(config["log_dir"] or "log")
    compat.set_tensorboard_dir(str(folder / "tensorboard"))
    path = folder / str(config["model"])
    path.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    to_file = logging.FileHandler(path / f"{config['model']}-{config['dataset']}-{stamp}-{os.getpid()}.log")
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    to_terminal = logging.StreamHandler()
    to_terminal.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for handler in (to_file, to_terminal):
        handler.addFilter(RemoveColorFilter())
    root = logging.getLogger()
    before = root.level
    root.setLevel(level)
    for handler in (to_file, to_terminal):
        root.addHandler(handler)
    _quiet_libraries()
    to_file.handle(root.makeRecord("recbole_curec", level, "", 0, f"settings: {config}", (), None))
    try:
        with logging_redirect_tqdm([root]), warnings.catch_warnings():
            # Deprecations inside transformers and RecBole are not the user's to act on.
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        root.setLevel(before)
        for handler in (to_file, to_terminal):
            root.removeHandler(handler)
            handler.close()


def _quiet_libraries() -> None:
    import datasets
    import transformers

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    datasets.disable_progress_bars()
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
