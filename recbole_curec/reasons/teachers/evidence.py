"""The ``evidence`` teacher: verbalises evidence offline, deterministically, with varied wording.

It writes the alignment targets, and its sentence replaces a reason that correction cannot repair.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from math import inf
from typing import ClassVar

from recbole_curec.data.evidence import LEVELS, Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.extensions import TEACHERS
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.failures import Failure, FailureFinder, FailureKind
from recbole_curec.reasons.languages.language import Language
from recbole_curec.reasons.parsing import parse_reason, quoted
from recbole_curec.reasons.prompt_styles import prompt_style
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherReason, TeacherRequest

_MOST_CLAUSES = 3
_ATTEMPTS = 8
# How often a sentence begins with what the user favours.
_TASTE_FIRST = 0.35


@TEACHERS.register
class EvidenceTeacher(Teacher):
    """Writes a grounded reason for any evidence.

    Args:
        checker: Rejects sentences whose wording happens to contain a catalog label.
        seed: Seed of the wording, which depends only on this seed, the user, the item and the position.
        style: Style of the prompts, which determines the thinking before the sentence; its text is the same in all.

    Attributes:
        rejected: Number of wordings that were not used, by kind of failure.
    """

    name: ClassVar[str] = "evidence"
    is_offline: ClassVar[bool] = True

    def __init__(self, checker: TruthChecker, seed: int, style: type[PromptBuilder] = TablePrompts) -> None:
        self._finder = FailureFinder(checker, threshold=-inf)
        self._language, self._noun = checker.language, checker.noun
        self._seed, self._style = seed, style
        self.rejected: Counter[FailureKind] = Counter()

    @classmethod
    def prepare(cls, request: TeacherRequest) -> EvidenceTeacher:
        """A teacher with the catalog's names and labels."""
        return cls(checker_of(request.catalog), request.seed, prompt_style(request.settings))

    def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
        """See :meth:`~recbole_curec.reasons.teachers.teacher.Teacher.answers`."""
        return [self.write(one).completion for one in evidence]

    def write(self, evidence: Evidence, said: Container[str] = ()) -> TeacherReason:
        """The teacher's reason; every claim in it is in the evidence.

        Args:
            evidence: The facts.
            said: Sentences that it does not repeat where it has another wording.
        """
        repeated: TeacherReason | None = None
        for reason in self.variants(evidence):
            fault = self.fault(reason, evidence)
            if fault is not None:
                self.rejected[fault.kind] += 1
            elif reason.text not in said:
                return reason
            elif repeated is None:
                repeated = reason
        return repeated or self._plain(evidence)

    def variants(self, evidence: Evidence) -> Iterator[TeacherReason]:
        """A fixed sequence of wordings for the same evidence."""
        rng = random.Random(f"{self._seed}/{evidence.user}/{evidence.item}/{evidence.position}")  # noqa: S311
        for _ in range(_ATTEMPTS):
            yield self._compose(evidence, rng)

    def fault(self, reason: TeacherReason, evidence: Evidence) -> Failure | None:
        """The first fault of a sentence; None if it is well formed, names the target and claims only true facts."""
        return self._finder.fault(parse_reason(reason.completion), evidence)

    def _plain(self, evidence: Evidence) -> TeacherReason:
        text = self._language.plain.format(target=evidence.target, word=evidence.facts[-1].name)
        return TeacherReason(self._thought(evidence, [evidence.facts[-1:]]), text)

    def _compose(self, evidence: Evidence, rng: random.Random) -> TeacherReason:
        is_guess = evidence.is_weak
        chosen = _pick_for_guess(evidence, self._language) if is_guess else _pick_facts(evidence, rng)
        groups = _by_clause(chosen, self._style.facts_per_clause)
        clauses = self._clauses(groups, rng)
        quote = None
        if evidence.excerpts:
            quote = rng.choice(evidence.excerpts)
            # The quotation comes first, followed by at most one group of facts.
            clauses = [self._quotation(quote), *clauses[:1]]
            groups = groups[:1]
        statement = None
        if evidence.statements:
            statement = rng.choice(evidence.statements)
            # It comes last, after one clause: a quotation leaves no room for more.
            clauses, groups = [clauses[0], self._statement(statement, rng)], groups[: quote is None]
        frames = self._language.guesses if is_guess else self._language.frames
        fitting = [frame for frame in frames[len(clauses)] if self._language.fits(frame, clauses)]
        text = self._language.sentence(rng.choice(fitting), evidence.target, clauses)
        return TeacherReason(self._thought(evidence, groups, quote, statement), text)

    def _thought(
        self,
        evidence: Evidence,
        groups: Sequence[Sequence[Fact]],
        quote: ReviewExcerpt | None = None,
        statement: Statement | None = None,
    ) -> str:
        return self._style.thought(self._language, evidence.target, groups, quote, statement)

    def _quotation(self, quote: ReviewExcerpt) -> str:
        return self._language.quotation.format(quotation=quoted(quote.text), names=f'"{quote.name}"')

    def _statement(self, statement: Statement, rng: random.Random) -> str:
        return rng.choice(self._language.statements).format(quotation=quoted(statement.text))

    def _clauses(self, groups: list[tuple[Fact, ...]], rng: random.Random) -> list[str]:
        """One clause per group, in wordings that differ."""
        clauses: list[str] = []
        used: set[str] = set()
        for facts in groups:
            # A clause with several facts claims the level of the weakest.
            level = min((self._language.level_of(fact) for fact in facts), key=LEVELS.index)
            wordings = self._language.clauses[facts[0].kind, level]
            wording = rng.choice([one for one in wordings if one not in used] or wordings)
            used.add(wording)
            clauses.append(self._language.clause(wording, facts, self._noun))
        return clauses


def _pick_facts(evidence: Evidence, rng: random.Random) -> list[tuple[Fact, ...]]:
    """Facts by clause: similar items and attributes first; the weaker kinds where those are missing."""
    similar, attribute = evidence.facts_of("similar"), evidence.facts_of("attribute")
    groups = [facts[: rng.choice((1, 2, 2))] for facts in (similar, attribute) if facts]
    if rng.random() < _TASTE_FIRST:
        groups.reverse()
    weak = [facts for facts in (evidence.facts_of("together"), evidence.facts_of("popularity")) if facts]
    if len(groups) < 2 or rng.random() < 0.4:
        groups += weak[: 1 if groups else 2]
    return groups[:_MOST_CLAUSES]


def _pick_for_guess(evidence: Evidence, language: type[Language]) -> list[tuple[Fact, ...]]:
    """The only weak fact, and how widely the target is taken unless that is as weak."""
    widely = evidence.facts_of("popularity")[:1]
    told = [fact for fact in widely if language.level_of(fact) != "weak"]
    support = [one for one in evidence.facts if one.is_support][:1]
    groups: list[tuple[Fact, ...]] = [(fact,) for fact in (*support, *told)]
    return groups or [widely]


def _by_clause(groups: list[tuple[Fact, ...]], most: int) -> list[tuple[Fact, ...]]:
    """The same facts in at most three clauses of at most ``most`` facts; every kind keeps its strongest fact."""
    clauses = [[facts[start : start + most] for start in range(0, len(facts), most)] for facts in groups]
    spare = _MOST_CLAUSES - len(groups)
    kept = []
    for parts in clauses:
        more = parts[1 : 1 + spare]
        spare -= len(more)
        kept += [parts[0], *more]
    return kept
