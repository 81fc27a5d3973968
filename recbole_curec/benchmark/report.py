"""Report of a finished benchmark: a Markdown page, the same as JSON, CSV and LaTeX, and figures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from recbole_curec.atomic_write import write_text
from recbole_curec.benchmark.benchmark import STAR, BenchmarkResult, RowResult
from recbole_curec.benchmark.figures import figures
from recbole_curec.benchmark.latex import latex_tables
from recbole_curec.benchmark.markdown import markdown_table, spread_text, tests_table
from recbole_curec.benchmark.overlap import Overlap
from recbole_curec.benchmark.plain_data import long_table, record
from recbole_curec.benchmark.provenance import provenance
from recbole_curec.benchmark.runs import CUTOFF
from recbole_curec.benchmark.slices import HEAD_SHARE, SLICES
from recbole_curec.evaluation.ranking_metrics import RANK, WITHOUT_HISTORY
from recbole_curec.evaluation.statistics import spreads
from recbole_curec.explanations.console import HISTORY_LEFT_OUT, metric_title

TABLE = "table"


def write_report(result: BenchmarkResult, folder: Path) -> list[Path]:
    """Write the page, the same as JSON, CSV and LaTeX, and the figures to ``<folder>/<dataset>``, each atomically.

    Returns:
        Their paths.
    """
    contents = {
        f"{TABLE}.md": page(result),
        f"{TABLE}.json": json.dumps(record(result), indent=2, ensure_ascii=False, default=str) + "\n",
        f"{TABLE}.csv": long_table(result),
        f"{TABLE}.tex": latex_tables(result),
        **figures(result, folder),
    }
    place = folder / result.dataset
    for name, text in contents.items():
        write_text(place / name, text)
    return [place / name for name in contents]


def page(result: BenchmarkResult) -> str:
    """The tables as Markdown."""
    users = result.rows[0].runs[0].ranks["user"].nunique()
    seeds = ", ".join(map(str, result.seeds))
    parts = [
        f"# {result.dataset}: {len(result.rows)} rows, {len(result.seeds)} seeds, {users:,} users\n",
        f"Mean ± sample standard deviation over seeds {seeds}; test split, but for the column that picks the epoch.\n",
        _metrics(result.rows),
        *([_STARRED] if WITHOUT_HISTORY in result.by_protocol else []),
        *_comparisons(result),
        "\n## By item\n",
        *(_slices(result.rows, protocol) for protocol in result.by_protocol),
        f"\nhead: the {HEAD_SHARE:.0%} of the items in training with the most training interactions; tail: the others "
        "in training; cold: items without any training interaction. A number in brackets counts test interactions.\n",
        *_overlap(result),
        _reasons(result.rows),
        provenance(result),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


_STARRED = (
    f"\n\\* {HISTORY_LEFT_OUT}: items that the user had taken before the test interaction are not ranked; the test "
    "item is, also where the user had taken it before. Without a star: RecBole's protocol, which ranks them in "
    "sequential models.\n"
)


def _metrics(rows: Sequence[RowResult]) -> str:
    chosen = str(rows[0].runs[0].facts["settings"]["valid_metric"]).lower()
    heads = [
        metric_title(name) + _mark(protocol)
        for protocol, measured in rows[0].by_protocol.items()
        for name in measured.metrics
    ]
    body = [
        [
            one.row.title,
            spread_text(spreads([run.facts["valid"] for run in one.runs])[chosen]),
            *(spread_text(spread) for measured in one.by_protocol.values() for spread in measured.metrics.values()),
        ]
        for one in rows
    ]
    return markdown_table(["row", f"validation {metric_title(chosen)}", *heads], body)


def _mark(protocol: str) -> str:
    return "" if protocol == RANK else STAR


def _comparisons(result: BenchmarkResult) -> list[str]:
    found = [one for compared in result.by_protocol.values() for one in compared.comparisons]
    parts = []
    for reference in dict.fromkeys(one.reference for one in found):
        parts += [f"\n## Against {reference}\n", tests_table([one for one in found if one.reference == reference])]
    if found:
        family = len(result.by_protocol[RANK].comparisons)
        apart = ", those with a star apart from those without" if WITHOUT_HISTORY in result.by_protocol else ""
        reasons = "Every seed has reasons of its own." if result.varied_reasons else "Each row has one set of reasons."
        parts.append(
            "\nPaired by user, each user's metric averaged over seeds first: p of the paired t-test and of Wilcoxon's "
            "signed-rank test speak of other users, given these trained models. p over seeds, of "
            f"{_seed_test(result)}, speaks of models trained again, given these users. All are two-sided and "
            f"after Holm's correction over all {family} comparisons of this page{apart}; the 95 % intervals "
            f"are not corrected. {reasons}{_dependent(result.rows)}\n"
        )
    return parts


def _seed_test(result: BenchmarkResult) -> str:
    if result.own_splits:
        return "the t-test between the means of the seeds, paired because every seed has a split of its own"
    return "Welch's t-test between the means of the seeds"


def _dependent(rows: Sequence[RowResult]) -> str:
    twice = [one.row.title for one in rows if len(set(one.row.ensemble)) < len(one.row.ensemble)]
    if not twice:
        return ""
    return (
        f" Sums of several seeds of one row ({', '.join(twice)}) share a run between seeds, so that their spread and "
        "their p over seeds are too small."
    )


def _slices(rows: Sequence[RowResult], protocol: str) -> str:
    metrics = [f"recall@{CUTOFF}", f"ndcg@{CUTOFF}"]
    slices = [one.by_protocol[protocol].slices for one in rows]
    heads = [
        f"{metric_title(metric)}{_mark(protocol)}, {name} ({slices[0][name].targets:,})"
        for name in SLICES
        for metric in metrics
    ]
    body = [
        [
            one.row.title,
            *(
                spread_text(found[name].metrics[metric]) if found[name].metrics else "n/a"
                for name in SLICES
                for metric in metrics
            ),
        ]
        for one, found in zip(rows, slices, strict=True)
    ]
    return markdown_table(["row", *heads], body)


def _overlap(result: BenchmarkResult) -> list[str]:
    titles = [one.row.title for one in result.rows]
    parts = [f"\n## Overlap of hits at {CUTOFF}\n"]
    for protocol, compared in result.by_protocol.items():
        mark = _mark(protocol)
        parts += [
            _matrix(f"Jaccard{mark}", titles, compared.overlap, lambda one: one.jaccard),
            _matrix(f"union{mark}", titles, compared.overlap, lambda one: one.union),
        ]
    same = ""
    if result.own_splits:
        same = " A row's cell with itself is empty, because every seed has test interactions of its own."
    elif len(result.seeds) > 1:
        same = " A row's cell with itself is between two seeds of it, mean over all pairs of seeds."
    parts.append(
        f"Jaccard: test interactions whose item is among the first {CUTOFF} of both rows, as a share of those where it "
        "is among the first of at least one; union: the latter as a share of all. Both rows under the same seed, mean "
        f"over seeds.{same}\n"
    )
    return parts


def _matrix(
    name: str,
    titles: Sequence[str],
    overlap: Mapping[tuple[str, str], Overlap],
    part: Callable[[Overlap], float | None],
) -> str:
    """A table with a cell for every pair of rows, those above and on its diagonal."""

    def cell(one: str, other: str) -> str:
        found = overlap.get((one, other))
        value = None if found is None else part(found)
        return "" if value is None else f"{value:.3f}"

    body = [
        [f"{number}. {title}", *(cell(title, other) for other in titles)]
        for number, title in enumerate(titles, start=1)
    ]
    return markdown_table([name, *(str(number) for number in range(1, len(titles) + 1))], body)


def _reasons(rows: Sequence[RowResult]) -> str:
    """Summaries of the ``correct`` and ``encode`` stages per row, which show the source of each row's texts."""
    summaries = [(one.row.title, one.runs[0].facts["stages"]) for one in rows]
    body = [[title, stages.get("correct", "no reasons"), stages["encode"]] for title, stages in summaries if stages]
    if not body:
        return ""
    return "\n".join(["\n## What was encoded\n", markdown_table(["row", "correct", "encode"], body, align="---")])
