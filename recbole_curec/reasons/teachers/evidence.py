"""The ``evidence`` teacher: verbalises evidence offline, deterministically, with varied wording.

It writes the alignment targets, and its sentence replaces a reason that correction cannot repair.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf
from typing import ClassVar

from recbole_curec.data.evidence import LEVELS, Evidence, Fact, FactKind, Level
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.extensions import TEACHERS
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import Failure, FailureFinder, FailureKind
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN, parse_reason
from recbole_curec.reasons.prompt_styles import prompt_style
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherReason, TeacherRequest

# By kind and level: a true reason states how strong its facts are, so that good and weak matches read differently.
CLAUSES: dict[tuple[FactKind, Level], tuple[str, ...]] = {
    ("similar", "strong"): (
        "fans of {names} nearly always take it",
        "it is a close match to {names}",
        "you took {names}, a close match",
    ),
    ("similar", "fair"): (
        "fans of {names} often take it",
        "it is a fair match to {names}",
        "you took {names}, a fair match",
    ),
    ("similar", "weak"): (
        "some fans of {names} take it",
        "it is a loose match to {names}",
        "you took {names}, a loose match",
    ),
    ("attribute", "strong"): ("you keep choosing {labels}", "{labels} is what you take most"),
    ("attribute", "fair"): ("you often choose {labels}", "you lean towards {labels}"),
    ("attribute", "weak"): ("you sometimes choose {labels}", "you have a little {labels} in your history"),
    ("together", "strong"): ("it nearly always goes with {names}",),
    ("together", "fair"): ("it often goes with {names}",),
    ("together", "weak"): ("it sometimes goes with {names}",),
    ("popularity", "strong"): ("it is {word}", "it is {word} among others"),
}
_FRAMES: dict[int, tuple[str, ...]] = {
    1: (
        'You may like "{target}" because {0}.',
        '"{target}" is a good match, as {0}.',
        'Try "{target}": {0}.',
    ),
    2: (
        'You may like "{target}" because {0} and {1}.',
        '"{target}" suits you: {0}, and {1}.',
        'Since {0} and {1}, "{target}" should please you.',
        'As {0}, try "{target}"; {1}.',
    ),
    3: (
        'You may like "{target}" because {0}, {1} and {2}.',
        'Since {0} and {1}, "{target}" should please you; {2}.',
        '"{target}" suits you: {0}, {1}, and {2}.',
    ),
}
_MOST_CLAUSES = max(_FRAMES)
_ATTEMPTS = 8


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

    def __init__(self, checker: ClaimChecker, seed: int, style: type[PromptBuilder] = TablePrompts) -> None:
        self._finder = FailureFinder(checker, threshold=-inf)
        self._seed, self._style = seed, style
        self.rejected: Counter[FailureKind] = Counter()

    @classmethod
    def prepare(cls, request: TeacherRequest) -> EvidenceTeacher:
        """A teacher with the catalog's names and labels."""
        return cls(ClaimChecker(request.catalog), request.seed, prompt_style(request.settings))

    def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
        """See :meth:`~recbole_curec.reasons.teachers.teacher.Teacher.answers`."""
        return [self.write(one).completion for one in evidence]

    def write(self, evidence: Evidence) -> TeacherReason:
        """The teacher's reason; every claim in it is in the evidence."""
        for reason in self.variants(evidence):
            fault = self.fault(reason, evidence)
            if fault is None:
                return reason
            self.rejected[fault.kind] += 1
        return self._plain(evidence)

    def variants(self, evidence: Evidence) -> Iterator[TeacherReason]:
        """A fixed sequence of wordings for the same evidence."""
        rng = random.Random(f"{self._seed}/{evidence.user}/{evidence.item}/{evidence.position}")  # noqa: S311
        for _ in range(_ATTEMPTS):
            yield self._compose(evidence, rng)

    def fault(self, reason: TeacherReason, evidence: Evidence) -> Failure | None:
        """The first fault of a sentence; None if it is well formed, names the target and claims only true facts."""
        return self._finder.fault(parse_reason(reason.completion), evidence)

    def _plain(self, evidence: Evidence) -> TeacherReason:
        # Of listed words alone, which are never taken for a name or a label (recbole_curec.reasons.claims.tokens).
        text = f'"{evidence.target}" may well be one more pick for you: it is {evidence.facts[-1].name}.'
        return TeacherReason(self._style.thinking(evidence.target, [evidence.facts[-1:]]), text)

    def _compose(self, evidence: Evidence, rng: random.Random) -> TeacherReason:
        groups = _by_clause(_pick_facts(evidence, rng), self._style.facts_per_clause)
        clauses = _clauses(groups, rng)
        quote = None
        if evidence.excerpts:
            quote = rng.choice(evidence.excerpts)
            # The quotation comes first, followed by at most one group of facts.
            clauses = [_quote_clause(quote), *clauses[:1]]
            groups = groups[:1]
        frame = rng.choice(_FRAMES[len(clauses)])
        text = frame.format(*clauses, target=evidence.target)
        if text[0].islower():
            text = text[0].upper() + text[1:]
        return TeacherReason(self._style.thinking(evidence.target, groups, quote), text)


def _quote_clause(quote: ReviewExcerpt) -> str:
    return f'you wrote {QUOTE_OPEN}{quote.text}{QUOTE_CLOSE} about "{quote.name}"'


def _pick_facts(evidence: Evidence, rng: random.Random) -> list[tuple[Fact, ...]]:
    """Facts by clause: similar items and attributes first; the weaker kinds where those are missing."""
    similar, attribute = evidence.facts_of("similar"), evidence.facts_of("attribute")
    groups = [facts[: rng.choice((1, 2, 2))] for facts in (similar, attribute) if facts]
    weak = [facts for facts in (evidence.facts_of("together"), evidence.facts_of("popularity")) if facts]
    if len(groups) < 2 or rng.random() < 0.4:
        groups += weak[: 1 if groups else 2]
    return groups[:_MOST_CLAUSES]


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


def _clauses(groups: list[tuple[Fact, ...]], rng: random.Random) -> list[str]:
    """One clause per group, in wordings that differ."""
    clauses: list[str] = []
    used: set[str] = set()
    for facts in groups:
        # A clause with several facts claims the level of the weakest.
        kind, level = facts[0].kind, min((fact.level for fact in facts), key=LEVELS.index)
        wordings = CLAUSES[kind, "strong" if kind == "popularity" else level]
        wording = rng.choice([one for one in wordings if one not in used] or wordings)
        used.add(wording)
        clauses.append(
            wording.format(
                names=" and ".join(f'"{fact.name}"' for fact in facts),
                labels=" and ".join(fact.name for fact in facts),
                word=facts[0].name,
            )
        )
    return clauses
