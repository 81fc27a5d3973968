"""Report of a finished search: the page, the same as JSON and CSV, and every trial."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import write_text_to, write_whole
from recbole_curec.benchmark.markdown import markdown_table
from recbole_curec.benchmark.provenance import origin
from recbole_curec.explanations.console import metric_title
from recbole_curec.plugin.checkpoints import to_plain
from recbole_curec.settings.settings import secret_names
from recbole_curec.tune.found_settings import ROWS, TUNED, row_file, row_settings, tuned_file, unsaid_rows
from recbole_curec.tune.spaces import Choice, Dimension
from recbole_curec.tune.trials import FAILED, FINISHED, PRUNED, Trial
from recbole_curec.tune.tuning import RowSearch, Tuning

_PROTOCOL = ("eval_args", "repeatable", "valid_metric", "topk")
_SEARCHES = {"tpe": "the tree-structured Parzen estimator (TPE)", "random": "random search"}
_ENGINES = {"optuna": ("Optuna", "optuna"), "recbole": ("RecBole's HyperTuning over hyperopt", "hyperopt")}


def write_report(tuning: Tuning, folder: Path) -> list[Path]:
    """Write all files below ``<folder>/<dataset>``: all of them or, after an error, none.

    Returns:
        Their paths.
    """
    place = folder / tuning.dataset
    texts = {
        place / "table.md": page(tuning, folder),
        place / "table.json": json.dumps(record(tuning), indent=2, ensure_ascii=False, default=str) + "\n",
        place / "table.csv": _table_csv(tuning),
        place / "trials.csv": trials_csv(tuning),
        place / TUNED: tuned_file(tuning),
        **{place / ROWS / f"{one.row.row.name}.yaml": row_file(tuning, one) for one in tuning.rows},
    }
    write_whole({path: write_text_to(text) for path, text in texts.items()})
    return list(texts)


def page(tuning: Tuning, folder: Path) -> str:
    """The page as Markdown."""
    count, trials = len(tuning.rows), tuning.budget.trials
    parts = [
        f"# {tuning.dataset}: {count} {_plural('row', count)} tuned, {trials} {_plural('trial', trials)} each\n",
        "Measured on the validation split alone; no trial computed a test metric.\n",
        _results(tuning),
        f"\n{_budget(tuning)}\n",
        "\n## Best settings\n",
        _settings(tuning),
        *_failures(tuning.rows),
        "\n## How to use them\n",
        _use(tuning, folder / tuning.dataset),
        "\n## How it was made\n",
        _made(tuning),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


def record(tuning: Tuning) -> dict[str, Any]:
    """The search as plain data: every trial, every row's settings as they are, versions and hardware."""
    budget = tuning.budget
    return {
        "dataset": tuning.dataset,
        "metric": tuning.metric,
        "seed": tuning.seed,
        "budget": {
            "trials": budget.trials, "engine": budget.engine, "search": budget.search, "prune": budget.prunes,
            "same_for_all_rows": len({len(one.trials) for one in tuning.rows}) == 1,
        },
        **tuning.facts,
        "rows": [
            {
                "row": one.row.row.name,
                "title": one.row.row.title,
                "model": one.row.model,
                "space": one.row.space.record(),
                "space_from": one.row.space.source,
                "counts": {state: one.count(state) for state in (FINISHED, PRUNED, FAILED)},
                "repeated": sum(trial.repeats for trial in one.trials),
                "seconds": _seconds(one.trials),
                "training_seconds": round(sum(trial.training_seconds for trial in one.trials), 1),
                "as_is": one.as_is.score,
                "best": one.best.record(),
                "trials": [trial.record() for trial in one.trials],
                "settings": to_plain(one.row.config),
            }
            for one in tuning.rows
        ],
    }  # fmt: skip


def _results(tuning: Tuning) -> str:
    metric = metric_title(tuning.metric.lower())
    head = [
        "row", "model", "trials", "finished", "pruned", "failed", "repeated", "minutes",
        f"validation {metric}, as it is", f"validation {metric}, best", "trial",
    ]  # fmt: skip
    body = [
        [
            _cell(one.row.row.title),
            one.row.model,
            str(len(one.trials)),
            *(str(one.count(state)) for state in (FINISHED, PRUNED, FAILED)),
            str(sum(trial.repeats for trial in one.trials)),
            f"{_seconds(one.trials) / 60:.1f}",
            _score(one.as_is.score),
            _score(one.best.score),
            str(one.best.number),
        ]
        for one in tuning.rows
    ]
    return markdown_table(head, body)


def _budget(tuning: Tuning) -> str:
    budget, trials = tuning.budget, tuning.budget.trials
    name, package = _ENGINES[budget.engine]
    drawn = f" and {trials - 1} drawn by {_SEARCHES[budget.search]} of {name}" if trials > 1 else ""
    version = tuning.facts["packages"][package]
    pruned = (
        "A trial that is worse than the median of the finished ones at the same epoch is pruned."
        if budget.prunes
        else "No trial is pruned."
    )
    return (
        f"Every row had the same budget of {trials} {_plural('trial', trials)}: its settings as they are{drawn} "
        f"({version}), seed {tuning.seed}. {pruned} A pruned, failed or repeated trial counts. Repeated are trials "
        "with the settings of an earlier one, whose outcome they take. The best of many scores on one validation split "
        "is higher than the same settings are on other data: compare rows on the test split."
    )


def _settings(tuning: Tuning) -> str:
    body = []
    for one in tuning.rows:
        for name, dimension in one.row.space.dimensions.items():
            before = one.row.config[name]
            values = f"{dimension.kind} {_bounds(dimension)}"
            found = "as it is" if one.best.as_is else _value(one.best.settings[name])
            body.append([_cell(one.row.row.title), name, _value(before), found, _cell(values)])
    return markdown_table(["row", "setting", "as it is", "best", "tried"], body, align="---")


def _bounds(dimension: Dimension) -> str:
    if isinstance(dimension, Choice):
        return json.dumps(dimension.record())
    return f"[{', '.join(f'{bound:.4g}' for bound in dimension.record())}]"


def _failures(rows: Sequence[RowSearch]) -> list[str]:
    failed = [(one, trial) for one in rows for trial in one.trials if trial.state == FAILED]
    if not failed:
        return []
    body = [[_cell(one.row.row.title), str(trial.number), _cell(trial.note)] for one, trial in failed]
    return ["\n## Failed trials\n", markdown_table(["row", "trial", "why"], body, align="---")]


def _use(tuning: Tuning, place: Path) -> str:
    first = tuning.rows[0].row
    dataset, files = f"--dataset={tuning.dataset}", list(first.asked.files)
    own = [f"--model={first.row.model}"] if first.row.path is None else []
    more = [] if first.row.path is None else [str(first.row.path)]
    given = first.asked.overrides
    lines = [
        f"`{TUNED}` has a section `tuned` with the best settings of every backbone, for `--config_files`, as the last "
        f"file. `{ROWS}` holds every row as a file with its best settings, for a benchmark on the test split.",
        "",
        "```bash",
        _command("run", [*own, dataset, *_options(given)], [*files, *more, str(place / TUNED)]),
        _command("benchmark", [str(place / ROWS), dataset, *_options(_beside(given))], files),
        "```",
    ]
    if unsaid := unsaid_rows(tuning):
        lines += ["", f"{', '.join(unsaid)}: only in `{ROWS}`, since another row has the same model and backbone."]
    return "\n".join(lines) + "\n"


def _command(name: str, arguments: Sequence[str], files: Sequence[str]) -> str:
    listed = [f"--config_files={shlex.quote(files[0])}", *map(shlex.quote, files[1:])] if files else []
    return " ".join(["curec", name, *map(shlex.quote, arguments), *listed])


def _options(given: Mapping[str, Any]) -> list[str]:
    """Settings as arguments, without those in which a secret may stand."""
    return [f"--{key}={value}" for key, value in given.items() if key not in secret_names()]


def _beside(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the command line that a row's file does not hold."""
    kept = row_settings(given)
    return {key: value for key, value in given.items() if key not in kept}


def _made(tuning: Tuning) -> str:
    config = tuning.rows[0].row.config
    seconds = sum(_seconds(one.trials) for one in tuning.rows)
    lines = [
        f"- protocol: {', '.join(f'{key} {config[key]}' for key in _PROTOCOL)}; the epoch and the settings are chosen "
        "on the validation split",
        *origin([tuning.facts], f"{seconds / 60:,.1f} minutes of trials in all"),
        "- every trial: `trials.csv`; all settings: `table.json`; the searches, to go on from: `studies`",
    ]
    return "\n".join(lines) + "\n"


def _table_csv(tuning: Tuning) -> str:
    columns = (
        "row", "title", "model", "trials", "finished", "pruned", "failed", "repeated", "seconds", "training_seconds",
        "metric", "as_is", "best", "best_trial", "best_settings",
    )  # fmt: skip
    found = record(tuning)["rows"]
    body = [
        [
            one["row"], one["title"], one["model"], len(one["trials"]), *one["counts"].values(), one["repeated"],
            one["seconds"], one["training_seconds"], tuning.metric, one["as_is"], one["best"]["score"],
            one["best"]["number"], json.dumps(one["best"]["settings"]),
        ]
        for one in found
    ]  # fmt: skip
    return _csv(columns, body)


def trials_csv(tuning: Tuning) -> str:
    """Every trial of every row as CSV, one in a line."""
    columns = ("row", "trial", "state", "repeats", "score", "epochs", "seconds", "training_seconds", "settings", "note")
    body = [
        [
            one.row.row.name, trial.number, trial.state, trial.repeats, trial.score, trial.epochs, trial.seconds,
            trial.training_seconds, json.dumps(trial.settings), trial.note,
        ]
        for one in tuning.rows
        for trial in one.trials
    ]  # fmt: skip
    return _csv(columns, body)


def _csv(columns: Sequence[str], body: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(body)
    return text.getvalue()


def _seconds(trials: Sequence[Trial]) -> float:
    return round(sum(trial.seconds for trial in trials), 1)


def _score(score: float | None) -> str:
    return "n/a" if score is None else f"{score:.4f}"


def _value(value: Any) -> str:
    return _cell(value if isinstance(value, str) else json.dumps(to_plain(value), default=str))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
