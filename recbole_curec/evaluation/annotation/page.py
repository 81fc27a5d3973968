"""A sheet as one offline HTML page that saves a file of answers."""

from __future__ import annotations

from pathlib import Path

from recbole_curec.atomic_write import write_text_to
from recbole_curec.evaluation.annotation.sheet import HIGHEST, LOWEST, SCALES, SIDES, TIE, Sheet
from recbole_curec.offline_page import offline_page


def page_text(sheet: Sheet) -> str:
    """The page: everything in one file, nothing from elsewhere, and no script but its own."""
    return offline_page(
        __package__,
        "page",
        sheet=sheet,
        scales={name: SCALES[name] for name in sheet.scales},
        sides=SIDES,
        tie=TIE,
        ratings=range(LOWEST, HIGHEST + 1),
    )


def write_page(sheet: Sheet, path: Path) -> None:
    """Write the page of a sheet."""
    write_text_to(page_text(sheet))(path)
