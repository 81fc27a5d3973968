"""Prompts of the four alignment tasks, as chat messages.

The user message carries only data and is compact on purpose: the tiny model reads every token at full price. The
system message tells an instruction-tuned model what to do; the tiny model's chat template leaves it out.
"""

from __future__ import annotations

from typing import TypedDict

from recbole_curec.data.evidence import Evidence, Fact


class Message(TypedDict):
    """One chat message."""

    role: str
    content: str


_RULES = (
    "You explain recommendations. Use only the history, the target and the numbered facts; invent nothing. "
    "Put every item name in double quotes, exactly as given. "
)
SYSTEM = {
    "Reason": _RULES
    + "Answer with <think>, the facts that matter, </think> and then one sentence of at most 40 words that tells "
    "the user why they would like the target.",
    "Judge": _RULES + "Would this user like the target? Answer with <think>, the facts that matter, </think> and Yes "
    "or No.",
    "Choose": _RULES + "Which candidate does this user take next? Answer with <think>, the facts that matter, </think> "
    "and the name of the candidate.",
    "Describe": "Name the attributes of the item, separated by commas.",
    "Identify": "Name the item with these attributes, in double quotes.",
    "Complete": "Complete the name of the item.",
}


def quote(names: tuple[str, ...] | list[str]) -> str:
    """Names in double quotes, separated by commas."""
    return ", ".join(f'"{name}"' for name in names)


def messages(task: str, content: str) -> list[Message]:
    """Chat messages of a task."""
    return [{"role": "system", "content": SYSTEM[task]}, {"role": "user", "content": f"{content}\n{task}:"}]


def fact_line(fact: Fact, position: int) -> str:
    """One fact in words; ``position`` is the length of the user's history."""
    if fact.kind == "similar":
        return f'{fact.count} users of "{fact.name}" took it'
    if fact.kind == "attribute":
        return f"{fact.name}: {fact.count} of {position} in history"
    if fact.kind == "together":
        return f'often taken with "{fact.name}"'
    return fact.name


def evidence_block(evidence: Evidence, history_shown: int | None = None) -> str:
    """History, target and numbered facts of a pair.

    Args:
        evidence: What may be said.
        history_shown: Keep only this many of the most recent history items.
    """
    history = evidence.history if history_shown is None else evidence.history[len(evidence.history) - history_shown :]
    labels = f" ({', '.join(evidence.attributes)})" if evidence.attributes else ""
    lines = [f"History: {quote(history) or 'none'}", f'Target: "{evidence.target}"{labels}']
    lines += [f"{n}. {fact_line(fact, evidence.position)}" for n, fact in enumerate(evidence.facts, 1)]
    return "\n".join(lines)


def reason_messages(
    evidence: Evidence, earlier: tuple[str, ...] = (), failure: str | None = None, history_shown: int | None = None
) -> list[Message]:
    """Prompt for a reason.

    Args:
        evidence: What may be said.
        earlier: The user's reasons so far, already corrected, oldest first.
        failure: What was wrong with the previous attempt.
        history_shown: Keep only this many of the most recent history items.
    """
    lines = [evidence_block(evidence, history_shown)]
    lines += [f"Earlier: {text}" for text in earlier]
    if failure:
        lines.append(f"Fix: {failure}")
    return messages("Reason", "\n".join(lines))


def judge_messages(evidence: Evidence) -> list[Message]:
    """Prompt for a yes/no judgement."""
    return messages("Judge", evidence_block(evidence))


def choose_messages(history: tuple[str, ...], candidates: list[Evidence]) -> list[Message]:
    """Prompt for the choice among candidates, each with its strongest fact."""
    lines = [f"History: {quote(history) or 'none'}"]
    lines += [f'- "{c.target}": {fact_line(c.facts[0], c.position)}' for c in candidates]
    return messages("Choose", "\n".join(lines))
