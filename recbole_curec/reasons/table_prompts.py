"""Prompts as a table, for the tiny model: one line per fact slot, and an empty slot reads ``none``.

The fixed layout puts every fact at a fixed distance from the answer, which lets a language model of two million
parameters learn to copy them within a few hundred steps. The tiny model's chat template omits the system message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN
from recbole_curec.reasons.prompts import BULLET, NONE, TABLE, Heads, PromptBuilder, fact_line, shown_name

_RULES = (
    "You explain recommendations. Use only the history, the target and the facts; invent nothing. "
    "Put every item name in double quotes, exactly as given. "
)


class TablePrompts(PromptBuilder):
    """Prompts whose facts are a table of fixed length."""

    heads: ClassVar[Heads] = TABLE
    facts_per_clause: ClassVar[int] = 2
    system: ClassVar[Mapping[str, str]] = {
        "Reason": _RULES
        + "Answer with <think>, the target and the facts that matter, </think> and then one sentence of at most 40 "
        "words that tells the user why they would like the target.",
        "Judge": _RULES + "Would this user like the target? Answer with <think>, the target and the facts that matter, "
        "</think> and Yes or No.",
        "Choose": _RULES + "Which candidate does this user take next? Answer with <think>, the facts that matter, "
        "</think> and the name of the candidate.",
        "Describe": "Name the attributes of the item, separated by commas.",
        "Identify": "Name the item with these attributes, in double quotes.",
        "Complete": "Complete the name of the item.",
    }

    @staticmethod
    def thinking(target: str, groups: Sequence[Sequence[Fact]], excerpt: ReviewExcerpt | None = None) -> str:
        """See :meth:`~recbole_curec.reasons.prompts.PromptBuilder.thinking`: the target, and the names of the facts."""
        used = [shown_name(fact) for facts in groups for fact in facts]
        reviewed = [] if excerpt is None else [f'"{excerpt.name}" reviewed']
        return f' "{target}": {", ".join((*used, *reviewed)) or NONE}'

    def _facts(self, evidence: Evidence) -> list[str]:
        labels = f" ({', '.join(evidence.attributes)})" if evidence.attributes else ""
        # Before the target, so that the facts keep a fixed distance from the answer.
        lines = [
            f'{BULLET}you wrote {QUOTE_OPEN}{quote.text}{QUOTE_CLOSE} about "{quote.name}"'
            for quote in evidence.excerpts
        ]
        lines.append(f'{self.heads.target}"{evidence.target}"{labels}')
        for kind, slots in self._slots:
            facts = [*evidence.facts_of(kind), *[None] * slots][:slots]
            lines += [f"{BULLET}{fact_line(kind, fact)}" for fact in facts]
        return lines

    def _candidate(self, candidate: Evidence) -> str:
        support = next(iter(candidate.facts_of("similar")), None)
        return f'{BULLET}"{candidate.target}": {fact_line("similar", support)}'

    @classmethod
    def _question(cls, task: str, target: str | None) -> str:
        if target is None:
            return f"{task}:"
        return f'{"Reason for" if task == "Reason" else task} "{target}":'
