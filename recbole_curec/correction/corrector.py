"""Drafts, checks and revisions for a batch of reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from recbole_curec.correction.store import Outcome, ReasonRecord
from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.engines.engine import Engine
from recbole_curec.reasons.failures import Failure, FailureFinder
from recbole_curec.reasons.generate import fit_reason_prompt
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.prompts import Message, PromptBuilder
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.rewards.functions import RewardFunction, columns, evaluate
from recbole_curec.settings import Settings


@dataclass(frozen=True)
class Candidate:
    """A completion with its rewards and what is wrong with it.

    Attributes:
        completion: What was written.
        text: The reason in it.
        rewards: Rewards by name, ``total`` included.
        failure: Why it fails; None if it passes.
    """

    completion: str
    text: str
    rewards: dict[str, float]
    failure: Failure | None

    @property
    def rank(self) -> tuple[bool, float]:
        """Order of preference: sound before unsound, then by reward."""
        return self.failure is None or self.failure.kind == "low reward", self.rewards["total"]


@dataclass
class Job:
    """One interaction on its way to a stored reason."""

    user: int
    item: int
    position: int
    evidence: Evidence
    earlier: tuple[str, ...]
    draft: Candidate | None = None
    best: Candidate | None = None
    rounds: int = 0
    teacher: bool = False


class Corrector:
    """Writes reasons and revises those that fail.

    A reason fails for one of :data:`~recbole_curec.reasons.failures.FailureKind`: it is broken or false, or its
    model reward is under the threshold. A failed reason is written anew with the failure named in the prompt, up to
    ``correct_rounds`` times, and the best attempt is kept; if that one still fails, the teacher's sentence stands
    against it. Sound goes before unsound, and among sound ones the higher total reward wins, so a sound reason is never
    replaced by one that scores lower. A broken or false one is replaced by any sound one, even where the reward model
    liked the falsehood more; the teacher is then asked too, and the higher of both is kept.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizer: PreTrainedTokenizerBase,
        functions: dict[str, RewardFunction],
        checker: GroundingChecker,
        teacher: EvidenceTeacher,
        settings: Settings,
        seed: int,
    ) -> None:
        self.engine, self.tokenizer, self.functions = engine, tokenizer, functions
        self.checker, self.teacher, self.settings, self.seed = checker, teacher, settings, seed
        self.prompts = PromptBuilder(settings.collect)
        self.finder = FailureFinder(checker, settings.correct.correct_threshold)

    def write(self, jobs: list[Job], name: str) -> list[ReasonRecord]:
        """Records of a batch of jobs; ``name`` fixes every random choice."""
        return self.correct(jobs, self._generate(jobs, [None] * len(jobs), f"{name}/draft"), name)

    def correct(self, jobs: list[Job], drafts: list[str], name: str) -> list[ReasonRecord]:
        """Records of jobs whose drafts are written already; every round is one generation for all that fail."""
        for job, draft in zip(jobs, self._assess(jobs, drafts), strict=True):
            job.draft = job.best = draft
        for number in range(1, self.settings.correct.correct_rounds + 1):
            failed = [job for job in jobs if job.best and job.best.failure]
            if failed:
                self._revise(failed, f"{name}/round{number}")
        self._stand_in([job for job in jobs if job.best and job.draft and (job.best.failure or _fell(job))])
        return [self._record(job) for job in jobs]

    def _generate(self, jobs: list[Job], failures: Sequence[str | None], name: str) -> list[str]:
        prompts: list[list[Message]] = [
            fit_reason_prompt(
                self.tokenizer,
                self.prompts,
                job.evidence,
                self.settings.align.max_prompt_tokens,
                earlier=job.earlier,
                failure=failure,
            )
            for job, failure in zip(jobs, failures, strict=True)
        ]
        temperature = self.settings.generate.generation_temperature
        return self.engine.write(prompts, temperature=temperature, seed=f"{self.seed}/{name}")

    def _assess(self, jobs: list[Job], completions: list[str]) -> list[Candidate]:
        rows = [columns(job.evidence, job.user, job.item, job.position) for job in jobs]
        values = evaluate(self.functions, self.settings.reinforce.weights, completions, rows)
        candidates = []
        for number, (job, completion) in enumerate(zip(jobs, completions, strict=True)):
            rewards = {name: round(value[number], 6) for name, value in values.items()}
            reason = parse_reason(completion)
            failure = self.finder.failure(reason, job.evidence, rewards["model"])
            candidates.append(Candidate(completion, reason.text, rewards, failure))
        return candidates

    def _revise(self, jobs: list[Job], name: str) -> None:
        repeat = self.settings.correct.correct_candidates
        expanded = [job for job in jobs for _ in range(repeat)]
        failures = [job.best.failure.words if job.best and job.best.failure else None for job in expanded]
        candidates = self._assess(expanded, self._generate(expanded, failures, name))
        for number, job in enumerate(jobs):
            job.rounds += 1
            attempts = candidates[number * repeat : (number + 1) * repeat]
            job.best = max([job.best, *attempts] if job.best else attempts, key=lambda attempt: attempt.rank)

    def _stand_in(self, jobs: list[Job]) -> None:
        completions = [self.teacher.write(job.evidence).completion for job in jobs]
        for job, candidate in zip(jobs, self._assess(jobs, completions) if jobs else [], strict=True):
            if job.best is None or candidate.rank > job.best.rank:
                job.best, job.teacher = candidate, True

    @staticmethod
    def _record(job: Job) -> ReasonRecord:
        assert job.draft is not None and job.best is not None  # noqa: S101 - write() sets both
        return ReasonRecord(
            user=job.evidence.user,
            item=job.evidence.item,
            position=job.position,
            evidence=job.evidence,
            draft=job.draft.completion,
            text=job.best.text,
            rewards=job.best.rewards,
            draft_reward=job.draft.rewards["total"],
            rounds=job.rounds,
            failure=job.draft.failure.words if job.draft.failure else None,
            failure_kind=job.draft.failure.kind if job.draft.failure else None,
            outcome=_outcome(job.draft, job.best, job.teacher),
        )


def _fell(job: Job) -> bool:
    """Whether a sound reason took the place of a false one that scores higher."""
    return bool(job.draft and job.best and job.best.rewards["total"] < job.draft.rewards["total"])


def _outcome(draft: Candidate, best: Candidate, teacher: bool) -> Outcome:
    if draft.failure is None:
        return "kept"
    if teacher:
        return "replaced"
    return "repaired" if best.failure is None else "left"
