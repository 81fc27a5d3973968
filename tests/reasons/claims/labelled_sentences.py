"""Sentences labelled by hand, each read against its evidence, and the catalogs they were written from.

``labelled/labelled.jsonl`` holds 300, ``labelled/apart.jsonl`` a further set that no test looks into: it is for the
benchmark (``benchmarks/claims.py``) alone, so that a checker tuned on the first can be measured on the second. The sets
of :data:`UNSEEN` were each written by somebody who had seen neither the checker nor its lists, and kept before anything
was run on them. The checker was corrected on one after the other, on ``copywriters`` in single faults alone: wit is no
plain prose. Evidence stands once in ``evidence.json``, and a line has its place there.

A line has the keys ``source`` (``unaligned``: SmolLM2-135M-Instruct asked in natural language; ``aligned``: the same
model after a few dozen steps on the teacher's sentences; ``written``: by hand, in the manner of a larger model),
``dataset``, ``evidence``, ``text``, ``label`` (``true``, ``false``; ``generic`` claims nothing that could be either),
``kind`` of the first or gravest fault, its ``words`` and the ``reason`` for the label.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.parsing import ParsedReason, completion_naming, parse_reason
from tests.examples import make_catalog

FOLDER = Path(__file__).parent / "labelled"
SOURCES = ("unaligned", "aligned", "written")
# By the manner of their writers, in the order in which the checker met them.
UNSEEN = (
    "outsider", "plain", "assistants", "copywriters", "small_models", "idioms", "mixture", "mixture2", "mixture3",
    "other_evidence", "annotators", "friends", "last", "latest",
)  # fmt: skip
KINDS = (
    "title", "attribute", "preference", "history", "company", "strength", "popularity", "number", "rating", "time",
    "place", "opinion", "negation", "user", "content", "quote",
)  # fmt: skip


@dataclass(frozen=True)
class LabelledSentence:
    """One sentence with its label.

    Attributes:
        source: Who wrote it.
        dataset: Dataset of its evidence, a key of :func:`catalogs`.
        evidence: What it may claim.
        text: The sentence.
        label: Whether every claim of it is in the evidence.
        kind: Kind of the gravest fault of a false sentence, else empty.
        words: Words of that fault, else empty.
        reason: Why it has this label.
    """

    source: str
    dataset: str
    evidence: Evidence
    text: str
    label: Literal["true", "false", "generic"]
    kind: str
    words: str
    reason: str

    @property
    def parsed(self) -> ParsedReason:
        """The sentence as the reason of a completion."""
        return as_reason(self.text, self.evidence)


def as_reason(text: str, evidence: Evidence) -> ParsedReason:
    """A sentence as the reason of a completion whose thinking names the target."""
    return parse_reason(completion_naming(evidence.target, text))


def read_labelled(name: str = "labelled") -> list[LabelledSentence]:
    """The labelled sentences of a set."""
    rows = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [LabelledSentence(**{**row, "evidence": _evidence()[row["evidence"]]}) for row in rows]


@cache
def _evidence() -> list[Evidence]:
    records = json.loads((FOLDER / "evidence.json").read_text(encoding="utf-8"))
    return [Evidence.from_record(record) for record in records]


@cache
def catalogs() -> dict[str, Catalog]:
    """By dataset: the items that occur in the files and some hundred others, with their labels."""
    found = json.loads((FOLDER / "catalog.json").read_text(encoding="utf-8"))
    return {
        dataset: make_catalog({f"{place:04}": (name, labels) for place, (name, labels) in enumerate(items.items())})
        for dataset, items in found.items()
    }
