"""Prompts as a table, for the tiny model: one line per fact slot, and an empty slot reads ``none``.

The fixed layout puts every fact at a fixed distance from the answer, which lets a language model of two million
parameters learn to copy them within a few hundred steps. The tiny model's chat template omits the system message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from recbole_curec.data.evidence import Evidence, Fact, FactKind
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.reasons.languages.language import Language, TableTexts
from recbole_curec.reasons.parsing import quoted
from recbole_curec.reasons.prompts import BULLET, PromptBuilder, shown_name


class TablePrompts(PromptBuilder):
    """Prompts whose facts are a table of fixed length."""

    facts_per_clause: ClassVar[int] = 2

    @staticmethod
    def texts_of(language: type[Language]) -> TableTexts:
        """See :meth:`~recbole_curec.reasons.prompts.PromptBuilder.texts_of`."""
        return language.table

    @staticmethod
    def thought(
        language: type[Language],
        target: str,
        groups: Sequence[Sequence[Fact]],
        excerpt: ReviewExcerpt | None = None,
        statement: Statement | None = None,
    ) -> str:
        """See :meth:`~recbole_curec.reasons.prompts.PromptBuilder.thought`: the target, and the names of the facts."""
        texts = language.table
        used = [shown_name(fact) for facts in groups for fact in facts]
        reviewed = [] if excerpt is None else [texts.reviewed.format(name=f'"{excerpt.name}"')]
        stated = [] if statement is None else [texts.stated]
        return f' "{target}": {", ".join((*used, *reviewed, *stated)) or texts.nothing}'

    def _facts(self, evidence: Evidence) -> list[str]:
        labels = f" ({', '.join(evidence.attributes)})" if evidence.attributes else ""
        # Before the target, so that the facts keep a fixed distance from the answer.
        lines = [
            BULLET + self.texts.quotation.format(quotation=quoted(quote.text), name=f'"{quote.name}"')
            for quote in evidence.excerpts
        ]
        lines += [BULLET + self.texts.statement.format(quotation=quoted(one.text)) for one in evidence.statements]
        lines.append(f'{self.texts.heads.target}"{evidence.target}"{labels}')
        for kind, slots in self._slots:
            facts = [*evidence.facts_of(kind), *[None] * slots][:slots]
            lines += [f"{BULLET}{fact_line(self.language, kind, fact)}" for fact in facts]
        return lines

    def _candidate(self, candidate: Evidence) -> str:
        support = next(iter(candidate.facts_of("similar")), None)
        return f'{BULLET}"{candidate.target}": {fact_line(self.language, "similar", support)}'


def fact_line(language: type[Language], kind: FactKind, fact: Fact | None) -> str:
    """One fact as a line of the table; without a fact, the line of an empty slot."""
    texts = language.table
    if fact is None:
        return texts.facts[kind].format(name=texts.nothing, level=texts.nothing)
    return texts.facts[kind].format(name=shown_name(fact), level=texts.levels[fact.level])
