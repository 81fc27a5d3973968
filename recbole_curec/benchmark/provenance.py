"""How a benchmark was made: protocol, budget, data, versions and hardware, for a reader who was not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recbole_curec.benchmark.benchmark import BenchmarkResult, RowResult
from recbole_curec.benchmark.markdown import markdown_table

_PROTOCOL = ("eval_args", "repeatable", "valid_metric", "topk")
_DIGITS = 16

Facts = Mapping[str, Any]


def provenance(result: BenchmarkResult) -> str:
    """The section as Markdown. What differs between runs is listed with the number of runs."""
    facts = [run.facts for one in result.rows for run in one.runs]
    settings = facts[0]["settings"]
    ranks = result.rows[0].runs[0].ranks
    minutes = sum(float(one["wall_seconds"]) for one in facts) / 60
    lines = [
        "\n## How it was made\n",
        _budget(result.rows),
        "\nEpochs are those trained until the validation metric stopped rising. "
        "A sum has no epochs, and the parameters of all it sums.\n",
        f"- protocol: {', '.join(f'{key} {settings.get(key)}' for key in _PROTOCOL)}, "
        f"mask_history {bool(settings.get('recommend.mask_history'))}; every test item is ranked among all "
        f"{facts[0]['candidates']:,} items, and the epoch is chosen on the validation split",
        f"- test: {len(ranks):,} interactions of {ranks['user'].nunique():,} users, the same for every row"
        + (f", under seed {result.seeds[0]}; every seed has a split of its own" if result.own_splits else ""),
        *origin(facts, f"{minutes:,.1f} minutes of stage 7 in all"),
        "- every run's settings, and all figures per seed: `table.json`; the figures alone: `table.csv`",
    ]
    return "\n".join(lines) + "\n"


def origin(facts: Sequence[Facts], time: str) -> list[str]:
    """Data, source, versions and hardware of runs as lines of a list.

    Args:
        facts: What every run says of itself: ``data``, ``commit``, ``packages`` and ``hardware``.
        time: How long they took, in words.
    """
    return [
        f"- data: {_distinct(facts, _data)}",
        f"- source: {_distinct(facts, _source)}",
        f"- versions: {_distinct(facts, _versions)}",
        f"- hardware: {_distinct(facts, _machine)}; {time}",
    ]


def _budget(rows: Sequence[RowResult]) -> str:
    body = []
    for one in rows:
        facts = [run.facts for run in one.runs]
        settings = facts[0]["settings"]
        minutes = [float(fact["wall_seconds"]) / 60 for fact in facts]
        body.append(
            [
                one.row.title,
                _model(one, settings),
                f"{facts[0]['parameters']:,}",
                "n/a" if one.row.ensemble else _range([int(fact["epochs"]) for fact in facts], "d"),
                "n/a" if one.row.ensemble else f"{settings['epochs']}, patience {settings['stopping_step']}",
                _range(minutes, ".1f"),
                f"{max(int(fact['peak_memory_mib']) for fact in facts):,}",
            ]
        )
    head = ["row", "model", "parameters", "epochs", "at most", "minutes a run", "peak memory of the process, MiB"]
    return markdown_table(head, body)


def _model(one: RowResult, settings: Facts) -> str:
    if one.row.ensemble:
        return "sum of " + ", ".join(one.row.ensemble)
    wrapped = f" ({settings['recommend.backbone']})" if str(settings["model"]).startswith("CURec") else ""
    return f"{settings['model']}{wrapped}"


def _range(values: Sequence[float], form: str) -> str:
    low, high = format(min(values), form), format(max(values), form)
    return low if low == high else f"{low} to {high}"


def _distinct(facts: Sequence[Facts], text: Callable[[Facts], str]) -> str:
    counts = Counter(map(text, facts))
    if len(counts) == 1:
        return next(iter(counts))
    return "; ".join(f"{one} ({count} of {len(facts)} runs)" for one, count in counts.items())


def _data(facts: Facts) -> str:
    return ", ".join(f"{name} sha256 {digest[:_DIGITS]}…" for name, digest in facts["data"].items())


def _source(facts: Facts) -> str:
    commit = facts["commit"]
    version = f"recbole-curec {facts['packages']['recbole-curec']}"
    return f"{version}, commit {commit}" if commit else f"{version}, installed"


def _versions(facts: Facts) -> str:
    return ", ".join(f"{name} {version}" for name, version in facts["packages"].items())


def _machine(facts: Facts) -> str:
    machine = facts["hardware"]
    device = machine["gpu"] or f"{machine['processor']}, {machine['threads']} of {machine['cores']} cores"
    return f"{device} ({machine['system']})"
