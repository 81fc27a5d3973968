"""The corrector: drafts a batch of reasons, checks them, and revises those that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recbole_curec.correction.said import Said
from recbole_curec.reasons.failures import SAID_BEFORE, Failure
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.store import Outcome, ReasonRecord
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.writer import ReasonWriter
from recbole_curec.rewards.assessment import Assessor, Candidate, Target
from recbole_curec.settings.sections import CorrectSettings


@dataclass
class Job:
    """State of one reason while it is written and corrected.

    Attributes:
        target: User, item and evidence.
        earlier: Earlier reasons of the user that the prompt shows, oldest first.
        draft: The first completion, assessed.
        best: The best completion so far.
        rounds: Rounds of revision so far.
        teacher: Whether ``best`` is the teacher's sentence.
    """

    target: Target
    earlier: tuple[str, ...] = ()
    draft: Candidate | None = None
    best: Candidate | None = None
    rounds: int = 0
    teacher: bool = False

    def request(self, failure: str | None = None) -> ReasonRequest:
        """The request to the language model; ``failure`` names the fault of the previous attempt."""
        return ReasonRequest(self.target.evidence, self.earlier, failure)


class Corrector:
    """Writes reasons and revises those that fail.

    A reason fails with one of :data:`~recbole_curec.reasons.failures.FailureKind`: it is malformed or false, or its
    model reward is below the threshold. A failed reason is written again with the failure named in the prompt, up to
    ``correct.rounds`` times, and the best attempt is kept; if it still fails, it is compared with the teacher's
    sentence. A sound reason (well formed and true) is preferred to an unsound one, and among sound ones the higher
    total reward, so a sound reason is never replaced by one with a lower reward. An unsound one is replaced by any
    sound one, even with a lower reward; in that case the teacher's sentence is compared too.

    A sound reason that another interaction has already is then reworded: by one more round of the language model, and
    where that gives none that passes, by the teacher, who has several wordings. Interactions come in the order in which
    they are written, so that what a reason may not repeat does not depend on the size of batches.

    Args:
        writer: Writes drafts and revisions.
        assessor: Scores them and finds failures.
        teacher: Writes the sentence that may replace a failed reason.
        settings: Number of rounds, and of candidates in each.
        seed: Seed of the run.
    """

    def __init__(
        self,
        writer: ReasonWriter,
        assessor: Assessor,
        teacher: EvidenceTeacher,
        settings: CorrectSettings,
        seed: int,
    ) -> None:
        self.writer, self.assessor, self.teacher = writer, assessor, teacher
        self.settings, self.seed = settings, seed

    def over(self, assessor: Assessor) -> Corrector:
        """The same corrector with another assessor."""
        return Corrector(self.writer, assessor, self.teacher, self.settings, self.seed)

    def write(self, jobs: list[Job], name: str, said: Said | None = None) -> list[ReasonRecord]:
        """Records of a batch of jobs; ``name`` seeds every random choice, and see :meth:`correct`."""
        return self.correct(jobs, self._generate([job.request() for job in jobs], f"{name}/draft"), name, said)

    def correct(
        self, jobs: list[Job], drafts: Sequence[str], name: str, said: Said | None = None
    ) -> list[ReasonRecord]:
        """Records of jobs with given drafts; each round is one call of the language model for all failed jobs.

        Args:
            jobs: The jobs.
            drafts: Their first completions.
            name: Seeds every random choice.
            said: Reasons of earlier batches, which are not to be repeated either; those of this one are not added.
        """
        for job, draft in zip(jobs, self._assess(jobs, drafts), strict=True):
            job.draft = job.best = draft
        for number in range(1, self.settings.rounds + 1):
            failed = [job for job in jobs if job.best and job.best.failure]
            if failed:
                self._revise(failed, f"{name}/round{number}")
        self._try_teacher([job for job in jobs if job.best and job.draft and (job.best.failure or _fell(job))])
        self._reword(jobs, f"{name}/reworded", Said(before=said))
        return [_record(job) for job in jobs]

    def _generate(self, requests: Sequence[ReasonRequest], name: str, temperature: float | None = None) -> list[str]:
        return self.writer.write(requests, f"{self.seed}/{name}", temperature=temperature)

    def _assess(self, jobs: Sequence[Job], completions: Sequence[str]) -> list[Candidate]:
        return self.assessor.assess([job.target for job in jobs], completions)

    def _revise(self, jobs: list[Job], name: str) -> None:
        failures = [job.best.failure if job.best else None for job in jobs]
        for job, attempts in zip(jobs, self._attempts(jobs, failures, name), strict=True):
            job.rounds += 1
            job.best = max([job.best, *attempts] if job.best else attempts, key=lambda attempt: attempt.rank)

    def _try_teacher(self, jobs: list[Job]) -> None:
        completions = [self.teacher.write(job.target.evidence).completion for job in jobs]
        for job, candidate in zip(jobs, self._assess(jobs, completions) if jobs else [], strict=True):
            if job.best is None or candidate.rank > job.best.rank:
                job.best, job.teacher = candidate, True

    def _attempts(self, jobs: Sequence[Job], failures: Sequence[Failure | None], name: str) -> list[list[Candidate]]:
        """One round: every job's new candidates, after a prompt that names its failure."""
        repeat = self.settings.candidates
        expanded = [job for job in jobs for _ in range(repeat)]
        words = [failure.words if failure else None for failure in failures for _ in range(repeat)]
        requests = [job.request(one) for job, one in zip(expanded, words, strict=True)]
        candidates = self._assess(expanded, self._generate(requests, name, self.settings.temperature))
        return [candidates[start : start + repeat] for start in range(0, len(candidates), repeat)]

    def _reword(self, jobs: Sequence[Job], name: str, said: Said) -> None:
        """Other words for sound reasons that an earlier job, or one of an earlier batch, has already."""
        known = Said(before=said)
        repeated = [job for job in jobs if job.best and job.best.is_sound and not known.add(job.best.text)]
        if not repeated:
            return
        found: dict[int, list[Candidate]] = {}
        if self.settings.rounds:
            attempts = self._attempts(repeated, [SAID_BEFORE] * len(repeated), name)
            found = {id(job): one for job, one in zip(repeated, attempts, strict=True)}
        for job in jobs:
            if job.best and job.best.is_sound and not said.add(job.best.text):
                self._choose_words(job, found.get(id(job), []), said)

    def _choose_words(self, job: Job, attempts: Sequence[Candidate], said: Said) -> None:
        """The best of some candidates that nobody has, or else the teacher's; marks the job where there is none."""
        assert job.draft is not None and job.best is not None  # noqa: S101 - correct() sets both
        if job.draft.failure is None:
            job.draft = replace(job.draft, failure=SAID_BEFORE)
        job.rounds += bool(attempts)
        new = [one for one in attempts if one.is_sound and one.text not in said]
        passing = [one for one in new if one.failure is None]
        taught: list[Candidate] = []
        if not passing:
            completion = self.teacher.write(job.target.evidence, said).completion
            taught = [one for one in self._assess([job], [completion]) if one.text not in said]
        best = max(passing or [*new, *taught], key=lambda one: one.rank, default=None)
        if best is None:
            job.best = replace(job.best, failure=SAID_BEFORE)
            return
        job.best, job.teacher = best, best in taught
        said.add(best.text)


def _record(job: Job) -> ReasonRecord:
    assert job.draft is not None and job.best is not None  # noqa: S101 - correct() sets both
    failure = job.draft.failure
    return ReasonRecord(
        user=job.target.evidence.user,
        item=job.target.evidence.item,
        position=job.target.position,
        evidence=job.target.evidence,
        draft=job.draft.completion,
        text=job.best.text,
        rewards=job.best.rewards,
        draft_reward=job.draft.rewards["total"],
        rounds=job.rounds,
        failure=failure.words if failure else None,
        failure_kind=failure.kind if failure else None,
        outcome=_outcome(job.draft, job.best, job.teacher),
    )


def _fell(job: Job) -> bool:
    """Whether the best completion has a lower reward than the draft, which is then unsound."""
    return bool(job.draft and job.best and job.best.rewards["total"] < job.draft.rewards["total"])


def _outcome(draft: Candidate, best: Candidate, teacher: bool) -> Outcome:
    if draft.failure is None:
        return "kept"
    if teacher:
        return "replaced"
    return "repaired" if best.failure is None else "left"
