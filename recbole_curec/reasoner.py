"""The reasoner: writes, checks, corrects and scores reasons for any user and item, using finished artifacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.errors import DataError
from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.parsing import completion_naming
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.writer import ReasonWriter
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
    """

    collect: Path
    reward: Path
    reinforce: Path
    scratch: Path
    settings: SettingsReader
    engine: Any
    seed: int
    device: torch.device


class Reasoner:
    """Writes, checks, corrects and scores reasons.

    Methods take original ids and work in batches. Evidence uses only the part of the user's training history before the
    item's first occurrence, or the whole training history where the user has not interacted with the item.

    Args:
        collected: Catalog, training history and co-occurrence counts.
        builder: Computes evidence.
        corrector: Writes and corrects.
        batch_size: Reasons per batch.
    """

    def __init__(self, collected: Collected, builder: EvidenceBuilder, corrector: Corrector, batch_size: int) -> None:
        self.collected, self.builder, self.corrector, self.batch_size = collected, builder, corrector, batch_size
        self._users = {str(token): user for user, token in enumerate(collected.history.user_tokens) if user}

    @classmethod
    def open(cls, parts: ReasonerParts) -> Self:
        """A reasoner over the artifacts of a run.

        Raises:
            ConfigurationError: The engine cannot run with these settings.
        """
        collected, settings = Collected.load(parts.collect), parts.settings
        checker = checker_of(collected.catalog)
        generate, llm = settings.of(GenerateSettings), settings.of(LanguageModelSettings)
        weights = settings.of(ReinforceSettings).weights
        correct = settings.of(CorrectSettings)
        request = EngineRequest(
            weights=parts.reinforce,
            model="reinforce",
            scratch=parts.scratch,
            seed=parts.seed,
            device=parts.device,
            settings=settings,
        )
        collect = settings.of(CollectSettings)
        writer = ReasonWriter(
            parts.engine.open(request),
            load_tokenizer(parts.reinforce),
            prompt_builder(settings),
            max_prompt_tokens=llm.max_prompt_tokens,
            temperature=generate.temperature,
        )
        scorer = RewardScorer.load(parts.reward, collected.history)
        rewards = prepare_rewards(weights, RewardRequest(scorer, checker, settings))
        assessor = Assessor(rewards, weights_by_name(weights), FailureFinder(checker, correct.threshold))
        corrector = Corrector(writer, assessor, EvidenceTeacher(checker, parts.seed), correct, parts.seed)
        return cls(collected, collected.builder(collect), corrector, generate.batch_size)

    def evidence(self, pairs: Sequence[Pair]) -> list[Evidence]:
        """The evidence for each pair: the facts that a reason may state.

        Args:
            pairs: User and item, original ids.

        Raises:
            DataError: A user or an item is not in the training data.
        """
        return [self._target(user, item).evidence for user, item in pairs]

    def write(self, pairs: Sequence[Pair]) -> list[ReasonRecord]:
        """A reason for each pair: drafted, checked, corrected and scored, as in the ``correct`` stage.

        The same pairs in the same order give the same reasons.

        Args:
            pairs: User and item, original ids.

        Raises:
            DataError: A user or an item is not in the training data.
        """
        jobs = [Job(self._target(user, item)) for user, item in pairs]
        records: list[ReasonRecord] = []
        for start in range(0, len(jobs), self.batch_size):
            records += self.corrector.write(jobs[start : start + self.batch_size], f"reasoner/{start}")
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
        targets = [self._target(user, item) for user, item in pairs]
        completions = [
            completion_naming(target.evidence.target, text) for target, text in zip(targets, texts, strict=True)
        ]
        return self.corrector.assessor.assess(targets, completions)

    def target(self, user: int, item: int, position: int) -> Target:
        """User, item and evidence of a reason to be written, in internal ids."""
        return Target(user, item, position, self.builder.build(user, item, position))

    def _target(self, user: str, item: str) -> Target:
        return self.target(*self._numbers(str(user), str(item)))

    def _numbers(self, user: str, item: str) -> tuple[int, int, int]:
        number = _known(self._users, user, "user")
        target = _known(self.collected.catalog.index, item, "item")
        taken = np.flatnonzero(self.collected.history.of_user(number) == target)
        length = len(self.collected.history.of_user(number))
        return number, target, int(taken[0]) if len(taken) else length


def _known(index: Mapping[str, int], token: str, kind: str) -> int:
    if token not in index:
        raise DataError(
            f"{kind} {token!r} is not in the training data ({len(index):,} {kind}s): give an original id, as the data "
            "files have it."
        )
    return index[token]
