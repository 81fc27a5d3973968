"""The rows of the table of explanation quality: what every writer and control says of the same held-out pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from finished_run import FinishedRun
from writer_rows import save_released

from recbole_curec.benchmark.held_out_references import ReviewedSplits, Split
from recbole_curec.correction.corrector import Job
from recbole_curec.data.evidence import Evidence
from recbole_curec.evaluation.controls.constant import constant_sentence
from recbole_curec.evaluation.controls.oracle import best_candidates
from recbole_curec.evaluation.controls.popular import popular_sentence
from recbole_curec.evaluation.explanation_quality import common_pairs, drawn
from recbole_curec.evaluation.explanations import ExplanationSet, Pair, References
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.plugin.datasets import CURecDataset
from recbole_curec.reasoner import Reasoner
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.writer import ReasonWriter
from recbole_curec.settings.settings import Settings

UNALIGNED, TAUGHT, ALIGNED, REINFORCED, CORRECTED = "unaligned", "teacher", "SFT", "+ RL", "+ correction"
ORACLE_SENTENCES, ORACLE_ROWS = "oracle: item's sentences", "oracle: the rows above"


@dataclass(frozen=True)
class HeldOutPairs:
    """Held-out pairs of a run with their references, and the run's reasoner.

    Attributes:
        run: The run.
        reviews: The reviews of its splits.
        reasoner: Its reasoner.
        references: References of all held-out pairs that have any.
        pairs: The pairs that are measured.
        unaligned: Settings of the pretrained model that writes as it was released; None: there is none.
    """

    run: FinishedRun
    reviews: ReviewedSplits
    reasoner: Reasoner
    references: References
    pairs: Sequence[Pair]
    unaligned: Settings | None

    @classmethod
    def of(
        cls, run: FinishedRun, split: Split, sentences: int, most: int | None, seed: int, unaligned: Settings | None
    ) -> HeldOutPairs:
        """At most so many held-out pairs of a run, drawn at random from those that the facts know."""
        training, valid, test = CURecDataset(run.config).build()
        reviews, reasoner = ReviewedSplits(run.config, (training, valid, test)), run.reasoner()
        references = reviews.references(split, sentences)
        known = [pair for pair in common_pairs([], references) if reasoner.knows(*pair)]
        return cls(run, reviews, reasoner, references, drawn(known, most, seed), unaligned)

    @cached_property
    def evidence(self) -> dict[Pair, Evidence]:
        """The facts of every pair."""
        return dict(zip(self.pairs, self.reasoner.evidence(self.pairs), strict=True))

    def rows(self) -> list[ExplanationSet]:
        """All rows in the order of the table."""
        pool = self.reviews.pool()
        jobs = [Job(self.reasoner.target_of(*pair)) for pair in self.pairs]
        artifacts = {name: self.run.artifacts[name].folder for name in ("align", "reinforce")}
        found = [constant_sentence(self.pairs, pool), popular_sentence(self.pairs, pool)]
        if self.unaligned is not None:
            other = self.unaligned.llm.name != self.run.settings.llm.name
            name = f"{UNALIGNED}, {Path(self.unaligned.llm.name).name}" if other else UNALIGNED
            found.append(self._said(name, self._released(self.unaligned, jobs)))
        taught = [self.reasoner.corrector.teacher.write(self.evidence[pair]).text for pair in self.pairs]
        found.append(ExplanationSet(TAUGHT, dict(zip(self.pairs, taught, strict=True))))
        found.append(self._said(ALIGNED, self._drafts("align", artifacts["align"], jobs)))
        drafts = self._drafts("reinforce", artifacts["reinforce"], jobs)
        found.append(self._said(REINFORCED, drafts))
        records = self.reasoner.corrector.correct(jobs, drafts, "explanation_quality")
        corrected = [record.text for record in records]
        found.append(ExplanationSet(CORRECTED, dict(zip(self.pairs, corrected, strict=True))))
        sentences = {pair: pool.candidates(*pair) or [pool.typical.most_typical()] for pair in self.pairs}
        above = {pair: [one.texts[pair] for one in found] for pair in self.pairs}
        texts = self.references.texts
        found.append(best_candidates(ORACLE_SENTENCES, sentences, texts))
        found.append(best_candidates(ORACLE_ROWS, above, texts))
        return found

    def _released(self, settings: Settings, jobs: Sequence[Job]) -> list[str]:
        """One draft per pair from the same facts by a pretrained model as it was released."""
        return self._drafts(UNALIGNED, save_released(self.run, settings), jobs, settings)

    def _drafts(self, model: str, weights: Path, jobs: Sequence[Job], settings: Settings | None = None) -> list[str]:
        """One draft per pair from the same facts, by the engine of the run, or of other settings, over a model."""
        settings = settings or self.run.settings
        writer = ReasonWriter(
            self.run.engine(model, settings, weights, model),
            load_tokenizer(weights),
            prompt_builder(settings),
            max_prompt_tokens=settings.llm.max_prompt_tokens,
            temperature=settings.generate.temperature,
        )
        return writer.write(
            [job.request() for job in jobs], f"{self.run.seed}/explanations", description=model, progress=True
        )

    def _said(self, name: str, completions: Sequence[str]) -> ExplanationSet:
        texts = [" ".join(parse_reason(completion).text.split()) for completion in completions]
        return ExplanationSet(name, dict(zip(self.pairs, texts, strict=True)))

    def examples(self, rows: Sequence[ExplanationSet], count: int) -> list[dict[str, Any]]:
        """What every row says of some pairs, beside the references."""
        return [
            {
                "user": pair[0],
                "item": pair[1],
                "references": list(self.references.texts[pair]),
                "texts": {one.name: one.texts[pair] for one in rows},
            }
            for pair in drawn(self.pairs, count, self.run.seed)
        ]
