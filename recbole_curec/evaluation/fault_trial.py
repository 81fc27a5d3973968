"""A trial of correction: plants faults in stored reasons and runs the corrector on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import fmean
from typing import Any

from recbole_curec.correction.carrying import carried_reasons
from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.evaluation.planted_faults import (
    FOUND_AS,
    PLANTED_FAULTS,
    FaultPlanter,
    PlantedFault,
    completion_of,
)
from recbole_curec.reasoner import Reasoner
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.store import Outcome, ReasonRecord
from recbole_curec.rewards.assessment import Target


@dataclass(frozen=True)
class FaultReport:
    """Results of correction for one kind of planted fault.

    Attributes:
        planted: Number of reasons with the fault.
        found: Number of them that failed with a matching kind of failure; a low reward does not count.
        repaired: Number of them that the language model repaired.
        replaced: Number of them that the teacher's sentence replaced.
        left: Number of them that still fail.
        faulty_after: Number of them whose final text contains the planted fault or another one.
        reward_good: Mean total reward of the reasons before the fault was planted.
        reward_before: Mean total reward with the fault.
        reward_after: Mean total reward after correction.
        reward_fell: Number of faulty reasons with a higher reward than their replacement.
        missed: Faulty texts that were not found, at most five.
    """

    planted: int
    found: int
    repaired: int
    replaced: int
    left: int
    faulty_after: int
    reward_good: float
    reward_before: float
    reward_after: float
    reward_fell: int
    missed: tuple[str, ...]


@dataclass(frozen=True)
class TrialReport:
    """Result of :func:`run_trial`.

    Attributes:
        faults: Report for every kind of fault that could be planted.
        good: Number of good reasons that were given to the corrector without a fault.
        good_changed: Number of them whose text was changed.
        teacher: Number of checked sentences of the teacher, which are true by construction.
        teacher_flagged: Number of them in which a fault was found.
    """

    faults: dict[PlantedFault, FaultReport]
    good: int
    good_changed: int
    teacher: int
    teacher_flagged: int

    def record(self) -> dict[str, Any]:
        """Plain data for storage."""
        return asdict(self)


def run_trial(
    reasoner: Reasoner, records: Sequence[ReasonRecord], *, carried: int, per_fault: int, seed: int
) -> TrialReport:
    """Plant ``per_fault`` faults of every kind, correct them, and check that good reasons are not changed.

    Args:
        reasoner: The reasoner of a run.
        records: The records of the run's reason store.
        carried: Number of earlier reasons that a prompt shows, as in the run.
        per_fault: Number of faults of each kind; fewer if they cannot be planted in so many reasons.
        seed: Seed of the planted faults.
    """
    corrector = reasoner.corrector
    good = [record for record in records if record.outcome != "left" and _is_good(corrector, record)]
    rng = Random(f"{seed}/good")  # noqa: S311
    jobs = _Jobs(reasoner, records, carried)
    kept = rng.sample(good, min(per_fault, len(good)))
    unchanged = jobs.correct(kept, [completion_of(record, record.text) for record in kept], f"trial/{seed}/good")
    teacher = [corrector.teacher.write(record.evidence).completion for record in records]
    flagged = [
        corrector.assessor.finder.fault(parse_reason(sentence), record.evidence)
        for sentence, record in zip(teacher, records, strict=True)
    ]
    planter = FaultPlanter(reasoner.collected.catalog, good)
    reports = {fault: _trial_of(fault, planter, jobs, good, per_fault, seed) for fault in PLANTED_FAULTS}
    return TrialReport(
        faults={fault: report for fault, report in reports.items() if report is not None},
        good=len(kept),
        good_changed=sum(after.text != before.text for before, after in zip(kept, unchanged, strict=True)),
        teacher=len(teacher),
        teacher_flagged=sum(fault is not None for fault in flagged),
    )


def _is_good(corrector: Corrector, record: ReasonRecord) -> bool:
    reason = parse_reason(completion_of(record, record.text))
    return corrector.assessor.finder.failure(reason, record.evidence, record.rewards["model"]) is None


class _Jobs:
    """Corrects completions with the same evidence and earlier reasons as in the run."""

    def __init__(self, reasoner: Reasoner, records: Sequence[ReasonRecord], carried: int) -> None:
        self._corrector, self._size, collected = reasoner.corrector, reasoner.batch_size, reasoner.collected
        self._items = collected.catalog.index
        self._users = {str(token): number for number, token in enumerate(collected.history.user_tokens)}
        self._earlier: dict[int, tuple[str, ...]] = {}
        by_user: dict[str, list[ReasonRecord]] = {}
        for record in records:  # stored in time order
            before = by_user.setdefault(record.written_for, [])
            self._earlier[id(record)] = carried_reasons(before, record.evidence, carried)
            before.append(record)

    def correct(self, records: Sequence[ReasonRecord], completions: Sequence[str], name: str) -> list[ReasonRecord]:
        """The corrector's records, with the completions as drafts."""
        size = self._size
        corrected: list[ReasonRecord] = []
        for start in range(0, len(records), size):
            jobs = [self._job(record) for record in records[start : start + size]]
            corrected += self._corrector.correct(jobs, list(completions[start : start + size]), f"{name}/{start}")
        return corrected

    def sound(self, record: ReasonRecord) -> bool:
        """Whether the final text is well formed and true."""
        reason = parse_reason(completion_of(record, record.text))
        return self._corrector.assessor.finder.fault(reason, record.evidence) is None

    def _job(self, record: ReasonRecord) -> Job:
        evidence = record.evidence
        user, item = self._users[evidence.user], self._items[evidence.item]
        return Job(Target(user, item, evidence.position, evidence), self._earlier[id(record)])


def _trial_of(
    fault: PlantedFault, planter: FaultPlanter, jobs: _Jobs, good: Sequence[ReasonRecord], count: int, seed: int
) -> FaultReport | None:
    rng = Random(f"{seed}/{fault}")  # noqa: S311
    chosen: list[ReasonRecord] = []
    planted: list[str] = []
    for record in rng.sample(list(good), len(good)):
        completion = planter.plant(fault, record, rng) if len(planted) < count else None
        if completion is not None:
            chosen.append(record)
            planted.append(completion)
    if not planted:
        return None
    after = jobs.correct(chosen, planted, f"trial/{seed}/{fault}")
    outcomes: Counter[Outcome] = Counter(record.outcome for record in after)
    found = [record.failure_kind in FOUND_AS[fault] for record in after]
    return FaultReport(
        planted=len(planted),
        found=sum(found),
        repaired=outcomes["repaired"],
        replaced=outcomes["replaced"],
        left=outcomes["left"],
        faulty_after=sum(
            not jobs.sound(record) or (not hit and record.text == parse_reason(text).text)
            for record, text, hit in zip(after, planted, found, strict=True)
        ),
        reward_good=round(fmean(record.rewards["total"] for record in chosen), 4),
        reward_before=round(fmean(record.draft_reward for record in after), 4),
        reward_after=round(fmean(record.rewards["total"] for record in after), 4),
        reward_fell=sum(record.rewards["total"] < record.draft_reward for record in after),
        missed=tuple(text for text, hit in zip(planted, found, strict=True) if not hit)[:5],
    )
