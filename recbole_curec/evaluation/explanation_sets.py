"""Explanations that people or models compare: a set's texts in one line, with the evidence where it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import DataError, in_one_line
from recbole_curec.evaluation.explanations import ExplanationSet, Pair, explanations_of, read_table
from recbole_curec.paths import user_path
from recbole_curec.terminal import printable

Source = str | Path | pd.DataFrame
_EVIDENCE = "evidence"


def read_explanations(source: Source, name: str) -> ExplanationSet:
    """A set of explanations with the columns ``user``, ``item`` and ``text``; ``evidence`` may be there.

    Args:
        source: A file, as ``curec explain --output`` and the stage ``correct`` write them, or a table.
        name: Name of the set in reports and messages.

    Raises:
        CURecError: The file cannot be read, a column is missing, an id or a text cannot be used, or a pair is explained
            twice.
    """
    table = source if isinstance(source, pd.DataFrame) else read_table(user_path("reasons", source))
    if table.empty:
        raise DataError(f"{name} holds no explanation: give a table with rows.")
    found = explanations_of(name, table)
    evidence: dict[Pair, Evidence] = {}
    if _EVIDENCE in table:
        for number, (pair, value) in enumerate(zip(found.texts, table[_EVIDENCE], strict=True), start=1):
            if isinstance(value, str | Mapping):
                evidence[pair] = _evidence(value, f"{name}, row {number}")
    return replace(found, texts={pair: in_a_line(text) for pair, text in found.texts.items()}, evidence=evidence)


def in_a_line(text: str) -> str:
    """A text of others as people and models are shown it: one line, control characters spelled out."""
    return in_one_line(printable(text))


def _evidence(value: str | Mapping[str, Any], where: str) -> Evidence:
    try:
        return Evidence.from_record(json.loads(value) if isinstance(value, str) else dict(value))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{where}: the column 'evidence' is not as this package writes it ({in_one_line(error)}): rename it."
        ) from error
