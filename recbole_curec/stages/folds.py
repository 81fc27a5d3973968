"""Places and reports of the folds of a stage that trains a model per fold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recbole_curec.atomic_write import write_text
from recbole_curec.pipeline.artifacts import fold_folder
from recbole_curec.pipeline.stage import Workspace


def fold_place(workspace: Workspace, fold: int) -> Workspace:
    """The workspace of one fold, with folders of its own."""
    place = replace(workspace, folder=fold_folder(workspace.folder, fold), scratch=fold_folder(workspace.scratch, fold))
    for folder in (place.folder, place.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    return place


def keep_report(place: Workspace, name: str, report: Mapping[str, Any]) -> None:
    """Note that a fold is finished; to be called when all its files are written."""
    write_text(place.scratch / name, json.dumps(report))


def kept_report(place: Workspace, name: str) -> dict[str, Any] | None:
    """The report of a fold that an interrupted run finished; None if it is not finished."""
    path = place.scratch / name
    if not path.is_file():
        return None
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report
