"""Metric tables, reasons and recommendation lists as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.languages.language import Language
from recbole_curec.reasons.natural_prompts import other_statement, statement
from recbole_curec.reasons.prompts import quote
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.terminal import printable_line, text_table

# How tables name what is measured beside RecBole's protocol.
HISTORY_LEFT_OUT = "history left out"
_METRICS = {"recall": "Recall", "ndcg": "NDCG", "mrr": "MRR", "hit": "Hit", "precision": "Precision", "map": "MAP"}


def metric_title(metric: str) -> str:
    """RecBole's name of a metric as tables show it: ``ndcg@10`` is ``NDCG@10``."""
    name, at, cutoff = metric.partition("@")
    return f"{_METRICS.get(name, name)}{at}{cutoff}" if at else metric


def metric_table(rows: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """A table of test metrics, one row per model; with two models a last row shows the relative difference."""
    metrics = list(rows[0][1])
    heads = [metric_title(metric) for metric in metrics]
    body = [[name, *(f"{values[metric]:.4f}" for metric in metrics)] for name, values in rows]
    if len(rows) == 2:
        body.append(["difference", *(_change(rows[0][1][metric], rows[1][1][metric]) for metric in metrics)])
    return text_table(["test split", *heads], body)


def both_protocols(
    rows: Sequence[tuple[str, Mapping[str, float], Mapping[str, float]]],
) -> str:
    """A table of test metrics by RecBole's protocol and, marked with a star, with histories left out of the lists.

    Args:
        rows: Name of every model, its metrics by RecBole's protocol, and those without the history, where empty ones
            leave out the second part of the table.
    """
    if not all(without for _, _, without in rows):
        return metric_table([(name, metrics) for name, metrics, _ in rows])
    starred = [
        (name, {**metrics, **{f"{metric}*": value for metric, value in without.items()}})
        for name, metrics, without in rows
    ]
    return f"{metric_table(starred)}\n* {HISTORY_LEFT_OUT}: items that the user had taken before are not ranked"


def _change(value: float, base: float) -> str:
    return f"{(value / base - 1) * 100:+.1f}%" if base else "n/a"


def reason_block(record: ReasonRecord, language: type[Language] = English) -> str:
    """One reason with its evidence and its rewards.

    Args:
        record: The reason.
        language: Its language, which the evidence is shown in.
    """
    rounds = {0: "first draft", 1: "after 1 round of correction"}
    written = rounds.get(record.rounds, f"after {record.rounds} rounds of correction")
    origin = "the teacher's sentence" if record.teacher else f"the model's, {written}"
    if record.written_for != record.user:
        origin += f", written for user {record.written_for} at position {record.evidence.position}"
    rewards = ", ".join(f"{name} {value:+.3f}" for name, value in record.rewards.items() if name != "total")
    known = [statement(fact, language) for fact in record.evidence.facts]
    known += [other_statement(one, language) for one in record.evidence.statements]
    lines = [
        f"user {record.user}, item {record.item}, position {record.position} ({origin})",
        f"  reason    {record.text}",
        f"  history   {quote(record.evidence.history) or 'none'}",
        *(f"  {'evidence' if number == 0 else '':<9} {text}" for number, text in enumerate(known)),
        f"  reward    {record.rewards['total']:+.3f} ({rewards})",
    ]
    # Ids and generated reasons are untrusted text: they must not add lines or move the cursor.
    return "\n".join(printable_line(line) for line in lines)


def list_table(lists: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """Recommendation lists, one block per user.

    Args:
        lists: Columns ``user``, ``rank``, ``item`` and ``score``.
        titles: Title by item id; an item without one shows its id alone.
    """
    blocks = []
    for user, rows in lists.groupby("user", sort=False):
        width = max(len(str(item)) for item in rows["item"])
        lines = [f"user {user}"]
        for rank, item, score in zip(rows["rank"], rows["item"], rows["score"], strict=True):
            title = titles.get(str(item), "")
            lines.append(f"{rank:>5}  {item!s:<{width}}  {score:>9.4f}  {title}".rstrip())
        blocks.append("\n".join(printable_line(line) for line in lines))
    return "\n\n".join(blocks)
