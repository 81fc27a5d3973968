"""``evaluate``: the quality of explanations, ours or somebody else's, against references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from recbole_curec.api.asked_sets import STORED, AskedSets, Table, table_of
from recbole_curec.api.run_material import RunMaterial
from recbole_curec.api.runs import RunOrCheckpoint
from recbole_curec.api.whole_numbers import check_whole
from recbole_curec.benchmark.held_out_references import Split
from recbole_curec.errors import ConfigurationError, shown
from recbole_curec.evaluation.amounts import amount
from recbole_curec.evaluation.controls.constant import CONSTANT
from recbole_curec.evaluation.explanation_quality import (
    Material,
    common_pairs,
    drawn,
    measure_sets,
    tested_against,
    with_notes,
)
from recbole_curec.evaluation.explanations import FILES, Columns, ExplanationSet, Pair, References, references_of
from recbole_curec.evaluation.metrics.bertscore import BertScore, check_bertscore
from recbole_curec.evaluation.metrics.bleu import SIGNATURE, Bleu
from recbole_curec.evaluation.metrics.distinct import Distinct
from recbole_curec.evaluation.metrics.feature_match import FeatureMatch, has_feature
from recbole_curec.evaluation.metrics.grounded import Grounded
from recbole_curec.evaluation.metrics.metric import Metric
from recbole_curec.evaluation.metrics.rouge import ROUGE_SIGNATURE, Rouge
from recbole_curec.evaluation.metrics.similarity import LSA, Cosine, check_encoder, load_encoder
from recbole_curec.evaluation.metrics.usr import UniqueSentenceRatio
from recbole_curec.evaluation.quality_table import QualityReport
from recbole_curec.hardware import package_versions
from recbole_curec.paths import user_path
from recbole_curec.plugin.checks.ranges import check_range
from recbole_curec.reasons.words import is_unspaced
from recbole_curec.suggestions import did_you_mean

SENTENCES, SAMPLES, SEED = 3, 1000, 2020
# Fewer samples hold none beyond the ends of a 95 % interval.
_LEAST_SAMPLES = 100


def evaluate(
    reasons: Sequence[str | Path] | Mapping[str, Table],
    references: Table | None = None,
    *,
    checkpoint: RunOrCheckpoint | None = None,
    sentences: int = SENTENCES,
    encoder: str = LSA,
    bertscore: str | Path | None = None,
    against: str | None = None,
    pairs: int | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
    columns: Columns | None = None,
    reference_columns: Columns | None = None,
    data_path: str | Path | None = None,
) -> QualityReport:
    """Measure sets of explanations on the pairs of user and item that all of them explain.

    Args:
        reasons: Files of explanations (Parquet or JSON lines with user, item and text), or by name also tables; or
            words for what a checkpoint can make: ``written``, ``stored``, ``teacher``, ``constant``, ``popular`` and
            ``oracle`` (``docs/explanations.md``).
        references: A file or table of references; ``test`` or ``valid``, the users' own reviews in that split of the
            checkpoint's run; None for metrics that need none.
        checkpoint: Result of :func:`recbole_curec.run`, or a checkpoint's path. Its facts tell which explanations are
            grounded.
        sentences: Sentences of a held-out review that are references, at most: those that speak of the item; 0 for all
            of them.
        encoder: What cosines are taken in: ``lsa``, ``minilm``, or the folder of a sentence-transformers model.
        bertscore: Folder of a model for BERTScore, such as roberta-large; None goes without.
        against: Name of the set that the others are tested against; the first by default.
        pairs: How many pairs, at most, drawn at random; None for all.
        samples: Samples of the bootstrap, at least 100; 0 for no intervals.
        seed: Seed of the bootstrap, of the drawn pairs, and of LSA.
        columns: Names of the columns of the explanations.
        reference_columns: Names of the columns of the references.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Returns:
        Metrics with 95 % intervals, and paired tests; as text, the tables of ``curec evaluate``.

    Raises:
        CURecError: A file, a column, a set, the checkpoint or an encoder cannot be used.
    """
    check_whole("sentences", sentences, 0)
    _check_samples(samples)
    check_whole("pairs", 1 if pairs is None else pairs, 1)
    check_range("seed", seed)
    asked = AskedSets.of(reasons)
    asked.check(checkpoint is not None, references is not None)
    against = tested_against(against, asked.names)
    split = _split(references, checkpoint is not None)
    similarities = _Similarities(encoder, bertscore, seed) if references is not None else None
    sets = asked.read(columns or Columns())
    run = None if checkpoint is None else RunMaterial.load(checkpoint, data_path)
    if run is not None and split is not None:
        told: References | None = run.reviews.references(split, sentences)
    else:
        told = None if references is None else _references_of(references, reference_columns or Columns())
    if run is not None and STORED in asked.words:
        sets.append(run.stored())
    common, notes, facts = _pairs(sets, told, run)
    chosen = drawn(common, pairs, seed)
    if len(chosen) < len(common):
        notes.append(f"{len(chosen):,} of {amount(len(common), 'pair')} were drawn")
    if run is not None:
        sets += run.made(asked.words, chosen, told)
        notes += [f"{CONSTANT} says: {next(iter(one.texts.values()))}" for one in sets if one.name == CONSTANT]
    evidence = None if run is None else run.evidence(chosen)
    metrics: list[Metric] = [UniqueSentenceRatio(), Distinct()]
    if similarities is not None and told is not None:
        metrics = [*similarities.metrics(told), *metrics]
        metrics += [FeatureMatch()] if told.features is not None else []
    if run is not None and evidence is not None:
        metrics.append(Grounded(run.checker))
    else:
        notes.append("grounded explanations are not counted: that needs the checkpoint of a run that wrote reasons")
    material = Material(metrics, told, evidence, samples, seed)
    quality = measure_sets(asked.in_order(sets), chosen, material, against, common)
    facts |= {"samples": samples, "seed": seed, "packages": package_versions()}
    if similarities is not None and told is not None:
        facts |= {"references": _name_of(references), **similarities.facts()}
        facts |= {"sentences": sentences} if split is not None else {}
        said, counts = _about_references(told, sets, chosen)
        notes, facts = notes + said, facts | counts
    return QualityReport(with_notes(quality, notes, facts))


class _Similarities:
    """The metrics that need references, checked before anything is read."""

    def __init__(self, encoder: str, bertscore: str | Path | None, seed: int) -> None:
        self._encoder, self._seed = encoder, seed
        self._known: list[Metric] = [Bleu(), Rouge()]
        check_encoder(encoder)
        self._folder = None if bertscore is None else user_path("bertscore", bertscore)
        if self._folder is not None:
            check_bertscore(self._folder)

    def metrics(self, references: References) -> list[Metric]:
        """All of them."""
        texts = list(chain.from_iterable(references.texts.values()))
        found: list[Metric] = [*self._known, Cosine(load_encoder(self._encoder, texts, self._seed))]
        return found if self._folder is None else [*found, BertScore(self._folder)]

    def facts(self) -> dict[str, Any]:
        """What their figures depend on."""
        return {
            "bleu": SIGNATURE,
            "rouge": ROUGE_SIGNATURE,
            "encoder": self._encoder,
            "bertscore": self._folder and str(self._folder),
        }


def _split(references: Table | None, has_run: bool) -> Split | None:
    """The split that references are taken from; None where they are a file or table, or none are given."""
    if not isinstance(references, str) or references.endswith(FILES):
        return None
    splits = get_args(Split)
    split: Split | None = next((name for name in splits if references == name), None)
    if split is None:
        raise ConfigurationError(
            f"references={shown(references)} is no split{did_you_mean(references, splits)}: give {' or '.join(splits)}"
            f", or a file that ends in {', '.join(FILES)}."
        )
    if not has_run:
        raise ConfigurationError(f"references={split!r} are the reviews of a run: give its checkpoint too.")
    return split


def _check_samples(samples: int) -> None:
    check_whole("samples", samples, 0)
    if 0 < samples < _LEAST_SAMPLES:
        raise ConfigurationError(
            f"samples={samples} are too few for a 95 % interval: give at least {_LEAST_SAMPLES}, or 0 for no intervals."
        )


def _references_of(references: Table, columns: Columns) -> References:
    return references_of(_name_of(references), table_of(references), columns)


def _name_of(references: Table | None) -> str:
    return str(references) if isinstance(references, str | Path) else "references"


def _pairs(
    sets: Sequence[ExplanationSet], told: References | None, run: RunMaterial | None
) -> tuple[list[Pair], list[str], dict[str, Any]]:
    """The pairs that can be measured on, what to say about those that are left out, and their numbers."""
    notes = [told.note] if told is not None and told.note else []
    facts: dict[str, Any] = {}
    common = common_pairs(sets, told)
    if told is not None:
        left_out = facts["references_left_out"] = len(told.texts) - len(common)
        if left_out:
            why = "the set does not explain them" if len(sets) == 1 else "not every set explains them"
            notes.append(f"{left_out:,} of {amount(len(told.texts), 'reference pair')} are left out: {why}")
    found = common if run is None else run.explainable(common)
    if len(found) < len(common):
        notes.append(f"{len(common) - len(found):,} of {len(common):,} pairs have a user or item without facts")
    return found, notes, facts


def _about_references(
    told: References, sets: Sequence[ExplanationSet], pairs: Sequence[Pair]
) -> tuple[list[str], dict[str, Any]]:
    """What limits the metrics that look at the references of these pairs: notes, and numbers for the record."""
    notes, facts = [], {}
    if told.features is not None:
        without = facts["pairs_without_features"] = sum(not has_feature(told.features[pair]) for pair in pairs)
        if without:
            rest = "FMR is the share over the others" if without < len(pairs) else "there is no FMR, FCR and DIV"
            notes.append(f"{without:,} of {amount(len(pairs), 'pair')} have no features: {rest}")
    texts = (text for pair in pairs for text in (*told.texts[pair], *(one.texts[pair] for one in sets)))
    if any(map(is_unspaced, texts)):
        notes.append(
            f"BLEU ({SIGNATURE}) does not split scripts without blanks between words, such as Chinese or Japanese: a "
            "run of their characters is one word to it"
        )
    return notes, facts
