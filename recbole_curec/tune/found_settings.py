"""The best settings as config files: a section ``tuned`` for runs, and a file per row for benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.benchmark.runs import NO_RESULT
from recbole_curec.errors import in_one_line
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.settings.settings import canonical, secret_names
from recbole_curec.settings.travel import settings_of
from recbole_curec.tune.rows import TunedRow
from recbole_curec.tune.tuning import RowSearch, Tuning

TUNED = "tuned.yaml"
ROWS = "rows"


def tuned_file(tuning: Tuning) -> str:
    """A config file with the best settings of every row in a section ``tuned``.

    A plain model's stand under its name, those of ours under the model's name and its backbone. Of several rows with
    the same model and backbone the first is taken; see :func:`unsaid_rows`.
    """
    sections: dict[str, Any] = {}
    for one in _first_of_each(tuning):
        model, backbone = _place(one.row)
        where = sections if model is None else sections.setdefault(model, {})
        where[backbone] = dict(one.best.settings)
    head = [
        _origin(tuning),
        "# For --config_files, as the last file: a run takes the section of its model and backbone.",
        *(f"# {_said(one, tuning.metric)}" for one in _first_of_each(tuning)),
        *(
            f"# Not here: {in_one_line(name)}, whose model and backbone another row has; see {ROWS}."
            for name in unsaid_rows(tuning)
        ),
    ]
    return "\n".join([*head, _dumped({"tuned": sections})])


def row_file(tuning: Tuning, search: RowSearch) -> str:
    """A row with its best settings, as a file for ``curec benchmark``."""
    own = canonical(search.row.own_settings(), known_keys())[0]
    content = {**row_settings(own), **search.best.settings}
    return "\n".join([_origin(tuning), f"# {_said(search, tuning.metric)}", _dumped(content)])


def row_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of given settings those that make a row what it is: no places of files, nothing secret, nothing of a run."""
    left_out = NO_RESULT | set(secret_names())
    return {key: value for key, value in given.items() if key not in left_out and not key.startswith("run.")}


def unsaid_rows(tuning: Tuning) -> list[str]:
    """Titles of the rows that a section ``tuned`` cannot hold beside an earlier row."""
    first = {one.row.row.name for one in _first_of_each(tuning)}
    return [one.row.row.title for one in tuning.rows if one.row.row.name not in first]


def _first_of_each(tuning: Tuning) -> list[RowSearch]:
    found: dict[tuple[str | None, str], RowSearch] = {}
    for one in tuning.rows:
        found.setdefault(_place(one.row), one)
    return list(found.values())


def _place(row: TunedRow) -> tuple[str | None, str]:
    """Where a row's settings stand: our model and its backbone, or a plain model alone."""
    model = str(row.config["model"])
    return (model, settings_of(row.config).recommend.backbone) if model in OUR_MODELS else (None, model)


def _origin(tuning: Tuning) -> str:
    return f"# Written by curec tune on {tuning.dataset}: {tuning.budget.trials} trials a row, seed {tuning.seed}."


def _said(search: RowSearch, metric: str) -> str:
    what = ", settings as they are" if search.best.as_is else ""
    title, best = in_one_line(search.row.row.title), search.best
    return f"{title}: validation {metric} {best.score:.4f} (trial {best.number}{what})."


def _dumped(content: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, default_flow_style=False)
    return text
