"""Prompts of the alignment tasks, as chat messages: what all styles share.

A user message contains only data and ends in a question. Every line begins with words of its style, and data never
holds a line break (:mod:`recbole_curec.data.cleaning`), so no item can add a line. The system message instructs an
instruction-tuned model. The styles are :mod:`~recbole_curec.reasons.table_prompts` and
:mod:`~recbole_curec.reasons.natural_prompts`; :mod:`~recbole_curec.reasons.prompt_styles` chooses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from recbole_curec.data.cleaning import one_line
from recbole_curec.data.evidence import Evidence, Fact, FactKind
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.data.statements import Statement
from recbole_curec.extensions import LANGUAGES
from recbole_curec.llm.messages import THINK_OPEN, Message, without_begun
from recbole_curec.reasons.languages.language import Heads, Language, PromptTexts, Task, known_languages
from recbole_curec.reasons.parsing import QUOTED
from recbole_curec.settings.sections import CollectSettings

# Facts about another item, whose name stands in double quotes.
QUOTED_KINDS: tuple[FactKind, ...] = ("similar", "together")
BULLET = "- "


def quote(names: tuple[str, ...] | list[str]) -> str:
    """Names in double quotes, separated by commas."""
    return ", ".join(f'"{name}"' for name in names)


def styles() -> tuple[Heads, ...]:
    """How the lines of prompts begin, in every language and style."""
    found = (texts.heads for one in known_languages() for texts in (one.table, one.natural))
    return tuple(dict.fromkeys(found))


def _data_lines() -> tuple[str, ...]:
    """Beginnings of prompt lines with data about a user or an item, and of headers of a plain-text chat."""
    heads = (part for style in styles() for part in (style.history, style.earlier, style.failure, style.target))
    known = (one.natural.known for one in known_languages())
    return (*(head.strip() for head in heads), *known, BULLET, "#")


def reads_as_data(text: str) -> bool:
    """Whether a text at the start of a line looks like a line of a prompt, such as a history or a fact."""
    return text.startswith(_data_lines())


def is_history(line: str) -> bool:
    """Whether a prompt line is the user's history, in any language and style."""
    return any(line.startswith(style.history) for style in styles())


def shown_name(fact: Fact) -> str:
    """The name of a fact as reasons write it: items in double quotes, labels and popularity without."""
    return f'"{fact.name}"' if fact.kind in QUOTED_KINDS else fact.name


def without_oldest(messages: list[Message]) -> list[Message] | None:
    """The prompt without its oldest history item, or without its oldest earlier reason if no history is left.

    None if neither is left; target, facts and all other parts of a prompt are never dropped.
    """
    *first, last = without_begun(messages)
    shorter = next((kept for style in styles() if (kept := _shortened(last["content"].split("\n"), style))), None)
    if shorter is None:
        return None
    return [*first, {"role": last["role"], "content": "\n".join(shorter)}, *messages[len(first) + 1 :]]


def _shortened(lines: list[str], style: Heads) -> list[str] | None:
    head, *rest = lines
    if head.startswith(style.history):
        if names := QUOTED.findall(head):
            return [*_history_lines(names[1:], style), *rest]
        history, rest = [head], rest
    else:
        history, rest = [], lines
    return [*history, *rest[1:]] if rest and rest[0].startswith(style.earlier) else None


def _history_lines(names: Sequence[str], style: Heads) -> list[str]:
    if names:
        return [f"{style.history}{quote(list(names))}"]
    return [] if style.no_history is None else [style.no_history]


@dataclass(frozen=True)
class ReasonRequest:
    """Request for one reason.

    Attributes:
        evidence: Facts that it may claim.
        earlier: The user's corrected reasons so far, oldest first.
        failure: Description of the previous attempt's fault; None for a draft.
    """

    evidence: Evidence
    earlier: tuple[str, ...] = ()
    failure: str | None = None


class PromptBuilder(ABC):
    """Builds the prompts of every task, in one style.

    Args:
        settings: Determines the number of fact slots and the language.
        begins_thinking: Whether the prompt of a reason begins the answer with the think tag, so that a language model
            cannot leave it out; the tiny model learns it within a few steps.

    Attributes:
        facts_per_clause: How many facts of one kind the teacher puts into one clause, which claims the weakest's level.
        language: The language.
        texts: The texts of this style in the language.
    """

    facts_per_clause: ClassVar[int]

    def __init__(self, settings: CollectSettings, *, begins_thinking: bool = False) -> None:
        self.language: type[Language] = LANGUAGES.find(settings.language)
        self.texts = self.texts_of(self.language)
        self._begun: list[Message] = [{"role": "assistant", "content": THINK_OPEN}] if begins_thinking else []
        self._slots: list[tuple[FactKind, int]] = [
            ("similar", settings.evidence_items),
            ("attribute", settings.evidence_attributes),
            ("together", 1),
            ("popularity", 1),
        ]

    def reason(
        self,
        evidence: Evidence,
        earlier: tuple[str, ...] = (),
        failure: str | None = None,
    ) -> list[Message]:
        """Prompt for a reason.

        Args:
            evidence: Facts that the reason may claim.
            earlier: The user's corrected reasons so far, oldest first.
            failure: Fault of the previous attempt; None for a draft.
        """
        lines = _history_lines(evidence.history, self.texts.heads)
        lines += [f"{self.texts.heads.earlier}{one_line(text)}" for text in earlier]
        if failure:
            lines.append(f"{self.texts.heads.failure}{one_line(failure)}")
        return self._messages("Reason", [*lines, *self._facts(evidence)], evidence.target) + self._begun

    def judge(self, evidence: Evidence) -> list[Message]:
        """Prompt of the judge task: whether the user would like the target, yes or no."""
        lines = [*_history_lines(evidence.history, self.texts.heads), *self._facts(evidence)]
        return self._messages("Judge", lines, evidence.target)

    def choose(self, history: tuple[str, ...], candidates: list[Evidence]) -> list[Message]:
        """Prompt for the choice among candidates, each with its strongest supporting fact."""
        lines = [*_history_lines(history, self.texts.heads), *map(self._candidate, candidates)]
        return self._messages("Choose", lines)

    def text(self, task: Task, content: str) -> list[Message]:
        """Prompt of a task about item text."""
        return self._messages(task, [content])

    def thinking(self, target: str, facts: Sequence[Fact]) -> str:
        """What stands between the think tags of an answer that rests on facts.

        Args:
            target: Name of the target.
            facts: The facts.
        """
        return self.thought(self.language, target, [facts])

    @staticmethod
    @abstractmethod
    def texts_of(language: type[Language]) -> PromptTexts:
        """The texts of this style in a language."""

    @staticmethod
    @abstractmethod
    def thought(
        language: type[Language],
        target: str,
        groups: Sequence[Sequence[Fact]],
        excerpt: ReviewExcerpt | None = None,
        statement: Statement | None = None,
    ) -> str:
        """What stands between the think tags of a reason: the facts that the sentence will state.

        Args:
            language: The language.
            target: Name of the target.
            groups: The facts by clause of the sentence.
            excerpt: The quotation from the user's own review in the sentence, if any.
            statement: The quotation from another user's review in the sentence, if any.
        """

    @abstractmethod
    def _facts(self, evidence: Evidence) -> list[str]:
        """Lines with quotations, the target and its facts."""

    @abstractmethod
    def _candidate(self, candidate: Evidence) -> str:
        """Line of a candidate."""

    def _messages(self, task: Task, lines: list[str], target: str | None = None) -> list[Message]:
        content = "\n".join((*lines, self.texts.questions[task].replace("{target}", target or "")))
        return [{"role": "system", "content": self.texts.system[task]}, {"role": "user", "content": content}]
