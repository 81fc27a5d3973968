"""Writes ``pipeline.svg``, the picture of ``architecture.md``: every stage and what it declares to read.

python docs/make_picture.py
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Sequence
from html import escape
from pathlib import Path

from recbole_curec.pipeline.stage import Stage
from recbole_curec.pipelines import curec, reccot
from recbole_curec.settings.settings import Settings

PICTURE = Path(__file__).parent / "pipeline.svg"
_STEP, _WIDTH, _HEIGHT = 150, 112, 34
_LINE, _CHARACTERS = 14, 22
_MARGIN = 20
_STYLE = """\
text { font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 11px; fill: #37474f; }
.title { font-size: 15px; font-weight: 600; fill: #1a237e; }
.name { font-size: 13px; font-weight: 600; text-anchor: middle; }
.note { text-anchor: middle; }
.stage { fill: #e8eaf6; stroke: #3f51b5; }
.data { fill: #fff8e1; stroke: #ff8f00; }
.model { fill: #e0f2f1; stroke: #00897b; }
.asked { stroke-dasharray: 5 3; }
path { fill: none; stroke: #90a4ae; stroke-width: 1.4; marker-end: url(#head); }
marker path { fill: #90a4ae; stroke: none; marker-end: none; }"""
_DATA = ("training split", "nothing of the validation and the test split goes any further", "data")
_RECOMMEND = {
    "curec": "RecBole's own training and test of the backbone with the vectors, with text only, with ids only",
    "reccot": "RecBole's own training and test of the rating model over the vectors of past reviews",
}


def page() -> str:
    """The text of ``pipeline.svg``."""
    settings, lanes, top = Settings.from_mapping({}), [], _MARGIN
    always = (*curec.STAGES, *reccot.STAGES)
    asked = [stage for stage in vars(curec).values() if isinstance(stage, Stage) and stage not in always]
    for title, stages, last in (
        ("CURec: reasons for interactions, in front of a backbone that ranks", curec.STAGES, _RECOMMEND["curec"]),
        (
            "RecCoT: chains about reviews, in front of a model that predicts ratings",
            reccot.STAGES,
            _RECOMMEND["reccot"],
        ),
    ):
        drawn, height = _lane(title, stages, last, settings)
        lanes.append(f'<g transform="translate(0 {top})">\n{drawn}\n</g>')
        top += height
    drawn, height = _asked("CURec's further stages, where settings ask for them", asked, settings)
    lanes.append(f'<g transform="translate(0 {top})">\n{drawn}\n</g>')
    width, height = 2 * _MARGIN + _STEP * (len(curec.STAGES) + 2), top + height
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            "<title>The stages of CURec and RecCoT, and what each reads</title>",
            f"<style>\n{_STYLE}\n</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto">'
            '<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
            *lanes,
            "</svg>\n",
        ]
    )


def _lane(title: str, stages: Sequence[Stage], last: str, settings: Settings) -> tuple[str, int]:
    """One pipeline from the training split to ``recommend``, and its height."""
    columns = ["", *(stage.name for stage in stages), "recommend"]
    reads = [(0, columns.index(stage.name)) for stage in stages if stage.reads_source]
    for stage in stages:
        reads += [(columns.index(name), columns.index(stage.name)) for name in stage.inputs_for(settings)]
    reads.append((len(stages), len(stages) + 1))
    longest = max(right - left for left, right in reads)
    y = 34 + 13 * longest
    parts = [f'<text class="title" x="{_MARGIN}" y="14">{escape(title)}</text>']
    parts += [_arrow(left, right, y) for left, right in reads]
    boxes = [_DATA, *((stage.name, _told(stage), "stage") for stage in stages), ("recommend", last, "model")]
    deepest = 0
    for column, (name, note, kind) in enumerate(boxes):
        drawn, lines = _box(column, y, name, note, kind)
        parts.append(drawn)
        deepest = max(deepest, lines)
    return "\n".join(parts), y + _HEIGHT + _LINE * deepest + 34


def _asked(title: str, stages: Sequence[Stage], settings: Settings) -> tuple[str, int]:
    """Stages that are not in every run, with the names of those they read."""
    parts, deepest = [f'<text class="title" x="{_MARGIN}" y="14">{escape(title)}</text>'], 0
    for column, stage in enumerate(stages):
        read = [*(["the training split"] if stage.reads_source else []), *stage.inputs_for(settings)]
        drawn, lines = _box(column, 30, stage.name, f"{_told(stage)} (reads {' and '.join(read)})", "stage asked")
        parts.append(drawn)
        deepest = max(deepest, lines)
    return "\n".join(parts), 30 + _HEIGHT + _LINE * deepest + 20


def _box(column: int, y: int, name: str, note: str, kind: str) -> tuple[str, int]:
    left, middle = _MARGIN + column * _STEP, _MARGIN + column * _STEP + _WIDTH // 2
    lines = textwrap.wrap(note, _CHARACTERS, break_on_hyphens=False)
    parts = [
        f'<rect class="{kind}" x="{left}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>',
        f'<text class="name" x="{middle}" y="{y + 22}">{escape(name)}</text>',
    ]
    for number, line in enumerate(lines, 1):
        parts.append(
            f'<text class="note" x="{middle}" y="{y + _HEIGHT + 4 + _LINE * number}">{escape(line, quote=False)}</text>'
        )
    return "\n".join(parts), len(lines)


def _arrow(left: int, right: int, y: int) -> str:
    """A straight arrow to the next box, an arc over the boxes between to a later one."""
    if right - left == 1:
        start, end = _MARGIN + left * _STEP + _WIDTH, _MARGIN + right * _STEP
        return f'<path d="M{start} {y + _HEIGHT // 2} L{end - 2} {y + _HEIGHT // 2}"/>'
    # Arcs leave a box on its right and reach one on its left, so that none hides another's head.
    start = _MARGIN + left * _STEP + _WIDTH // 2 + 6 * (right - left)
    end = _MARGIN + right * _STEP + _WIDTH // 2 - 7 * (right - left)
    peak = y - 20 * (right - left)
    return f'<path d="M{start} {y} C{start + 30} {peak}, {end - 30} {peak}, {end} {y - 2}"/>'


def _told(stage: Stage) -> str:
    """What a stage does: the first sentence of its module after the name."""
    module = sys.modules[stage.run.__module__]
    return re.sub(r"^[^:]*: |`|\.$", "", (module.__doc__ or "").splitlines()[0])


if __name__ == "__main__":
    PICTURE.write_text(page(), encoding="utf-8")
