"""Prompts in natural language, for pretrained models: sentences, only of what is known, and an example of an answer.

A fact begins with its strength and kind (``close match``, ``weak taste``), followed by a sentence in the words that a
reason may use for it. The thinking names the facts that the sentence will state in the same way, one after the other:
strength, kind, name. The sentence states each in a clause of its own, so every clause can be bound to one fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from recbole_curec.data.evidence import Evidence, Fact, FactKind, Level
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN
from recbole_curec.reasons.prompts import BULLET, KNOWN, NATURAL, QUOTED_KINDS, Heads, PromptBuilder, shown_name

# A fact begins with these words; those of an item are also the teacher's.
_TAGS: dict[tuple[FactKind, Level], str] = {
    ("similar", "strong"): "close match",
    ("similar", "fair"): "fair match",
    ("similar", "weak"): "loose match",
    ("attribute", "strong"): "strong taste",
    ("attribute", "fair"): "fair taste",
    ("attribute", "weak"): "weak taste",
    ("together", "strong"): "strong pair",
    ("together", "fair"): "fair pair",
    ("together", "weak"): "weak pair",
}
_STATEMENTS: dict[tuple[FactKind, Level], str] = {
    ("similar", "strong"): "the user took {name}, and fans of it nearly always take this item",
    ("similar", "fair"): "the user took {name}, and fans of it often take this item",
    ("similar", "weak"): "the user took {name}, and some fans of it take this item",
    ("attribute", "strong"): "the user keeps choosing {name}",
    ("attribute", "fair"): "the user often chooses {name}",
    ("attribute", "weak"): "the user sometimes chooses {name}",
    ("together", "strong"): "this item nearly always goes with {name}",
    ("together", "fair"): "this item often goes with {name}",
    ("together", "weak"): "this item sometimes goes with {name}",
}
_POPULARITY_TAG, _POPULARITY = "reach", "this item is {name}"
# Kinds whose statements are about the user, in the third person, which no reason uses.
_ABOUT_USER: tuple[FactKind, ...] = ("similar", "attribute")
_NOTHING = "nothing"
_RULES = "Use only what is given. Put every item name in double quotes, exactly as given. "
_EXAMPLE = (
    'For example, if "Night Train" is recommended:\n'
    '- loose match: the user took "Blue Lamp", and some fans of it take this item\n'
    "- strong taste: the user keeps choosing Travel\n"
    f'{THINK_OPEN} loose match "Blue Lamp"; strong taste Travel{THINK_CLOSE} You may like "Night Train" because some '
    'fans of "Blue Lamp" take it and you keep choosing Travel.'
)


class NaturalPrompts(PromptBuilder):
    """Prompts whose facts are sentences."""

    heads: ClassVar[Heads] = NATURAL
    # So a clause takes the strength beside the name in the thinking; of two strengths, models take the greater.
    facts_per_clause: ClassVar[int] = 1
    system: ClassVar[Mapping[str, str]] = {
        "Reason": "You tell a user in one sentence why they would like a recommended item. "
        + _RULES
        + f"First write {THINK_OPEN}, the facts you use, and {THINK_CLOSE}; then one sentence to the user, at most 40 "
        "words, that says no more than these facts.\n" + _EXAMPLE,
        "Judge": "You judge whether a user would like a recommended item. "
        + _RULES
        + f"First write {THINK_OPEN}, the facts that matter, and {THINK_CLOSE}; then Yes or No.",
        "Choose": "You choose the item that a user takes next. "
        + _RULES
        + f"First write {THINK_OPEN}, the item that decides, and {THINK_CLOSE}; then the name of the chosen item.",
        "Describe": "You name the attributes of an item, separated by commas.",
        "Identify": "You name the item that has the given attributes, in double quotes.",
        "Complete": "You complete the name of an item, in double quotes.",
    }

    @staticmethod
    def thinking(target: str, groups: Sequence[Sequence[Fact]], excerpt: ReviewExcerpt | None = None) -> str:
        """See :meth:`~recbole_curec.reasons.prompts.PromptBuilder.thinking`: strength, kind, name of each fact."""
        chosen = [f"{_tag(fact.kind, fact.level)} {shown_name(fact)}" for facts in groups for fact in facts]
        if excerpt is not None:
            chosen.insert(0, f'review of "{excerpt.name}"')
        return f" {'; '.join(chosen) or _NOTHING}"

    def _facts(self, evidence: Evidence) -> list[str]:
        labels = f" ({', '.join(evidence.attributes)})" if evidence.attributes else ""
        facts = [fact for kind, slots in self._slots for fact in evidence.facts_of(kind)[:slots]]
        lines = [f"{BULLET}{quotation_statement(quote)}" for quote in evidence.excerpts]
        lines += [f"{BULLET}{tagged_statement(fact)}" for fact in facts]
        return [f'{self.heads.target}"{evidence.target}"{labels}', *([KNOWN, *lines] if lines else [])]

    def _candidate(self, candidate: Evidence) -> str:
        support = next(iter(candidate.facts_of("similar")), None)
        known = "" if support is None else f": {_tag(support.kind, support.level)} with {shown_name(support)}"
        return f'{BULLET}"{candidate.target}"{known}'

    @classmethod
    def _question(cls, task: str, target: str | None) -> str:
        return {
            "Reason": f'Why would the user like "{target}"?',
            "Judge": f'Would the user like "{target}"?',
            "Choose": "Which of these items does the user take next?",
            "Describe": "What are the attributes of this item?",
            "Identify": "Which item has these attributes?",
            "Complete": "How does the name go on?",
        }[task]


def statement(fact: Fact) -> str:
    """What a prompt says of a fact."""
    form = _POPULARITY if fact.kind == "popularity" else _STATEMENTS[fact.kind, fact.level]
    return form.format(name=shown_name(fact))


def tagged_statement(fact: Fact) -> str:
    """:func:`statement` behind the strength and kind of the fact, which a reason may name instead."""
    return f"{_tag(fact.kind, fact.level)}: {statement(fact)}"


def quotation_statement(quote: ReviewExcerpt) -> str:
    """What a prompt says of a quotation from a review."""
    return f'the user wrote {QUOTE_OPEN}{quote.text}{QUOTE_CLOSE} about "{quote.name}"'


def recited(evidence: Evidence) -> list[str]:
    """Texts of a natural prompt about this evidence, or of its thinking, that are no part of a normal sentence."""
    return [
        f'{NATURAL.history}"',
        f'{NATURAL.target}"',
        *(f"{tag}: the user" for tag in _TAGS.values()),
        *(f"{tag}: this item" for tag in (*_TAGS.values(), _POPULARITY_TAG)),
        *(f'{tag} "' for (kind, _), tag in _TAGS.items() if kind in QUOTED_KINDS),
        *(statement(fact) for fact in evidence.facts if fact.kind in _ABOUT_USER),
    ]


def _tag(kind: FactKind, level: Level) -> str:
    return _POPULARITY_TAG if kind == "popularity" else _TAGS[kind, level]
