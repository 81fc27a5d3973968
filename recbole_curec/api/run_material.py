"""What a run gives to an evaluation: its held-out reviews, its facts, its reasons, and controls from its reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from recbole_curec.api.asked_sets import STORED, TEACHER, WRITTEN
from recbole_curec.api.runs import Reasoner, RunOrCheckpoint, checkpoint_of, load_reasons, located
from recbole_curec.benchmark.held_out_references import ReviewedSplits
from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.controls.constant import CONSTANT, constant_sentence
from recbole_curec.evaluation.controls.oracle import ORACLE, best_candidates
from recbole_curec.evaluation.controls.pool import SentencePool
from recbole_curec.evaluation.controls.popular import POPULAR, popular_sentence
from recbole_curec.evaluation.explanations import ExplanationSet, Pair, References
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.plugin.loading import LoadedData, load_data, moved_to
from recbole_curec.reasons.claims.checker import ClaimChecker


@dataclass(frozen=True)
class RunMaterial:
    """A run, of which only what is asked for is read.

    Attributes:
        source: The run.
        data: Its settings and splits.
    """

    source: RunOrCheckpoint
    data: LoadedData

    @classmethod
    def load(cls, source: RunOrCheckpoint, data_path: str | Path | None) -> RunMaterial:
        """The settings and splits of a run.

        Raises:
            CURecError: The checkpoint or its data cannot be used.
        """
        return cls(source, load_data(checkpoint_of(source), moved_to(data_path)))

    @cached_property
    def reviews(self) -> ReviewedSplits:
        """The reviews of its splits."""
        training, valid, test = (dataset_of(loader) for loader in self.data.splits)
        return ReviewedSplits(self.data.config, (training, valid, test))

    @cached_property
    def pool(self) -> SentencePool:
        """The sentences of its training reviews."""
        return self.reviews.pool()

    @cached_property
    def reasoner(self) -> Reasoner | None:
        """Its reasoner; None if it wrote no reasons."""
        found = located(self.source, self.data)
        return Reasoner.over(found) if "reinforce" in found.artifacts else None

    @property
    def checker(self) -> ClaimChecker:
        """The checker of claims over its catalog."""
        return ClaimChecker(self._needed("grounded").collected.catalog)

    def explainable(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs whose user and item the run's facts know; all, if it has none."""
        if self.reasoner is None:
            return list(pairs)
        return [pair for pair in pairs if self.reasoner.knows(*pair)]

    def evidence(self, pairs: Sequence[Pair]) -> dict[Pair, Evidence] | None:
        """The facts of pairs that an explanation may claim; None if the run has none."""
        if self.reasoner is None:
            return None
        return dict(zip(pairs, self.reasoner.evidence(pairs), strict=True))

    def stored(self) -> ExplanationSet:
        """The reasons that the run stored, of its training interactions; of a repeated pair the first."""
        table = load_reasons(self.source).drop_duplicates(["user", "item"])
        pairs = zip(table["user"].astype(str), table["item"].astype(str), strict=True)
        return ExplanationSet(STORED, dict(zip(pairs, table["text"], strict=True)))

    def made(self, words: Sequence[str], pairs: Sequence[Pair], references: References | None) -> list[ExplanationSet]:
        """The sets that are made for pairs.

        Args:
            words: Which of them.
            pairs: User and item, original ids.
            references: References of the pairs, which the oracle alone looks at.
        """
        known: Mapping[str, Callable[[], ExplanationSet]] = {
            WRITTEN: lambda: self._written(pairs),
            TEACHER: lambda: self._teacher(pairs),
            CONSTANT: lambda: constant_sentence(pairs, self.pool),
            POPULAR: lambda: popular_sentence(pairs, self.pool),
            ORACLE: lambda: self._oracle(pairs, references or References({})),
        }
        return [known[word]() for word in words if word in known]

    def _written(self, pairs: Sequence[Pair]) -> ExplanationSet:
        records = self._needed(WRITTEN).write(pairs)
        return ExplanationSet(WRITTEN, dict(zip(pairs, (record.text for record in records), strict=True)))

    def _teacher(self, pairs: Sequence[Pair]) -> ExplanationSet:
        reasoner = self._needed(TEACHER)
        sentences = [reasoner.corrector.teacher.write(facts).text for facts in reasoner.evidence(pairs)]
        return ExplanationSet(TEACHER, dict(zip(pairs, sentences, strict=True)))

    def _oracle(self, pairs: Sequence[Pair], references: References) -> ExplanationSet:
        fallback = self.pool.typical.most_typical()
        candidates = {pair: self.pool.candidates(*pair) or [fallback] for pair in pairs}
        return best_candidates(ORACLE, candidates, references.texts)

    def _needed(self, word: str) -> Reasoner:
        if self.reasoner is None:
            raise ConfigurationError(
                f"reasons: {word!r} needs a run that writes reasons, and this one ({self.data.config['model']}) wrote "
                "none: give a checkpoint with encode.reason_source: corrected, or leave it out."
            )
        return self.reasoner
