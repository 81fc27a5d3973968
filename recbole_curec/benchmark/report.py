"""Report of a finished benchmark as Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import write_text
from recbole_curec.benchmark.benchmark import BenchmarkResult, RowResult
from recbole_curec.benchmark.runs import CUTOFF
from recbole_curec.benchmark.slices import HEAD_SHARE, SLICES
from recbole_curec.evaluation.statistics import Comparison, Spread, spreads
from recbole_curec.explanations.console import metric_title

TABLE = "table"
_PROTOCOL = ("eval_args", "repeatable", "valid_metric", "topk")


def write_report(result: BenchmarkResult, folder: Path) -> tuple[Path, Path]:
    """Write ``<folder>/<dataset>/table.md`` and ``table.json``, each atomically.

    Returns:
        Paths of both files.
    """
    place = folder / result.dataset
    markdown, plain = place / f"{TABLE}.md", place / f"{TABLE}.json"
    write_text(plain, json.dumps(record(result), indent=2, ensure_ascii=False, default=str) + "\n")
    write_text(markdown, page(result))
    return markdown, plain


def record(result: BenchmarkResult) -> dict[str, Any]:
    """The result as plain data: figures per seed, tests, settings and versions."""
    return {
        "dataset": result.dataset,
        "seeds": result.seeds,
        "rows": [
            {
                "row": one.row.name,
                "title": one.row.title,
                "metrics": {metric: asdict(spread) for metric, spread in one.metrics.items()},
                "slices": {name: asdict(one.slices[name]) for name in SLICES},
                "runs": [run.facts for run in one.runs],
            }
            for one in result.rows
        ],
        "comparisons": [asdict(one) for one in result.comparisons],
    }


def page(result: BenchmarkResult) -> str:
    """The tables as Markdown."""
    users = result.rows[0].runs[0].ranks["user"].nunique()
    seeds = ", ".join(map(str, result.seeds))
    parts = [
        f"# {result.dataset}: {len(result.rows)} rows, {len(result.seeds)} seeds, {users:,} users\n",
        f"Mean ± sample standard deviation over seeds {seeds}; test split, but for the column that picks the epoch.\n",
        _metrics(result.rows),
    ]
    for reference in dict.fromkeys(one.reference for one in result.comparisons):
        parts += [
            f"\n## Against {reference}\n",
            tests_table([c for c in result.comparisons if c.reference == reference]),
        ]
    if result.comparisons:
        parts.append(
            "\nPaired by user, each user's metric averaged over seeds first: p of the paired t-test and of Wilcoxon's "
            "signed-rank test speak of other users, given these trained models. p over seeds, of Welch's t-test "
            "between the means of the seeds, speaks of models trained again, given these users. All are two-sided and "
            f"after Holm's correction over all {len(result.comparisons)} comparisons of this page; the 95 % intervals "
            "are not corrected. Each row has one set of reasons.\n"
        )
    parts += [
        "\n## By item\n",
        _slices(result.rows),
        f"\nhead: the {HEAD_SHARE:.0%} of the items in training with the most training interactions; tail: the others "
        "in training; cold: items without any training interaction. A number in brackets counts test interactions.\n",
        _reasons(result.rows),
        _made(result),
    ]
    return "\n".join(parts)


def _metrics(rows: Sequence[RowResult]) -> str:
    names = list(rows[0].metrics)
    chosen = str(rows[0].runs[0].facts["settings"]["valid_metric"]).lower()
    body = [
        [
            one.row.title,
            _spread(spreads([run.facts["valid"] for run in one.runs])[chosen]),
            *(_spread(one.metrics[name]) for name in names),
        ]
        for one in rows
    ]
    return markdown_table(["row", f"validation {metric_title(chosen)}", *map(metric_title, names)], body)


def tests_table(comparisons: Sequence[Comparison]) -> str:
    """Comparisons as a Markdown table, p-values after Holm's correction."""
    body = [
        [
            one.row,
            metric_title(one.metric),
            f"{one.difference:+.4f}",
            "n/a" if one.relative is None else f"{one.relative:+.1%}",
            f"{one.low:+.4f} to {one.high:+.4f}",
            p_text(one.t_test_holm),
            p_text(one.wilcoxon_holm),
            p_text(one.seeds_holm),
        ]
        for one in comparisons
    ]
    head = ["row", "metric", "difference", "relative", "95 % interval", "p, t-test", "p, Wilcoxon", "p, over seeds"]
    return markdown_table(head, body)


def _slices(rows: Sequence[RowResult]) -> str:
    metrics = [f"recall@{CUTOFF}", f"ndcg@{CUTOFF}"]
    heads = [
        f"{metric_title(metric)}, {name} ({rows[0].slices[name].targets:,})" for name in SLICES for metric in metrics
    ]
    body = [
        [
            one.row.title,
            *(
                _spread(one.slices[name].metrics[metric]) if one.slices[name].metrics else "n/a"
                for name in SLICES
                for metric in metrics
            ),
        ]
        for one in rows
    ]
    return markdown_table(["row", *heads], body)


def _reasons(rows: Sequence[RowResult]) -> str:
    """Summaries of the ``correct`` and ``encode`` stages per row, which show the source of each row's texts."""
    summaries = [(one.row.title, one.runs[0].facts["stages"]) for one in rows]
    body = [[title, stages.get("correct", "no reasons"), stages["encode"]] for title, stages in summaries if stages]
    if not body:
        return ""
    return "\n".join(["\n## What was encoded\n", markdown_table(["row", "correct", "encode"], body, align="---")])


def _made(result: BenchmarkResult) -> str:
    facts = result.rows[0].runs[0].facts
    settings: Mapping[str, Any] = facts["settings"]
    minutes = sum(float(run.facts["wall_seconds"]) for one in result.rows for run in one.runs) / 60
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    machine = facts["hardware"]
    device = machine["gpu"] or f"{machine['processor']}, {machine['threads']} of {machine['cores']} cores"
    lines = [
        "\n## How it was made\n",
        f"- protocol: {', '.join(f'{key} {settings.get(key)}' for key in _PROTOCOL)}",
        f"- versions: {packages}",
        f"- hardware: {device} ({machine['system']}); {minutes:,.1f} minutes of stage 7 in all",
        f"- every run's settings, and all figures per seed: `{TABLE}.json`",
    ]
    return "\n".join(lines) + "\n"


def _spread(spread: Spread) -> str:
    return f"{spread.mean:.4f}" if spread.std is None else f"{spread.mean:.4f} ± {spread.std:.4f}"


def p_text(value: float | None) -> str:
    """A p-value with four decimals."""
    if value is None:
        return "n/a"
    return "<0.0001" if value < 1e-4 else f"{value:.4f}"


def markdown_table(head: Sequence[str], body: Sequence[Sequence[str]], align: str = "---:") -> str:
    """A table whose columns but the first are aligned as ``align`` says."""
    lines = [head, ["---", *[align] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
