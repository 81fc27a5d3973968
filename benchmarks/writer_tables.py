"""Tables of the writers: figures side by side with their range over seeds, faults, costs, the test of RL, examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

import pandas as pd
from writer_rows import ALIGNED, REINFORCED

from recbole_curec.evaluation.statistics import Comparison, compare, corrected, interval_text
from recbole_curec.terminal import printable

_Row = Mapping[str, Any]
# Figures that are means over the prompts, with their names in the table.
_MEANS = {
    "true": "true reasons",
    "total": "reward, weighted",
    "model": "reward by the model",
    "judge": "reward by the judge",
    "lift": "adds for its user, log-odds",
    "shuffled_lift": "... for another user",
    "personal": "adds more for its own user",
    "words": "words per reason",
}
_SHARES = ("true", "personal", "distinct_texts", "thinking_used")
# What RL is tested on.
_TESTED = ("true", "total", "judge", "lift", "personal")


def comparison(records: Sequence[Mapping[str, Any]]) -> str:
    """All tables of some result files, as Markdown."""
    rows = _by_writer(records)
    parts = [_figures(rows), _costs(records)]
    if tested := _tests(rows):
        parts.append(tested)
    return "\n\n".join((*parts, *(_examples(title, seeds[0]) for title, seeds in rows.items())))


def _by_writer(records: Sequence[Mapping[str, Any]]) -> dict[str, list[_Row]]:
    """The rows of every writer and step, one per seed, in the order of the files."""
    found: dict[str, list[_Row]] = {}
    seen: set[tuple[str, str, int]] = set()
    for record in records:
        for run in record["runs"]:
            key = (record["dataset"], record["writer"], run["reason_seed"])
            if key in seen:
                raise SystemExit(f"{', '.join(key[:2])} was given twice with reason_seed {key[2]}: give each run once.")
            seen.add(key)
            for row in run["rows"]:
                found.setdefault(f"{record['dataset']}, {record['writer']}, {row['step']}", []).append(row)
    return found


def _figures(rows: Mapping[str, Sequence[_Row]]) -> str:
    """One line per figure and kind of fault, one column per writer and step."""
    lines = [_line("", list(rows)), "|---" * (len(rows) + 1) + "|"]
    lines.append(_line("seeds x prompts", [f"{len(seeds)} x {len(seeds[0]['prompts'])}" for seeds in rows.values()]))

    def add(title: str, name: str, read: Callable[[_Row], float | None]) -> None:
        lines.append(_line(title, [_range(name, [read(row) for row in seeds]) for seeds in rows.values()]))

    for name, title in _MEANS.items():
        add(title, name, lambda row, name=name: fmean(row["values"][name]))
    add("distinct texts", "distinct_texts", lambda row: row["distinct_texts"])
    add("distinct words", "distinct_words", lambda row: row["distinct_words"])
    add("names only what its thinking names", "thinking_used", lambda row: row["thinking_used"])
    add("seconds per reason", "seconds", lambda row: row["seconds"] / len(row["prompts"]))
    kinds = dict.fromkeys(kind for seeds in rows.values() for row in seeds for kind in row["faults"])
    for kind in kinds:
        add(f"fault: {kind}", "faults", lambda row, kind=kind: row["faults"].get(kind, 0))
    return "\n".join(lines)


def _costs(records: Sequence[Mapping[str, Any]]) -> str:
    """Seconds and peak memory of every stage."""
    stages = list(dict.fromkeys(stage for record in records for run in record["runs"] for stage in run["stages"]))
    lines = [_line("stage: seconds, peak MiB of the process so far", stages), "|---" * (len(stages) + 1) + "|"]
    for record in records:
        for run in record["runs"]:
            took = [run["stages"][stage] for stage in stages]
            cells = [f"{one['seconds']:,.0f} s, {one['peak_memory_mib']:,}" for one in took]
            lines.append(_line(f"{record['dataset']}, {record['writer']}, seed {run['reason_seed']}", cells))
    return "\n".join(lines)


def _tests(rows: Mapping[str, Sequence[_Row]]) -> str:
    """The drafts after RL against those before it; empty if no writer has both."""
    found: list[Comparison] = []
    for title, after in rows.items():
        before = rows.get(f"{title.removesuffix(REINFORCED)}{ALIGNED}")
        if title.endswith(f", {REINFORCED}") and before is not None:
            found += compare(title, [_table(row) for row in after], ALIGNED, [_table(row) for row in before])
    if not found:
        return ""
    lines = [
        "| after RL less before | prompts | difference | 95 % interval | p, paired t | p, Wilcoxon | p over seeds |",
        "|---" * 7 + "|",
    ]
    for one in corrected(found):
        lines.append(
            f"| {one.row}: {one.metric} | {one.users:,} | {one.difference:+.4f} | {interval_text(one.low, one.high)} | "
            f"{_p(one.t_test_holm)} | {_p(one.wilcoxon_holm)} | {_p(one.seeds_holm)} |"
        )
    return "\n".join((*lines, "", "(p after Holm's correction over this table.)"))


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _table(row: _Row) -> pd.DataFrame:
    return pd.DataFrame({name: row["values"][name] for name in _TESTED}, index=row["prompts"])


def _examples(title: str, row: _Row) -> str:
    """Reasons drawn at random, with the fault that was found in each."""
    lines = [f"{title}, drawn at random:", ""]
    for number, one in enumerate(row["examples"], 1):
        fault = "" if one["fault"] is None else f" [{one['fault']}]"
        lines.append(f"{number}. {printable(' '.join(one['completion'].split()))}{fault}")
    return "\n".join(lines)


def _range(name: str, values: Sequence[float | None]) -> str:
    """The mean over seeds, with the lowest and the highest if there are several."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    form = ".1%" if name in _SHARES else ".0f" if name == "faults" and len(known) == 1 else ".2f"
    mean, low, high = (format(value, form) for value in (fmean(known), min(known), max(known)))
    return mean if len(known) == 1 else f"{mean} ({low} to {high})"


def _line(title: str, cells: Sequence[str]) -> str:
    return f"| {title} | {' | '.join(cells)} |"
