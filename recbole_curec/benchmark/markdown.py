"""Tables of a benchmark in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from recbole_curec.evaluation.statistics import Comparison, Spread, interval_text, p_text
from recbole_curec.explanations.console import metric_title


def markdown_table(head: Sequence[str], body: Sequence[Sequence[str]], align: str = "---:") -> str:
    """A table whose columns but the first are aligned as ``align`` says."""
    lines = [head, ["---", *[align] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def tests_table(comparisons: Sequence[Comparison]) -> str:
    """Comparisons as a Markdown table, p-values after Holm's correction."""
    body = [
        [
            one.row,
            metric_title(one.metric),
            f"{one.difference:+.4f}",
            "n/a" if one.relative is None else f"{one.relative:+.1%}",
            interval_text(one.low, one.high, missing="n/a"),
            p_text(one.t_test_holm),
            p_text(one.wilcoxon_holm),
            p_text(one.seeds_holm),
        ]
        for one in comparisons
    ]
    head = ["row", "metric", "difference", "relative", "95 % interval", "p, t-test", "p, Wilcoxon", "p, over seeds"]
    return markdown_table(head, body)


def spread_text(spread: Spread) -> str:
    """Mean and standard deviation over seeds with four decimals."""
    return f"{spread.mean:.4f}" if spread.std is None else f"{spread.mean:.4f} ± {spread.std:.4f}"
