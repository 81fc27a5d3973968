"""Prompts of the alignment tasks, as chat messages.

The user message contains only data and ends in a table with one line per fact slot; an empty slot reads ``none``. The
fixed layout puts every fact at a fixed distance from the answer, which lets a language model of two million parameters
learn to copy them within a few hundred steps and does not harm a large one. The system message instructs an
instruction-tuned model; the tiny model's chat template omits it.
"""

from __future__ import annotations

from dataclasses import dataclass

from recbole_curec.data.cleaning import one_line
from recbole_curec.data.evidence import Evidence, Fact, FactKind
from recbole_curec.llm.messages import THINK_OPEN, Message, without_begun
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN, QUOTED
from recbole_curec.settings.sections import CollectSettings

_RULES = (
    "You explain recommendations. Use only the history, the target and the facts; invent nothing. "
    "Put every item name in double quotes, exactly as given. "
)
SYSTEM = {
    "Reason": _RULES
    + "Answer with <think>, the target and the facts that matter, </think> and then one sentence of at most 40 words "
    "that tells the user why they would like the target.",
    "Judge": _RULES + "Would this user like the target? Answer with <think>, the target and the facts that matter, "
    "</think> and Yes or No.",
    "Choose": _RULES + "Which candidate does this user take next? Answer with <think>, the facts that matter, </think> "
    "and the name of the candidate.",
    "Describe": "Name the attributes of the item, separated by commas.",
    "Identify": "Name the item with these attributes, in double quotes.",
    "Complete": "Complete the name of the item.",
}
_FACT_LINES: dict[FactKind, str] = {
    "similar": "fans of {name} take it: {level}",
    "attribute": "the user favours {name}: {level}",
    "together": "often taken with {name}: {level}",
    "popularity": "it is {name}",
}
NONE = "none"
# Beginnings of prompt lines with data about a user or an item, and of headers of a plain-text chat.
_DATA_LINES = ("History:", "Target:", "Earlier:", "Fix:", "- ", "#")
_HISTORY, _EARLIER = "History: ", "Earlier: "


def quote(names: tuple[str, ...] | list[str]) -> str:
    """Names in double quotes, separated by commas."""
    return ", ".join(f'"{name}"' for name in names)


def reads_as_data(text: str) -> bool:
    """Whether a text at the start of a line looks like a line of the prompt format, such as a history or a fact."""
    return text.startswith(_DATA_LINES)


def fact_line(kind: FactKind, fact: Fact | None) -> str:
    """One line of the fact table; without a fact, the line of an empty slot."""
    if fact is None:
        return _FACT_LINES[kind].format(name=NONE, level=NONE)
    quoted = f'"{fact.name}"' if kind in ("similar", "together") else fact.name
    return _FACT_LINES[kind].format(name=quoted, level=fact.level)


def _messages(task: str, lines: list[str], last: str) -> list[Message]:
    content = "\n".join((*lines, last))
    return [{"role": "system", "content": SYSTEM[task]}, {"role": "user", "content": content}]


def _history(names: tuple[str, ...] | list[str]) -> str:
    return f"{_HISTORY}{quote(names) or NONE}"


def without_oldest(messages: list[Message]) -> list[Message] | None:
    """The prompt without its oldest history item, or without its oldest earlier reason if no history is left.

    None if neither is left; target, facts and all other parts of a prompt are never dropped.
    """
    *first, last = without_begun(messages)
    lines = last["content"].split("\n")
    names = QUOTED.findall(lines[0]) if lines[0].startswith(_HISTORY) else []
    if names:
        lines[0] = _history(names[1:])
    elif len(lines) > 1 and lines[0].startswith(_HISTORY) and lines[1].startswith(_EARLIER):
        del lines[1]
    else:
        return None
    shorter: Message = {"role": last["role"], "content": "\n".join(lines)}
    return [*first, shorter, *messages[len(first) + 1 :]]


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


class PromptBuilder:
    """Builds the prompts of every task.

    Args:
        settings: Determines the number of fact slots.
        begins_thinking: Whether the prompt of a reason begins the answer with the think tag, so that a language model
            cannot leave it out; the tiny model learns it within a few steps.
    """

    def __init__(self, settings: CollectSettings, *, begins_thinking: bool = False) -> None:
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
        lines = [_history(evidence.history)]
        lines += [f"{_EARLIER}{one_line(text)}" for text in earlier]
        if failure:
            lines.append(f"Fix: {one_line(failure)}")
        prompt = _messages("Reason", [*lines, *self._table(evidence)], f'Reason for "{evidence.target}":')
        return prompt + self._begun

    def judge(self, evidence: Evidence) -> list[Message]:
        """Prompt of the judge task: whether the user would like the target, yes or no."""
        lines = [_history(evidence.history), *self._table(evidence)]
        return _messages("Judge", lines, f'Judge "{evidence.target}":')

    def choose(self, history: tuple[str, ...], candidates: list[Evidence]) -> list[Message]:
        """Prompt for the choice among candidates, each with its strongest supporting fact."""
        lines = [_history(history)]
        for candidate in candidates:
            support = next(iter(candidate.facts_of("similar")), None)
            lines.append(f'- "{candidate.target}": {fact_line("similar", support)}')
        return _messages("Choose", lines, "Choose:")

    @staticmethod
    def text(task: str, content: str) -> list[Message]:
        """Prompt of a task about item text."""
        return _messages(task, [content], f"{task}:")

    def _table(self, evidence: Evidence) -> list[str]:
        labels = f" ({', '.join(evidence.attributes)})" if evidence.attributes else ""
        # Before the target, so that the facts keep a fixed distance from the answer.
        lines = [
            f'- you wrote {QUOTE_OPEN}{quote.text}{QUOTE_CLOSE} about "{quote.name}"' for quote in evidence.excerpts
        ]
        lines.append(f'Target: "{evidence.target}"{labels}')
        for kind, slots in self._slots:
            facts = [*evidence.facts_of(kind), *[None] * slots][:slots]
            lines += [f"- {fact_line(kind, fact)}" for fact in facts]
        return lines
