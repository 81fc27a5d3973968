"""Report of a finished benchmark of rating prediction as Markdown and as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from recbole_curec.benchmark.markdown import markdown_table, tests_table
from recbole_curec.benchmark.ratings import RatingResult
from recbole_curec.evaluation.rating_metrics import TITLES
from recbole_curec.evaluation.statistics import Spread, interval


def rating_record(result: RatingResult) -> dict[str, Any]:
    """The result as plain data; a metric that is not defined is None."""
    return {
        "dataset": result.dataset,
        "split": result.split,
        "seeds": result.seeds,
        "counts": dict(result.counts),
        "rows": [
            {
                "row": one.name,
                "baseline": one.is_baseline,
                "metrics": {name: _spread_record(spread) for name, spread in one.metrics.items()},
                "runs": [dict(fact) for fact in one.facts],
            }
            for one in result.rows
        ],
        "reference": result.reference,
        "comparisons": [asdict(one) for one in result.comparisons],
    }


def rating_page(result: RatingResult) -> str:
    """The tables as Markdown."""
    counts = result.counts
    several = len(result.seeds) > 1
    spread = "mean over seeds ± half of the 95 % interval over seeds (t distribution)" if several else "one seed"
    over_seeds = (
        "the paired t-test between their means, since every seed has a split of its own"
        if result.split == "random"
        else "Welch's t-test between their means, given these users"
    )
    parts = [
        f"# {result.dataset}, {result.split} split\n",
        f"{counts['train']:,} ratings for training, {counts['valid']:,} for validation, {counts['test']:,} of "
        f"{counts['users']:,} users for the test (first seed); seeds {', '.join(map(str, result.seeds))}; {spread}.\n",
        markdown_table(
            ["row", *TITLES.values()],
            [[one.name, *(_cell(one.metrics[name]) for name in TITLES)] for one in result.rows],
        ),
    ]
    if result.comparisons:
        parts += [
            f"\n## Against {result.reference}, the best baseline by RMSE on the test split\n",
            tests_table(result.comparisons),
            "\nThe means over users of a user's part of the squared, the absolute and the macro absolute error are "
            "RMSE squared, MAE and macro-MAE; less is better. Paired by user, seeds averaged first: p of the paired "
            f"t-test and of Wilcoxon's signed-rank test; p over seeds, of {over_seeds}. All are two-sided and after "
            f"Holm's correction over all {len(result.comparisons)} comparisons; the 95 % intervals are not corrected."
            "\n",
        ]
    return "\n".join(parts)


def _spread_record(spread: Spread) -> Mapping[str, Any]:
    low, high = interval(np.array(spread.values)) or (None, None)
    figures = {"mean": spread.mean, "std": spread.std, "low": low, "high": high}
    plain = {name: None if value is None or math.isnan(value) else value for name, value in figures.items()}
    return plain | {"values": [None if math.isnan(value) else value for value in spread.values]}


def _cell(spread: Spread) -> str:
    if math.isnan(spread.mean):
        return "n/a"
    ends = interval(np.array(spread.values))
    return f"{spread.mean:.4f}" if ends is None else f"{spread.mean:.4f} ± {(ends[1] - ends[0]) / 2:.4f}"
