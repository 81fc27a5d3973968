"""Figures of a benchmark as SVG: a metric with its intervals, the same by slice, and the overlap of hits."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recbole_curec.benchmark.benchmark import BenchmarkResult
from recbole_curec.benchmark.runs import CUTOFF
from recbole_curec.benchmark.slices import SLICES
from recbole_curec.evaluation.ranking_metrics import RANK
from recbole_curec.evaluation.statistics import Spread, interval
from recbole_curec.explanations.console import HISTORY_LEFT_OUT, metric_title
from recbole_curec.training.curves import FONTS, own_fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_METRIC = f"ndcg@{CUTOFF}"
_MEAN, _SEED = "#1f4e8c", "#9db7d5"
_ROW, _PANEL = 0.32, 3.6  # height of a row and width of a panel, in inches
_TITLES = {RANK: "RecBole's protocol"}
_DARK = 0.6
# Ids of the SVG's parts are the same every time, texts stay texts, and a dollar sign in a title is one.
_LOOK: dict[Any, Any] = {
    "svg.hashsalt": "curec", "svg.fonttype": "none", "text.parse_math": False, "font.size": 8, "axes.titlesize": 8,
}  # fmt: skip


def figures(result: BenchmarkResult, folder: Path) -> dict[str, str]:
    """The figures by file name.

    They depend only on the result and on matplotlib's version, not on the user's matplotlib settings.

    Args:
        result: A finished benchmark.
        folder: Where matplotlib may keep its fonts, which take seconds to find, unless MPLCONFIGDIR is set.
    """
    drawn: dict[str, Callable[[BenchmarkResult], Figure]] = {
        "metric.svg": _metric, "slices.svg": _slices, "overlap.svg": _overlap,
    }  # fmt: skip
    with own_fonts(folder / FONTS):
        import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_LOOK)
        return {name: _svg(draw(result)) for name, draw in drawn.items()}


def _svg(figure: Figure) -> str:
    text = io.BytesIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    return text.getvalue().decode()


def _panels(lines: int, columns: int, height: float) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_PANEL * columns, height * lines))
    return figure, figure.subplots(lines, columns, squeeze=False, sharey=True, gridspec_kw={"hspace": 0.6})


def _metric(result: BenchmarkResult) -> Figure:
    figure, axes = _panels(1, len(result.by_protocol), 1 + _ROW * len(result.rows))
    for axis, protocol in zip(axes[0], result.by_protocol, strict=True):
        metrics = [one.by_protocol[protocol].metrics for one in result.rows]
        shown = _METRIC if _METRIC in metrics[0] else next(iter(metrics[0]))
        _spreads(axis, result, [found[shown] for found in metrics])
        axis.set_title(_title(protocol))
        axis.set_xlabel(_label(result, shown))
    return figure


def _slices(result: BenchmarkResult) -> Figure:
    figure, axes = _panels(len(result.by_protocol), len(SLICES), 1 + _ROW * len(result.rows))
    for line, protocol in zip(axes, result.by_protocol, strict=True):
        for axis, name in zip(line, SLICES, strict=True):
            slices = [one.by_protocol[protocol].slices[name] for one in result.rows]
            _spreads(axis, result, [found.metrics.get(_METRIC) for found in slices])
            axis.set_title(f"{name} ({slices[0].targets:,}), {_title(protocol)}")
            axis.set_xlabel(_label(result, _METRIC))
    return figure


def _spreads(axis: Axes, result: BenchmarkResult, spreads: Sequence[Spread | None]) -> None:
    """Mean over seeds with its 95 % interval, and every seed, one row below the other."""
    for place, spread in enumerate(spreads):
        if spread is None:
            continue
        values = np.array(spread.values)
        ends = interval(values)
        axis.plot(values, np.full(len(values), place), "o", color=_SEED, markersize=3.5)
        if ends is not None:
            axis.plot(ends, [place, place], "-", color=_MEAN, linewidth=1.4)
        axis.plot([spread.mean], [place], "D", color=_MEAN, markersize=5)
    axis.set_yticks(range(len(spreads)), [one.row.title for one in result.rows])
    axis.set_ylim(len(spreads) - 0.5, -0.5)
    axis.grid(axis="x", color="#dddddd", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def _overlap(result: BenchmarkResult) -> Figure:
    titles = [one.row.title for one in result.rows]
    figure, axes = _panels(1, len(result.by_protocol), 1 + _ROW * len(titles))
    for axis, (protocol, compared) in zip(axes[0], result.by_protocol.items(), strict=True):
        shares = np.full((len(titles), len(titles)), np.nan)
        for (one, other), found in compared.overlap.items():
            row, column = titles.index(one), titles.index(other)
            if found.jaccard is not None:
                shares[row, column] = shares[column, row] = found.jaccard
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), share in np.ndenumerate(shares):
            if not np.isnan(share):
                color = "white" if share > _DARK else "black"
                axis.text(column, row, f"{share:.2f}", ha="center", va="center", color=color, fontsize=7)
        axis.set_xticks(range(len(titles)), titles, rotation=40, ha="right")
        axis.set_yticks(range(len(titles)), titles)
        axis.set_title(f"Jaccard of hits at {CUTOFF}, {_title(protocol)}")
    return figure


def _title(protocol: str) -> str:
    return _TITLES.get(protocol, HISTORY_LEFT_OUT)


def _label(result: BenchmarkResult, metric: str) -> str:
    several = ", mean and 95 % interval over seeds" if len(result.seeds) > 1 else ""
    return metric_title(metric) + several
