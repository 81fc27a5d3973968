"""Which style of prompts a language model gets, and what of any style a reason must not recite."""

from __future__ import annotations

from recbole_curec.data.evidence import Evidence, FactKind
from recbole_curec.reasons.languages.language import Language
from recbole_curec.reasons.natural_prompts import NaturalPrompts, recited
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.table_prompts import TablePrompts, fact_line
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.sections import CollectSettings, LanguageModelSettings

PROMPT_STYLES: dict[str, type[PromptBuilder]] = {"table": TablePrompts, "natural": NaturalPrompts}
# Kinds of facts whose lines cannot be part of a normal sentence.
_RECITED: tuple[FactKind, ...] = ("similar", "attribute", "together")


def prompt_style(settings: SettingsReader) -> type[PromptBuilder]:
    """The style of the prompts of a run."""
    return PROMPT_STYLES[settings.of(LanguageModelSettings).style]


def prompt_builder(settings: SettingsReader) -> PromptBuilder:
    """The builder of the prompts of a run."""
    pretrained = settings.of(LanguageModelSettings).is_pretrained
    return prompt_style(settings)(settings.of(CollectSettings), begins_thinking=pretrained)


def prompt_lines(evidence: Evidence, language: type[Language]) -> list[str]:
    """Texts of a prompt about this evidence, of any style, that no reason contains unless it recites the prompt."""
    lines = [fact_line(language, fact.kind, fact) for fact in evidence.facts if fact.kind in _RECITED]
    empty = [fact_line(language, kind, None) for kind in _RECITED]
    heads = language.table.heads
    return [f'{heads.history}"', f'{heads.target}"', *lines, *empty, *recited(evidence, language)]
