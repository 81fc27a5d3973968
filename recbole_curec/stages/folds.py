"""Places and reports of the folds of a stage that trains a model per fold."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recbole_curec.atomic_write import write_text_to
from recbole_curec.errors import in_one_line
from recbole_curec.pipeline.artifacts import fold_folder
from recbole_curec.pipeline.hashes import hashes_fault
from recbole_curec.pipeline.seals import folder_hashes, is_kept, set_aside, write_sealed
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.processes import broadcast, on_main

logger = logging.getLogger(__name__)

_REPORT, _FILES = "report", "files"


def fold_place(workspace: Workspace, fold: int) -> Workspace:
    """The workspace of one fold, with folders of its own."""
    place = replace(workspace, folder=fold_folder(workspace.folder, fold), scratch=fold_folder(workspace.scratch, fold))
    for folder in (place.folder, place.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    return place


def keep_report(place: Workspace, name: str, report: Mapping[str, Any]) -> None:
    """Note that a fold is finished, with the hashes of its files; to be called when all of them are written."""
    content = {_REPORT: report, _FILES: folder_hashes(place.folder)}
    write_sealed(place.scratch / name, write_text_to(json.dumps(content)))


def kept_report(place: Workspace, name: str) -> dict[str, Any] | None:
    """The report of a fold that an interrupted run finished; None if it is not finished, or if a file is damaged.

    All processes get what the first one finds.
    """
    report = broadcast(json.dumps(on_main(lambda: _undamaged_report(place, name))))
    kept: dict[str, Any] | None = json.loads(report)
    return kept


def _undamaged_report(place: Workspace, name: str) -> dict[str, Any] | None:
    path = place.scratch / name
    if not is_kept(path):
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        report: dict[str, Any] = dict(content.get(_REPORT, content))  # earlier versions kept the report alone
        fault = hashes_fault(place.folder, content[_FILES]) if _FILES in content else None
    except (ValueError, AttributeError, TypeError) as error:
        set_aside(path, in_one_line(error))
        return None
    if fault:
        logger.warning("%s is damaged (%s): this fold is made again.", place.folder, fault)
        return None
    return report
