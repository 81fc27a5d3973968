"""Prompts in natural language, for pretrained models: sentences, only of what is known, and an example of an answer.

A fact begins with its strength and kind (``close match``, ``weak taste``), followed by a sentence in the words that a
reason may use for it. The thinking names the facts that the sentence will state in the same way, one after the other:
strength, kind, name. The sentence states each in a clause of its own, so every clause can be bound to one fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from recbole_curec.data.evidence import Evidence, Fact, FactKind
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.reasons.languages.language import Language, NaturalTexts
from recbole_curec.reasons.parsing import quoted
from recbole_curec.reasons.prompts import BULLET, QUOTED_KINDS, PromptBuilder, shown_name

# Kinds whose statements are about the user, in the third person, which no reason uses.
_ABOUT_USER: tuple[FactKind, ...] = ("similar", "attribute")


class NaturalPrompts(PromptBuilder):
    """Prompts whose facts are sentences."""

    # So a clause takes the strength beside the name in the thinking; of two strengths, models take the greater.
    facts_per_clause: ClassVar[int] = 1

    @staticmethod
    def texts_of(language: type[Language]) -> NaturalTexts:
        """See :meth:`~recbole_curec.reasons.prompts.PromptBuilder.texts_of`."""
        return language.natural

    @staticmethod
    def thought(
        language: type[Language],
        target: str,
        groups: Sequence[Sequence[Fact]],
        excerpt: ReviewExcerpt | None = None,
        statement: Statement | None = None,
    ) -> str:
        """See :meth:`~recbole_curec.reasons.prompts.PromptBuilder.thought`: strength, kind, name of each fact."""
        texts = language.natural
        chosen = [f"{texts.tags[fact.kind, fact.level]} {shown_name(fact)}" for facts in groups for fact in facts]
        if excerpt is not None:
            chosen.insert(0, texts.reviewed.format(name=f'"{excerpt.name}"'))
        if statement is not None:
            chosen.append(texts.stated)
        return f" {'; '.join(chosen) or texts.nothing}"

    def _facts(self, evidence: Evidence) -> list[str]:
        labels = f" ({', '.join(evidence.attributes)})" if evidence.attributes else ""
        facts = [fact for kind, slots in self._slots for fact in evidence.facts_of(kind)[:slots]]
        lines = [f"{BULLET}{quotation_statement(quote, self.language)}" for quote in evidence.excerpts]
        lines += [f"{BULLET}{other_statement(one, self.language)}" for one in evidence.statements]
        lines += [f"{BULLET}{tagged_statement(fact, self.language)}" for fact in facts]
        known = [self.language.natural.known, *lines] if lines else []
        return [f'{self.texts.heads.target}"{evidence.target}"{labels}', *known]

    def _candidate(self, candidate: Evidence) -> str:
        texts, support = self.language.natural, next(iter(candidate.facts_of("similar")), None)
        known = ""
        if support is not None:
            known = texts.support.format(tag=texts.tags[support.kind, support.level], name=shown_name(support))
        return f'{BULLET}"{candidate.target}"{known}'


def statement(fact: Fact, language: type[Language]) -> str:
    """What a prompt says of a fact."""
    return language.natural.facts[fact.kind, fact.level].format(name=shown_name(fact))


def tagged_statement(fact: Fact, language: type[Language]) -> str:
    """:func:`statement` behind the strength and kind of the fact, which a reason may name instead."""
    return f"{language.natural.tags[fact.kind, fact.level]}: {statement(fact, language)}"


def quotation_statement(quote: ReviewExcerpt, language: type[Language]) -> str:
    """What a prompt says of a quotation from a review."""
    return language.natural.quotation.format(quotation=quoted(quote.text), name=f'"{quote.name}"')


def other_statement(one: Statement, language: type[Language]) -> str:
    """What a prompt says of another user's statement about the target."""
    return language.natural.statement.format(quotation=quoted(one.text))


def recited(evidence: Evidence, language: type[Language]) -> list[str]:
    """Texts of a natural prompt about this evidence, or of its thinking, that are no part of a normal sentence."""
    texts = language.natural
    begun = dict.fromkeys(
        f"{texts.tags[key]}: {' '.join(sentence.split()[:2])}" for key, sentence in texts.facts.items()
    )
    return [
        f'{texts.heads.history}"',
        f'{texts.heads.target}"',
        *(text for text in begun if "{" not in text),
        *(f'{tag} "' for (kind, _), tag in texts.tags.items() if kind in QUOTED_KINDS),
        *(statement(fact, language) for fact in evidence.facts if fact.kind in _ABOUT_USER),
    ]
