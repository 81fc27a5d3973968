"""A sheet as one offline HTML page that saves a file of answers."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import jinja2

from recbole_curec.atomic_write import write_text_to
from recbole_curec.evaluation.annotation.sheet import HIGHEST, LOWEST, SCALES, SIDES, TIE, Sheet

_TEMPLATE = "page.html.jinja"
_INLINE = {kind: re.compile(rf"<{kind}>(.*?)</{kind}>", re.DOTALL) for kind in ("style", "script")}


def page_text(sheet: Sheet) -> str:
    """The page: everything in one file, nothing from elsewhere, and no script but its own.

    Texts of others are escaped, and the page's policy lets nothing run or load whose hash it does not name.
    """
    source = files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(source)
    return template.render(
        sheet=sheet,
        scales={name: SCALES[name] for name in sheet.scales},
        sides=SIDES,
        tie=TIE,
        ratings=range(LOWEST, HIGHEST + 1),
        policy={kind: _hash_of(pattern, source) for kind, pattern in _INLINE.items()},
    )


def write_page(sheet: Sheet, path: Path) -> None:
    """Write the page of a sheet."""
    write_text_to(page_text(sheet))(path)


def _hash_of(pattern: re.Pattern[str], source: str) -> str:
    """The hash by which a policy names the template's own style or script, which hold no expressions."""
    found = pattern.search(source)
    if found is None:
        raise LookupError(f"{_TEMPLATE} has no {pattern.pattern}")
    return f"sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}"
