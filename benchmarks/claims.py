"""How well the check of claims finds what it was not written for: labelled sentences and faults from the evidence.

    python benchmarks/claims.py --dataset=ml-100k
    python benchmarks/claims.py --dataset=ml-100k --reasons run --artifact_dir=<folder>

Prints found of planted by kind, and the share of true sentences that is flagged:

- of sentences labelled by hand (``tests/reasons/claims/labelled``): the 300, the set apart and those of outsiders;
- of true sentences whose evidence is changed under them: the teacher's for interactions of the dataset, or, with
  ``--reasons run``, those that stage 5 of a finished run stored.

The first check, of names, labels and level words alone, is in ``results/claims_ml-100k_grounding.json``.
"""

from __future__ import annotations

import sys
import tempfile
from argparse import Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import measuring
import numpy as np
from finished_run import FinishedRun
from recbole.utils import init_seed
from tqdm import tqdm

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import Evidence
from recbole_curec.evaluation.evidence_faults import EvidenceFaultReport, measure
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.datasets import CURecDataset
from recbole_curec.plugin.features import data_source
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings
from recbole_curec.settings.travel import settings_of
from recbole_curec.stages.collect import collected_from

sys.path.append(str(Path(__file__).parents[1]))  # the labelled sentences belong to the tests
from tests.reasons.claims.labelled_sentences import UNSEEN, LabelledSentence, catalogs, read_labelled

_LABELLED = ("labelled", "apart", *UNSEEN)


def main() -> None:
    """Measure, print the tables and store them."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--reasons", choices=("teacher", "run"), default="teacher", help="which true sentences")
    options.add_argument("--sentences", type=int, default=1000, help="true sentences whose evidence is changed")
    args, given = measuring.read(options)
    labelled = {name: measure_labelled(read_labelled(name)) for name in _LABELLED}
    catalog, sentences = true_sentences(args, load_config("CURec", args.dataset, [], given))
    checker = checker_of(catalog)
    report = measure(sentences, lambda *reason: bool(checker.faults(*reason)), catalog, seed=args.seed)
    print(table(labelled, report))
    record = {
        "benchmark": "claims",
        "dataset": args.dataset,
        "reasons": args.reasons,
        "seed": args.seed,
        "labelled": labelled,
        "evidence": report.record(),
    }
    print(measuring.store(args.out, f"claims_{args.dataset}", record, args.threads))


def measure_labelled(sentences: Sequence[LabelledSentence]) -> dict[str, Any]:
    """How many of the labelled sentences are flagged, by label, and of the false ones by kind and source."""
    checkers = {dataset: checker_of(catalog) for dataset, catalog in catalogs().items()}
    verdicts = [(one, bool(checkers[one.dataset].faults(one.parsed, one.evidence))) for one in sentences]
    false = [(one, fault) for one, fault in verdicts if one.label == "false"]
    return {
        "labels": _shares((one.label, fault) for one, fault in verdicts),
        "kinds": _shares((one.kind, fault) for one, fault in false),
        "sources": _shares((f"{one.source}, {one.label}", fault) for one, fault in verdicts),
    }


def _shares(verdicts: Any) -> dict[str, dict[str, int]]:
    pairs = list(verdicts)
    of, flagged = Counter(name for name, _ in pairs), Counter(name for name, fault in pairs if fault)
    return {name: {"flagged": flagged[name], "of": count} for name, count in sorted(of.items())}


def true_sentences(args: Namespace, config: Any) -> tuple[Catalog, list[tuple[str, Evidence]]]:
    """The catalog, and true sentences with their evidence."""
    if args.reasons == "run":
        with tempfile.TemporaryDirectory() as scratch:
            run = FinishedRun.of(config, Path(scratch), args.seed, config["device"])
            records = [record for record in run.records if record.outcome != "left"]
            drawn = np.random.default_rng(args.seed).permutation(len(records))[: args.sentences]
            return run.collected.catalog, [(records[k].text, records[k].evidence) for k in drawn]
    init_seed(config["seed"], config["reproducibility"])
    source = data_source(config, CURecDataset(config).build()[0].train_history())
    settings = settings_of(config).of(CollectSettings)
    return teachers_sentences(collected_from(source, settings), settings, args)


def teachers_sentences(
    collected: Collected, settings: CollectSettings, args: Namespace
) -> tuple[Catalog, list[tuple[str, Evidence]]]:
    """The teacher's sentences for training interactions, drawn at random."""
    builder, history = collected.builder(settings), collected.history
    teacher = EvidenceTeacher(checker_of(collected.catalog), args.seed)
    rows = np.flatnonzero(history.positions > 0)
    drawn = np.random.default_rng(args.seed).choice(rows, size=min(args.sentences, len(rows)), replace=False)
    evidence = [builder.build(*history.interaction(int(row))) for row in tqdm(drawn, desc="evidence", leave=False)]
    return collected.catalog, [(teacher.write(one).text, one) for one in evidence]


def table(labelled: Mapping[str, Mapping[str, Any]], report: EvidenceFaultReport) -> str:
    """All figures as Markdown tables."""
    lines = []
    for name, measured in labelled.items():
        lines += [f"| {name}: kind of the false ones | found | of |", "|---|---|---|"]
        lines += [f"| {kind} | {row['flagged']} | {row['of']} |" for kind, row in measured["kinds"].items()]
        rows = measured["labels"]
        lines += [f"| {label}, flagged | {row['flagged']} | {row['of']} |" for label, row in rows.items()]
        lines.append("")
    lines += ["| changed evidence | found | planted |", "|---|---|---|"]
    lines += [f"| {fault} | {report.found[fault]} | {planted} |" for fault, planted in report.planted.items()]
    lines += ["", "| harmless | flagged | of |", "|---|---|---|", f"| unchanged | {report.flagged} | {report.true} |"]
    lines += [f"| {change} | {report.wrongly_flagged[change]} | {of} |" for change, of in report.changed.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
