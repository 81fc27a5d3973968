"""Explanations that people or models compare: a set's texts in one line, with the evidence where it is stored."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

from recbole_curec.data.evidence import Evidence
from recbole_curec.data.evidence_check import checked_evidence
from recbole_curec.errors import DataError, in_one_line, shown
from recbole_curec.evaluation.explanations import ExplanationSet, Pair, explanations_of, read_table
from recbole_curec.paths import user_path
from recbole_curec.terminal import printable, printable_line

Source = str | Path | pd.DataFrame
# Of a reason that was written for another user, as `shuffle_users` has them.
_EVIDENCE, _WRITTEN_FOR = "evidence", "written_for"


def read_explanations(source: Source, name: str) -> ExplanationSet:
    """A set of explanations with the columns ``user``, ``item`` and ``text``; ``evidence`` may be there.

    Args:
        source: A file, as ``curec explain --output`` and the stage ``correct`` write them, or a table.
        name: Name of the set in reports and messages.

    Raises:
        CURecError: The file cannot be read, a column is missing, an id, a text or evidence cannot be used, evidence is
            about another pair, or a pair is explained twice.
    """
    table = source if isinstance(source, pd.DataFrame) else read_table(user_path("reasons", source))
    if table.empty:
        raise DataError(f"{printable_line(name)} holds no explanation: give a table with rows.")
    found = explanations_of(name, table)
    evidence: dict[Pair, Evidence] = {}
    if _EVIDENCE in table:
        others = table[_WRITTEN_FOR] if _WRITTEN_FOR in table else [None] * len(table)
        rows = zip(found.texts, table[_EVIDENCE], others, strict=True)
        for number, (pair, value, other) in enumerate(rows, start=1):
            if not (is_scalar(value) and pd.isna(value)):
                where = f"{printable_line(name)}, row {number}"
                evidence[pair] = _evidence(value, where)
                _check_pair(evidence[pair], pair, other, where)
    return replace(found, texts={pair: in_a_line(text) for pair, text in found.texts.items()}, evidence=evidence)


def in_a_line(text: str) -> str:
    """A text of others as people and models are shown it: one line, control characters spelled out."""
    return in_one_line(printable(text))


def _evidence(value: object, where: str) -> Evidence:
    try:
        return checked_evidence(value if isinstance(value, str) else json.dumps(value, default=_plain))
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(
            f"{where}: the column 'evidence' is not as this package writes it ({in_one_line(printable(str(error)))}): "
            "correct or rename it."
        ) from error


def _plain(part: object) -> object:
    """Plain data of what pandas reads from a Parquet file, where a list is an array."""
    return part.tolist() if isinstance(part, np.ndarray | np.generic) else str(part)


def _check_pair(evidence: Evidence, pair: Pair, written_for: object, where: str) -> None:
    """Check that evidence is about the row's item, and about its user or the one that the reason was written for."""
    user, item = pair
    for field, given, allowed in (("user", evidence.user, (user, written_for)), ("item", evidence.item, (item,))):
        if given not in allowed:
            raise DataError(
                f"{where}: the column 'evidence' is about {field} {shown(given)}, and the row about "
                f"{shown(allowed[0])}: give every row its own evidence."
            )
