"""The reasoner: writes, checks, corrects and scores reasons for any user and item, using finished artifacts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from tqdm import tqdm

from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.correction.said import Said
from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.data.facts import FactKind
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.served_history import ServedHistory
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.parsing import completion_naming
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.store import ReasonRecord, read_batch, write_batch_records
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.writer import ReasonWriter
from recbole_curec.reviews.statements.chooser import load_statements
from recbole_curec.rewards.assessment import Assessor, Candidate, Target
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.reward import RewardRequest, prepare_rewards, weights_by_name
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.sections import (
    CollectSettings,
    CorrectSettings,
    GenerateSettings,
    LanguageModelSettings,
    ReinforceSettings,
)

logger = logging.getLogger(__name__)

Pair = tuple[str, str]


@dataclass(frozen=True)
class ReasonerParts:
    """Artifacts, settings and engine that a reasoner is built from.

    Attributes:
        collect: Folder of the ``collect`` artifact.
        reward: Folder of the ``reward`` artifact.
        reinforce: Folder of the ``reinforce`` artifact, the language model.
        scratch: Folder where an engine may keep files.
        settings: Gives settings groups by their class.
        engine: Class of the engine that runs the language model.
        seed: Seed of every random choice.
        device: Device that models run on.
        statements: Folder of the ``statements`` artifact; None where evidence holds none.
    """

    collect: Path
    reward: Path
    reinforce: Path
    scratch: Path
    settings: SettingsReader
    engine: Any
    seed: int
    device: torch.device
    statements: Path | None = None


class Reasoner:
    """Writes, checks, corrects and scores reasons.

    Methods take original ids and work in batches. Evidence uses only the part of the user's history before the item's
    first occurrence, or the whole history where the user has not interacted with the item. The history is that of
    training, or the present one given to :meth:`with_histories`.

    Args:
        collected: Catalog, training history and co-occurrence counts.
        builder: Computes evidence.
        corrector: Writes and corrects.
        batch_size: Reasons per batch.
        assess_over: Makes what scores reasons over other histories; needed by :meth:`with_histories` alone.
    """

    def __init__(
        self,
        collected: Collected,
        builder: EvidenceBuilder,
        corrector: Corrector,
        batch_size: int,
        assess_over: Callable[[TrainHistory], Assessor] | None = None,
    ) -> None:
        self.collected, self.builder, self.corrector, self.batch_size = collected, builder, corrector, batch_size
        self._assess_over = assess_over
        self._made_from: Reasoner | None = None
        # Of two histories of one user, the later is the present one.
        self._users = {str(token): user for user, token in enumerate(collected.history.user_tokens) if user}

    @classmethod
    def open(cls, parts: ReasonerParts) -> Self:
        """A reasoner over the artifacts of a run.

        Raises:
            ConfigurationError: The engine cannot run with these settings.
        """
        collected, settings = Collected.load(parts.collect), parts.settings
        generate, llm = settings.of(GenerateSettings), settings.of(LanguageModelSettings)
        request = EngineRequest(
            weights=parts.reinforce,
            model="reinforce",
            scratch=parts.scratch,
            seed=parts.seed,
            device=parts.device,
            settings=settings,
        )
        writer = ReasonWriter(
            parts.engine.open(request),
            load_tokenizer(parts.reinforce),
            prompt_builder(settings),
            max_prompt_tokens=llm.max_prompt_tokens,
            temperature=generate.temperature,
        )
        checker = checker_of(collected.catalog)
        scorer = RewardScorer.load(parts.reward, collected.history)
        weights, correct = settings.of(ReinforceSettings).weights, settings.of(CorrectSettings)

        def assess_over(history: TrainHistory) -> Assessor:
            rewards = prepare_rewards(weights, RewardRequest(scorer.reading(history), checker, settings))
            return Assessor(rewards, weights_by_name(weights), FailureFinder(checker, correct.threshold))

        teacher = EvidenceTeacher(checker, parts.seed)
        corrector = Corrector(writer, assess_over(collected.history), teacher, correct, parts.seed)
        statements = None if parts.statements is None else load_statements(parts.statements, collected.history)
        builder = collected.builder(settings.of(CollectSettings), statements)
        return cls(collected, builder, corrector, generate.batch_size, assess_over)

    def with_histories(self, histories: Mapping[str, Sequence[str]]) -> Self:
        """The same reasoner, to which these are the histories of some users: what they have taken by now.

        Evidence and rewards then read these histories. Counts over the population, and the other users a reason is
        compared with, stay those of training. Items that the catalog of the run lacks (they occur in no training
        interaction and have no row in the item file) are left out of a history, with their number in the log.

        Args:
            histories: Original item ids by user, oldest first; a user may be unknown to the run.

        Raises:
            ConfigurationError: This reasoner was made without ``assess_over``.
        """
        if self._assess_over is None:
            raise ConfigurationError(
                "This reasoner scores one history alone: give it assess_over, or use Reasoner.open."
            )
        training = self.collected.history.population
        users = {str(token): user for user, token in enumerate(training.user_tokens) if user}
        index = self.collected.catalog.index
        known = [[index[item] for item in map(str, items) if item in index] for items in histories.values()]
        missing = sum(map(len, histories.values())) - sum(map(len, known))
        if missing:
            logger.warning("%d interactions with items that the run's catalog lacks are left out of reasons.", missing)
        served = ServedHistory.of(
            training,
            [np.array(items, dtype=np.int64) for items in known],
            list(map(str, histories)),
            [users.get(str(user), 0) for user in histories],
        )
        collected = replace(self.collected, history=served)
        corrector = self.corrector.over(self._assess_over(served))
        builder = collected.builder(self.builder.settings, self.builder.statements)
        made = type(self)(collected, builder, corrector, self.batch_size, self._assess_over)
        made._made_from = self  # whoever made this one may own files that the engine reads
        return made

    def evidence(self, pairs: Sequence[Pair]) -> list[Evidence]:
        """The evidence for each pair: the facts that a reason may state.

        Args:
            pairs: User and item, original ids.

        Raises:
            DataError: A user or an item is not in the training data.
        """
        return [self.target_of(user, item).evidence for user, item in pairs]

    def knows(self, user: str, item: str) -> bool:
        """Whether user and item are in the training data, so that there can be evidence for them; original ids."""
        return user in self._users and item in self.collected.catalog.index

    def write(
        self,
        pairs: Sequence[Pair],
        *,
        kept: Path | None = None,
        first: Mapping[Pair, Sequence[FactKind]] | None = None,
    ) -> list[ReasonRecord]:
        """A reason for each pair: drafted, checked, corrected and scored, as in the ``correct`` stage.

        The same pairs in the same order give the same reasons.

        Args:
            pairs: User and item, original ids.
            kept: Folder, for these pairs alone, where every finished batch is kept and from which an interrupted call
                goes on; None keeps nothing.
            first: Kinds of facts that come first in the evidence of a pair, so that its reason is asked to say them.

        Raises:
            DataError: A user or an item is not in the training data.
        """
        targets = [self.target_of(user, item) for user, item in pairs]
        if first is not None:
            targets = [
                replace(target, evidence=target.evidence.led_by(first.get(pair, ())))
                for target, pair in zip(targets, pairs, strict=True)
            ]
        jobs = [Job(target) for target in targets]
        records: list[ReasonRecord] = []
        said = Said()
        starts = range(0, len(jobs), self.batch_size)
        for start in tqdm(starts, desc="writing reasons", unit="batch", leave=False, disable=_bar_is_hidden(starts)):
            path = None if kept is None else kept / f"{start}.parquet"
            batch = self._batch(jobs[start : start + self.batch_size], f"reasoner/{start}", path, said)
            for record in batch:
                said.add(record.text)
            records += batch
        return records

    def _batch(self, jobs: list[Job], name: str, path: Path | None, said: Said) -> list[ReasonRecord]:
        records = None if path is None else read_batch(path, len(jobs))
        if records is None:
            records = self.corrector.write(jobs, name, said)
            if path is not None:
                write_batch_records(records, path)
        return records

    def score(self, pairs: Sequence[Pair], texts: Sequence[str]) -> list[Candidate]:
        """Rewards of given reasons, and the fault of each, if any.

        Args:
            pairs: User and item, original ids.
            texts: One reason per pair, without thinking.

        Raises:
            DataError: A user or an item is not in the training data, or there is not one text per pair.
        """
        if len(pairs) != len(texts):
            raise DataError(f"{len(pairs)} pairs and {len(texts)} reasons were given: give one reason per pair.")
        targets = [self.target_of(user, item) for user, item in pairs]
        completions = [
            completion_naming(target.evidence.target, text) for target, text in zip(targets, texts, strict=True)
        ]
        return self.corrector.assessor.assess(targets, completions)

    def target(self, user: int, item: int, position: int) -> Target:
        """User, item and evidence of a reason to be written, in internal ids."""
        return Target(user, item, position, self.builder.build(user, item, position))

    def target_of(self, user: str, item: str) -> Target:
        """The same for original ids, at the position of the item's first occurrence or after the whole history.

        Raises:
            DataError: The user or the item is not in the training data.
        """
        return self.target(*self._numbers(str(user), str(item)))

    def _numbers(self, user: str, item: str) -> tuple[int, int, int]:
        number = _known(self._users, user, "user")
        target = _known(self.collected.catalog.index, item, "item")
        taken = np.flatnonzero(self.collected.history.of_user(number) == target)
        length = len(self.collected.history.of_user(number))
        return number, target, int(taken[0]) if len(taken) else length


def _bar_is_hidden(batches: Sequence[int]) -> bool | None:
    """One batch needs no bar; more have one on a terminal."""
    return True if len(batches) < 2 else None


def _known(index: Mapping[str, int], token: str, kind: str) -> int:
    if token not in index:
        raise DataError(
            f"{kind} {token!r} is not in the training data ({len(index):,} {kind}s): give an original id, as the data "
            "files have it."
        )
    return index[token]
