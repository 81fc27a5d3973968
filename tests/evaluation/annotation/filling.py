"""Annotators: sheets made from the small sets, and their files as people send them back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

from recbole_curec.api.annotating import AnnotationKit, make_annotation
from recbole_curec.evaluation.annotation.key import Key, KeyedQuestion
from tests.evaluation.explained import write_sets

# What is preferred (0, 1, "tie", or None for no answer) and the ratings of both sets, by what the key says.
Rule = Callable[[KeyedQuestion], tuple[int | str | None, tuple[int, int]]]


def make(folder: Path, **given: object) -> AnnotationKit:
    """A study of six pairs under ``folder/study``, with faithful alone as a scale."""
    settings = {"pairs": 6, "annotators": 2, "checks": 4, "scales": ["faithful"], "seed": 3, **given}
    return make_annotation(write_sets(folder, 8), folder / "study", **settings)


def filled(kit: AnnotationKit, number: int, rule: Rule, *, suffix: str = ".csv", separator: str = ",") -> Path:
    """The sheet of an annotator, filled by a rule that knows the key, as CSV or as the page saves it."""
    name = kit.study.sheets[number].name
    key = Key.read(kit.folder / "key.json").sheets[name]
    with (kit.folder / "sheets" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        asked = key.questions[row["question"]]
        preferred, ratings = rule(asked)
        sides = (asked.first_on, "B" if asked.first_on == "A" else "A")
        row["preferred"] = "" if preferred is None else preferred if isinstance(preferred, str) else sides[preferred]
        for side, rating in zip(sides, ratings, strict=True):
            if f"faithful {side}" in row:
                row[f"faithful {side}"] = str(rating or "")
    path = kit.folder / f"back-{number}{suffix}"
    write(path, rows, separator)
    return path


def write(path: Path, rows: list[dict[str, str]], separator: str = ",") -> None:
    """Rows as a file of answers."""
    if path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)


def attentive(asked: KeyedQuestion) -> tuple[int | str | None, tuple[int, int]]:
    """Prefers the first set, and the right side of a check."""
    return 0, (4, 2)
