"""Tables of a benchmark in LaTeX, for a paper (package ``booktabs``)."""

from __future__ import annotations

from recbole_curec.benchmark.benchmark import STAR, BenchmarkResult
from recbole_curec.evaluation.ranking_metrics import RANK
from recbole_curec.evaluation.statistics import Spread, p_text
from recbole_curec.explanations.console import metric_title

_ESCAPED = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    # After the end of a row a bracket would begin the argument that sets its height.
    "[": "{[}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def latex_tables(result: BenchmarkResult) -> str:
    """The table of metrics and the comparisons, as two ``tabular`` environments."""
    seeds = ", ".join(map(str, result.seeds))
    return "\n".join(
        [
            f"% {_one_line(result.dataset)}, seeds {seeds}: mean and standard deviation over seeds; needs booktabs.",
            "% A star: the user's history is left out of the list.",
            _metrics(result),
            "% Differences between means over users, 95 % intervals (uncorrected), p after Holm's correction.",
            _comparisons(result),
        ]
    )


def latex_text(text: str) -> str:
    """Text without anything that LaTeX takes for a command."""
    return "".join(_ESCAPED.get(character, character) for character in _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _metrics(result: BenchmarkResult) -> str:
    first = result.rows[0].by_protocol
    heads = [
        metric_title(metric) + (STAR if protocol != RANK else "")
        for protocol, measured in first.items()
        for metric in measured.metrics
    ]
    body = [
        [
            latex_text(one.row.title),
            *(_spread(spread) for measured in one.by_protocol.values() for spread in measured.metrics.values()),
        ]
        for one in result.rows
    ]
    return _tabular(["row", *map(latex_text, heads)], body)


def _comparisons(result: BenchmarkResult) -> str:
    body = [
        [
            latex_text(f"{one.row} against {one.reference}"),
            latex_text(metric_title(one.metric)),
            f"${one.difference:+.4f}$",
            "n/a" if one.low is None else f"$[{one.low:+.4f}, {one.high:+.4f}]$",
            *(latex_text(p_text(p)) for p in (one.t_test_holm, one.wilcoxon_holm, one.seeds_holm)),
        ]
        for compared in result.by_protocol.values()
        for one in compared.comparisons
    ]
    return _tabular(["rows", "metric", "difference", r"95\,\%", "$t$-test", "Wilcoxon", "over seeds"], body)


def _tabular(head: list[str], body: list[list[str]]) -> str:
    lines = [" & ".join(line) + r" \\" for line in (head, *body)]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _spread(spread: Spread) -> str:
    return f"{spread.mean:.4f}" if spread.std is None else rf"{spread.mean:.4f} {{\scriptsize$\pm${spread.std:.4f}}}"
