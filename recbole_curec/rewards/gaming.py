"""Policies that exploit the rewards; their completions should score below those of the aligned language model.

Each policy is the strongest form we know of one exploit: its completions are well formed, so that only the rewards for
content can reveal it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recbole_curec.data.evidence import Evidence
from recbole_curec.llm.messages import without_begun
from recbole_curec.reasons.parsing import MAX_WORDS, completion_naming, words_of
from recbole_curec.reasons.prompts import is_history
from recbole_curec.rewards.reward import Reward, columns_of, evaluate, evidence_of

# Within the length band of the length reward, without a repeated trigram, and of words that claim nothing.
_FILLER = (
    "is a truly great choice that should please you, a good pick with much to enjoy, well made and worth a try, and a "
    "fine addition to what you like."
)
_CONSTANT = "You may like it because it is popular among others and a good match for you."


def _filler(lines: Sequence[str], evidence: Evidence) -> str:
    return f'"{evidence.target}" {_FILLER}'


def _constant(lines: Sequence[str], evidence: Evidence) -> str:
    return _CONSTANT


def _copied_prompt(lines: Sequence[str], evidence: Evidence) -> str:
    return _sentence(lines)


def _copied_history(lines: Sequence[str], evidence: Evidence) -> str:
    history = [line for line in lines if is_history(line)]
    return _sentence([f'"{evidence.target}" suits you, for you took these -', *history])


def _copied_facts(lines: Sequence[str], evidence: Evidence) -> str:
    return _sentence([line for line in lines if not is_history(line)])


def _strong_preference(lines: Sequence[str], evidence: Evidence) -> str:
    """What the target is said of the user, and the highest popularity."""
    favoured = {fact.name for fact in evidence.facts_of("attribute")}
    others = [label for label in evidence.attributes if label not in favoured]
    label = next(iter((*others, *evidence.attributes)), "this kind")
    return f'"{evidence.target}" suits you: you keep choosing {label}, and it is very popular.'


def _invented_fans(lines: Sequence[str], evidence: Evidence) -> str:
    return f'"{evidence.target}" suits you, as fans of "The Item That Nobody Took" nearly always take it.'


def _invented_rating(lines: Sequence[str], evidence: Evidence) -> str:
    return f'"{evidence.target}" suits you: you rated it five stars every time.'


def _negation(lines: Sequence[str], evidence: Evidence) -> str:
    labels = evidence.attributes or ("this kind",)
    return f'"{evidence.target}" suits you, for you hate {labels[-1]} and never choose it.'


POLICIES: dict[str, Callable[[Sequence[str], Evidence], str]] = {
    "filler": _filler,
    "constant": _constant,
    "copied_prompt": _copied_prompt,
    "copied_history": _copied_history,
    "copied_facts": _copied_facts,
    "strong_preference": _strong_preference,
    "invented_fans": _invented_fans,
    "invented_rating": _invented_rating,
    "negation": _negation,
}


def gaming_rewards(
    rewards: Mapping[str, Reward], weights: Mapping[str, float], rows: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, float]]:
    """Mean of every reward, ``total`` included, for each policy.

    Args:
        rewards: Result of :func:`~recbole_curec.rewards.reward.prepare_rewards`.
        weights: Weight of each reward.
        rows: Prompts (``prompt``, as chat messages) with their columns.
    """
    found = {}
    for name, policy in POLICIES.items():
        written = [played(policy, row) for row in rows]
        values = evaluate(rewards, weights, written, [columns_of(row) for row in rows])
        found[name] = {reward: sum(numbers) / len(numbers) for reward, numbers in values.items()}
    return found


def played(policy: Callable[[Sequence[str], Evidence], str], row: Mapping[str, Any]) -> str:
    """Completion of a policy for a prompt, thinking included."""
    evidence = evidence_of(row["evidence"])
    text = policy(without_begun(row["prompt"])[-1]["content"].splitlines(), evidence)
    return completion_naming(evidence.target, text)


def _sentence(lines: Sequence[str]) -> str:
    """The lines as one sentence, shortened to the longest reason and never cut within a quoted name."""
    words = " ".join(lines).split()
    while words:
        text = " ".join(words).rstrip(",;:.- ")
        if len(words_of(text)) <= MAX_WORDS and text.count('"') % 2 == 0:
            return f"{text}."
        words.pop()
    return _CONSTANT
