"""Training curves of GRPO, as a table and as a figure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TABLE, PLOT = "training_curves.csv", "training_curves.png"
FONTS = ".matplotlib"
HELD_OUT = "held_out_"

_LOGGED = {
    "reward": "reward",
    "reward_std": "reward_std",
    "kl": "kl",
    "completions/mean_length": "tokens",
    "completions/clipped_ratio": "cut_off",
    "entropy": "entropy",
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
}
_TRAINING, _SMOOTH, _JUDGE, _SHUFFLED = "#9db7d5", "#1f4e8c", "#c4501b", "#7a7a7a"
_WINDOW, _COLUMNS = 10, 3
_PANEL = (4.1, 2.9)  # width and height in inches


def save_curves(
    log: Sequence[Mapping[str, Any]],
    rewards: Sequence[str],
    held_out: Mapping[int, Mapping[str, float]],
    folder: Path,
    cache: Path,
) -> None:
    """Save the table and the figure.

    Args:
        log: See :func:`curves_table`.
        rewards: Names of the rewards.
        held_out: See :func:`curves_table`.
        folder: Where both go.
        cache: Folder that keeps matplotlib's fonts, which take seconds to find.
    """
    table = curves_table(log, rewards, held_out)
    table.to_csv(folder / TABLE, index=False)
    plot_curves(table, rewards, folder / PLOT, cache / FONTS)


def curves_table(
    log: Sequence[Mapping[str, Any]], rewards: Sequence[str], held_out: Mapping[int, Mapping[str, float]]
) -> pd.DataFrame:
    """One row per step: values logged by TRL, and measurements on held-out prompts where they exist.

    Args:
        log: The trainer's log, one entry per step.
        rewards: Names of the rewards.
        held_out: Measurements by step; step 0 is before training.
    """
    names = {**_LOGGED, **{f"rewards/{name}/mean": f"reward_{name}" for name in rewards}}
    entries = {int(entry["step"]): entry for entry in log if "reward" in entry}
    rows = []
    for step in sorted({*entries, *held_out}):
        trained = {column: entries[step].get(key) for key, column in names.items()} if step in entries else {}
        rows.append(
            {"step": step, **trained, **{f"{HELD_OUT}{key}": value for key, value in held_out.get(step, {}).items()}}
        )
    columns = ["step", *names.values(), *(f"{HELD_OUT}{key}" for key in next(iter(held_out.values()), {}))]
    return pd.DataFrame(rows, columns=columns).dropna(axis="columns", how="all")


def plot_curves(table: pd.DataFrame, rewards: Sequence[str], path: Path, fonts: Path) -> None:
    """Plot the table: one panel per reward, panels for KL and length, and one for the judge and shuffled users.

    The figure depends only on the table and on matplotlib's version, not on the user's matplotlib settings.

    Args:
        table: Result of :func:`curves_table`.
        rewards: Names of the rewards.
        path: File of the figure.
        fonts: Folder of matplotlib's font cache, unless MPLCONFIGDIR is set.
    """
    with own_fonts(fonts):
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

    panels: list[tuple[str, str, str, str]] = [("Weighted reward", "reward", "total", "reward")]
    panels += [(f"Reward: {name}", f"reward_{name}", name, "reward") for name in rewards]
    panels += [("KL from the aligned model", "kl", "", "nats per token")] if "kl" in table else []
    panels += [("Length of a completion", "tokens", "", "tokens, thinking included")]
    watched = f"{HELD_OUT}judge_lift" in table
    count = len(panels) + watched
    with mpl.rc_context():
        mpl.rcdefaults()
        lines = -(-count // _COLUMNS)
        height = _PANEL[1] * lines
        figure = Figure(figsize=(_PANEL[0] * _COLUMNS, height), dpi=110)
        FigureCanvasAgg(figure)
        # A layout that measures every text takes as long as drawing.
        figure.subplots_adjust(0.075, 0.85 / height, 0.99, 1 - 0.35 / height, wspace=0.3, hspace=0.45)
        axes = figure.subplots(lines, _COLUMNS, squeeze=False).ravel().tolist()
        for axis, (title, column, held_out, label) in zip(axes, panels, strict=False):
            _trained(axis, table, column)
            _measured(axis, table, held_out, "held-out users", _JUDGE, "o")
            _dress(axis, title, label)
        if watched:
            _gaming_panel(axes[len(panels)], table)
        for axis in axes[count:]:
            axis.set_visible(False)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(handles), frameon=False, fontsize=9)
        figure.savefig(path, format="png", metadata={"Software": None})


@contextmanager
def own_fonts(folder: Path) -> Iterator[None]:
    """Let matplotlib keep its fonts in this folder, not in the user's home, unless MPLCONFIGDIR is set.

    It reads the variable when it is first imported, which is to be within this context.
    """
    given = "MPLCONFIGDIR" in os.environ
    os.environ.setdefault("MPLCONFIGDIR", str(folder.resolve()))
    try:
        yield
    finally:
        if not given:
            os.environ.pop("MPLCONFIGDIR", None)


def _trained(axis: Axes, table: pd.DataFrame, column: str) -> None:
    values = table.dropna(subset=[column])
    axis.plot(values["step"], values[column], color=_TRAINING, linewidth=1.0, label="rollouts, each step")
    smooth = values[column].rolling(_WINDOW, min_periods=1).mean()
    axis.plot(values["step"], smooth, color=_SMOOTH, linewidth=1.8, label=f"rollouts, mean of {_WINDOW} steps")


def _measured(axis: Axes, table: pd.DataFrame, name: str, label: str, color: str, marker: str) -> None:
    column = f"{HELD_OUT}{name}"
    if column in table:
        values = table.dropna(subset=[column])
        axis.plot(values["step"], values[column], color=color, marker=marker, markersize=4, linewidth=1.2, label=label)


def _gaming_panel(axis: Axes, table: pd.DataFrame) -> None:
    """Plot the effect of reasons for own and shuffled users, by the reward model and by the judge."""
    _measured(axis, table, "lift", "own user, reward model", _SMOOTH, "o")
    _measured(axis, table, "judge_lift", "own user, judge", _JUDGE, "o")
    _measured(axis, table, "shuffled_lift", "shuffled user, reward model", _SHUFFLED, "s")
    _measured(axis, table, "judge_shuffled_lift", "shuffled user, judge", "#b9b9b9", "s")
    _dress(axis, "Gaming watch: what a reason adds", "log-odds, held-out users")
    axis.margins(y=0.45)
    axis.legend(fontsize=6.5, loc="upper left", ncols=2, frameon=False)


def _dress(axis: Axes, title: str, label: str) -> None:
    axis.set_title(title, fontsize=10)
    axis.set_xlabel("optimiser step", fontsize=9)
    axis.set_ylabel(label, fontsize=9)
    axis.tick_params(labelsize=8)
    axis.ticklabel_format(axis="y", useOffset=False)
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
