"""Quality of explanations of held-out pairs: every writer and control against what users wrote themselves.

    python benchmarks/explanation_quality.py --dataset=imdb --data_path=<folder> --unaligned=smollm2
    python benchmarks/explanation_quality.py --dataset=imdb --data_path=<folder> --llm=smollm2 --encoder=minilm

One run of stages 1 to 6 per ``reason_seed``; what is finished is reused. The rows: a constant sentence, the item's
popular sentence, the pretrained model as it was released (with the tiny model, which has no such state, the one that
``--unaligned`` names), the teacher, the model after alignment, after RL and with correction, and two oracles, which
look at the references. All are measured on the same held-out pairs, against sentences of the users' own reviews of
these items; the facts are the same for every writer. Rows are tested against ``--against`` by user, with seeds averaged
first, and over seeds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

import explanation_rows
import measuring
import pandas as pd
import torch
from explanation_rows import HeldOutPairs
from finished_run import FinishedRun

from recbole_curec.benchmark.markdown import markdown_table, tests_table
from recbole_curec.errors import CURecError
from recbole_curec.evaluation.explanation_quality import Material, Quality, by_user, measure_sets, with_notes
from recbole_curec.evaluation.metrics.bertscore import BertScore
from recbole_curec.evaluation.metrics.bleu import SIGNATURE, Bleu
from recbole_curec.evaluation.metrics.distinct import Distinct
from recbole_curec.evaluation.metrics.grounded import Grounded
from recbole_curec.evaluation.metrics.metric import Metric
from recbole_curec.evaluation.metrics.rouge import ROUGE_SIGNATURE, Rouge
from recbole_curec.evaluation.metrics.similarity import LSA, Cosine, check_encoder, load_encoder
from recbole_curec.evaluation.metrics.usr import UniqueSentenceRatio
from recbole_curec.evaluation.quality_table import QualityReport
from recbole_curec.evaluation.statistics import Comparison, Spread, compare, corrected
from recbole_curec.plugin.config import load_config
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.settings.sections import TINY
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of

SHOWN = ("usr", "bleu_1", "bleu_4", "rouge_1", "rouge_2", "rouge_l", "cosine", "bertscore", "distinct_2",
         "grounded", "generic", "faulty")  # fmt: skip


def main() -> int:
    """Measure, print the table and store it; 2 where the input cannot be used."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", required=True)
    options.add_argument("--llm", default=TINY, help="the language model, as in llm.name")
    options.add_argument("--unaligned", help="pretrained model that writes as it was released; llm's own by default")
    options.add_argument("--reason_seed", type=int, nargs="+", default=[2020, 2021, 2022], help="one run each")
    options.add_argument("--split", choices=("valid", "test"), default="test")
    options.add_argument("--pairs", type=int, help="held-out pairs, at most, drawn at random; all by default")
    options.add_argument("--sentences", type=int, default=3, help="sentences of a review that are references; 0: all")
    options.add_argument("--encoder", default=LSA, help="lsa, minilm, or a folder")
    options.add_argument("--bertscore", type=Path, help="folder of a model, such as roberta-large")
    options.add_argument("--samples", type=int, default=1000, help="samples of the bootstrap of every seed")
    options.add_argument("--against", default=explanation_rows.CORRECTED, help="row that the others are tested against")
    options.add_argument("--examples", type=int, default=10, help="pairs whose texts are recorded")
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args, given = measuring.read(options)
    try:
        check_encoder(args.encoder)
        unaligned(args, given)  # checked before anything is trained
        record = measured(args, given)
    except CURecError as error:
        print(error, file=sys.stderr)
        return 2
    print(record["page"])
    name = f"explanation_quality_{args.dataset}_{Path(args.llm).name}"
    print(measuring.store(args.out, name, record, args.threads))
    return 0


def measured(args: argparse.Namespace, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every seed's figures, and the comparisons over seeds."""
    qualities, runs = [], []
    for seed in args.reason_seed:
        quality, run = one_seed(args, given, seed)
        qualities.append(quality)
        runs.append(run)
    comparisons = tests(qualities, args.against)
    return {
        "benchmark": "explanation_quality",
        "dataset": args.dataset,
        "llm": args.llm,
        "unaligned": args.unaligned,
        "split": args.split,
        "sentences": args.sentences,
        "bleu": SIGNATURE,
        "rouge": ROUGE_SIGNATURE,
        "encoder": args.encoder,
        "bertscore": args.bertscore and str(args.bertscore),
        "device": torch.cuda.get_device_name() if args.device.startswith("cuda") else args.device,
        "runs": runs,
        "spreads": {
            name: {key: asdict(spread) for key, spread in figures.items()}
            for name, figures in spreads(qualities).items()
        },
        "comparisons": [asdict(one) for one in comparisons],
        "page": page(args.dataset, args.reason_seed, qualities, comparisons),
    }


def one_seed(args: argparse.Namespace, given: Mapping[str, Any], seed: int) -> tuple[Quality, dict[str, Any]]:
    """The quality of all rows of one run, and its record: settings, figures and examples."""
    own = {"llm.name": args.llm, "run.reason_seed": seed, "use_gpu": args.device != "cpu", "num_threads": args.threads}
    config = load_config("CURec", args.dataset, [], measuring.layers(given, own))
    args.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="explanations-", dir=args.scratch) as scratch:
        run = FinishedRun.of(config, Path(scratch), seed, torch.device(args.device))
        held_out = HeldOutPairs.of(run, args.split, args.sentences, args.pairs, args.seed, unaligned(args, given))
        rows = held_out.rows()
        texts = list(chain.from_iterable(held_out.references.texts.values()))
        metrics: list[Metric] = [Bleu(), Rouge(), Cosine(load_encoder(args.encoder, texts, args.seed))]
        metrics += [BertScore(args.bertscore)] if args.bertscore else []
        metrics += [UniqueSentenceRatio(), Distinct(), Grounded(ClaimChecker(run.collected.catalog))]
        material = Material(metrics, held_out.references, held_out.evidence, args.samples, args.seed)
        quality = with_notes(
            measure_sets(rows, held_out.pairs, material, args.against),
            [held_out.references.note],
            {"reason_seed": seed},
        )
        settings: dict[str, Any] = {}
        for artifact in run.artifacts.values():
            settings |= artifact.manifest()["settings"]
        record = {"settings": settings, **QualityReport(quality).record()}
        return quality, record | {"examples": held_out.examples(rows, args.examples)}


def unaligned(args: argparse.Namespace, given: Mapping[str, Any]) -> Settings | None:
    """Settings of the pretrained model that writes as it was released; None where there is none."""
    name = args.unaligned or args.llm
    if name == TINY:
        return None
    own = {"llm.name": name, "use_gpu": args.device != "cpu", "num_threads": args.threads}
    return settings_of(load_config("CURec", args.dataset, [], measuring.layers(given, own)))


def tests(qualities: Sequence[Quality], against: str) -> list[Comparison]:
    """Every row against one, paired by user, with seeds averaged first."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for quality in qualities:
        for one in quality.sets:
            tables.setdefault(one.name, []).append(by_user(quality.pairs, one))
    base = tables.pop(against)
    return corrected([test for name, table in tables.items() for test in compare(name, table, against, base)])


def spreads(qualities: Sequence[Quality]) -> dict[str, dict[str, Spread]]:
    """Every row's metrics over seeds; a kind of fault that a seed does not have is 0 there."""
    found = {}
    for place, one in enumerate(qualities[0].sets):
        seeds = [quality.sets[place].figures for quality in qualities]
        keys = dict.fromkeys(key for figures in seeds for key in figures)
        found[one.name] = {
            key: Spread.of([figures[key].value if key in figures else 0.0 for figures in seeds]) for key in keys
        }
    return found


def page(dataset: str, seeds: Sequence[int], qualities: Sequence[Quality], comparisons: Sequence[Comparison]) -> str:
    """The table over seeds, the tests, and the tables of the first seed, as Markdown."""
    first, figures = qualities[0], spreads(qualities)
    keys = [key for key in SHOWN if key in first.titles]
    body = [[name, *(_spread(key, own[key]) for key in keys)] for name, own in figures.items()]
    return "\n".join(
        [
            f"# {dataset}: explanations of {len(first.pairs):,} held-out pairs\n",
            f"Mean ± sample standard deviation over seeds {', '.join(map(str, seeds))}. Oracles look at the "
            f"references: they bound what these candidates can reach, and do not compete. {first.notes[0]}.\n",
            markdown_table(["row", *(first.titles[key] for key in keys)], body),
            f"\n## Against {first.against}\n",
            tests_table([replace(one, metric=first.titles[one.metric]) for one in comparisons]),
            "\nPaired by user, seeds averaged first; BLEU-4 is the mean over single explanations. p over seeds is "
            "Welch's, of the seeds' means. All are two-sided and after Holm's correction over this table.\n",
        ]
    )


def _spread(key: str, spread: Spread) -> str:
    digits = 2 if key.startswith(("bleu", "rouge")) else 3
    mean = f"{spread.mean:.{digits}f}"
    return mean if spread.std is None else f"{mean} ± {spread.std:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
