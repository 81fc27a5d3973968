"""Quality of explanations as text for a terminal, as plain data, and as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec.atomic_write import check_output_file, write_text, write_whole
from recbole_curec.evaluation.amounts import amount
from recbole_curec.evaluation.controls.oracle import ORACLE
from recbole_curec.evaluation.explanation_quality import Figure, Quality, SetQuality
from recbole_curec.evaluation.metrics.grounded import FAULT
from recbole_curec.evaluation.statistics import interval_text, p_text
from recbole_curec.terminal import printable_line, text_table

QUALITY_FILES = (".json", ".parquet")
_HEADS = {"similarity": "Similarity to the references", "variety": "Variety", "truth": "Truth by the facts"}
_USR, _BLEU_4 = "usr", "bleu_4"
# Metrics from 0 to 100 are shown with two decimals, the others with three.
_LARGE = ("bleu", "rouge")
_ORACLE = f" ({ORACLE})"


@dataclass(frozen=True)
class QualityReport:
    """Quality of explanations; as text it is the tables of ``curec evaluate``.

    Attributes:
        quality: The quality.
    """

    quality: Quality

    def record(self) -> dict[str, Any]:
        """Plain data; every similarity stands beside the USR of its set."""
        quality = self.quality
        similar = set(quality.groups.get("similarity", ()))
        return {
            "pairs": len(quality.pairs),
            "users": _users(quality),
            **quality.facts,
            "sets": [
                {
                    "set": one.name,
                    "oracle": one.oracle,
                    "left_out": one.left_out,
                    "metrics": {
                        key: asdict(figure) | ({_USR: one.figures[_USR].value} if key in similar else {})
                        for key, figure in one.figures.items()
                    },
                }
                for one in quality.sets
            ],
            "against": quality.against,
            "comparisons": [asdict(one) for one in quality.comparisons],
            "notes": list(quality.notes),
        }

    def frame(self) -> pd.DataFrame:
        """One row per set and metric: ``set``, ``oracle``, ``metric``, ``value``, ``low``, ``high`` and ``usr``."""
        return pd.DataFrame(
            [
                {"set": one.name, "oracle": one.oracle, "metric": key, **asdict(figure), _USR: one.figures[_USR].value}
                for one in self.quality.sets
                for key, figure in one.figures.items()
            ]
        )

    def save(self, path: Path) -> None:
        """Write all of it as JSON, or the metrics as Parquet.

        Raises:
            ConfigurationError: The file's name ends otherwise, or it cannot be written.
        """
        check_output_file(path, QUALITY_FILES)
        if path.suffix == ".json":
            write_text(path, json.dumps(self.record(), indent=2, ensure_ascii=False) + "\n")
            return
        write_whole({path: lambda there: self.frame().to_parquet(there, index=False)})

    def __str__(self) -> str:
        """The tables: one row per set, USR beside every similarity, tests, and what was left out."""
        quality = self.quality
        parts = [f"{amount(len(quality.pairs), 'pair')} of {amount(_users(quality), 'user')}"]
        for group, keys in quality.groups.items():
            shown = [key for key in keys if not key.startswith(FAULT)]
            shown = [_USR, *shown] if group == "similarity" else shown
            parts.append(f"{_HEADS[group]}\n{_figures(quality, shown)}")
        faults = [key for keys in quality.groups.values() for key in keys if key.startswith(FAULT)]
        if faults:
            parts.append(f"Share of explanations with a fault of a kind\n{_faults(quality, faults)}")
        if quality.comparisons:
            parts.append(_tests(quality))
        # Names of sets are names of files: they must not add lines or move the cursor.
        parts += [f"note: {printable_line(note)}" for note in _notes(quality)]
        return "\n\n".join(parts)


def _users(quality: Quality) -> int:
    return len({user for user, _ in quality.pairs})


def _figures(quality: Quality, keys: Sequence[str]) -> str:
    body = [[_name(one), *(_cell(key, one.figures.get(key)) for key in keys)] for one in quality.sets]
    return text_table(["set", *(quality.titles[key] for key in keys)], body)


def _faults(quality: Quality, keys: Sequence[str]) -> str:
    body = [
        [_name(one), *(f"{one.figures[key].value if key in one.figures else 0:.1%}" for key in keys)]
        for one in quality.sets
    ]
    return text_table(["set", *(key.removeprefix(FAULT) for key in keys)], body)


def _tests(quality: Quality) -> str:
    names = {one.name: _name(one) for one in quality.sets}
    body = [
        [
            names[one.row],
            quality.titles[one.metric],
            f"{one.difference:+.3f}",
            interval_text(one.low, one.high, 3),
            p_text(one.t_test_holm, missing="-"),
            p_text(one.wilcoxon_holm, missing="-"),
        ]
        for one in quality.comparisons
    ]
    table = text_table(["set", "metric", "difference", "95 % interval", "p, t-test", "p, Wilcoxon"], body)
    head = f"Against {names[quality.against]}, paired by user, p after Holm's correction over this table"
    if any(one.metric == _BLEU_4 for one in quality.comparisons):
        head += "; BLEU-4 is the mean over single explanations here"
    return f"{head}\n{table}"


def _notes(quality: Quality) -> list[str]:
    left = [f"{one.name} {one.left_out:,}" for one in quality.sets if one.left_out]
    notes = [f"explanations of pairs that other sets, references or facts lack are left out: {', '.join(left)}"]
    return [*(notes if left else []), *quality.notes]


def _name(one: SetQuality) -> str:
    marked = _ORACLE if one.oracle and ORACLE not in one.name else ""
    return printable_line(one.name) + marked


def _cell(key: str, figure: Figure | None) -> str:
    if figure is None:
        return "-"
    digits = 2 if key.startswith(_LARGE) else 3
    value = f"{figure.value:.{digits}f}"
    return value if figure.low is None else f"{value} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"
