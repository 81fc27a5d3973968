"""English, the language of prompts and reasons unless another is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from recbole_curec.extensions import LANGUAGES
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN
from recbole_curec.reasons.languages.language import Heads, Language, NaturalTexts, TableTexts, Wordings

_CLAUSES: Wordings = {
    ("similar", "strong"): (
        "fans of {names} nearly always choose it",
        "most fans of {names} go for it too",
        "you chose {names}, and most of {its} fans go for this one too",
        "it shares most of its fans with {names}",
        "it is a close match to {names}, which you chose",
    ),
    ("similar", "fair"): (
        "fans of {names} often choose it",
        "many fans of {names} go for it too",
        "you chose {names}, and many of {its} fans go for this one too",
        "it shares many of its fans with {names}",
        "it is a fair match to {names}, which you chose",
    ),
    ("similar", "weak"): (
        "some fans of {names} choose it",
        "a few fans of {names} go for it too",
        "you chose {names}, and some of {its} fans go for this one too",
        "it shares some of its fans with {names}",
        "it is a loose match to {names}, which you chose",
    ),
    ("attribute", "strong"): (
        "you keep choosing {labels}",
        "you keep coming back to {labels}",
        "you go for {labels} again and again",
        "you choose {labels} more than most",
    ),
    ("attribute", "fair"): (
        "you often choose {labels}",
        "you lean towards {labels}",
        "you tend to go for {labels}",
        "you pick {labels} quite often",
    ),
    ("attribute", "weak"): (
        "you sometimes choose {labels}",
        "you pick {labels} now and then",
        "you go for {labels} at times",
    ),
    ("together", "strong"): (
        "it nearly always goes with {names}",
        "most people who choose {names} choose it too",
        "it is nearly always picked together with {names}",
    ),
    ("together", "fair"): (
        "it often goes with {names}",
        "many people who choose {names} choose it too",
        "it is often picked together with {names}",
    ),
    ("together", "weak"): (
        "it sometimes goes with {names}",
        "some people who choose {names} choose it too",
        "it is sometimes picked together with {names}",
    ),
    ("popularity", "weak"): (
        "it is a {word} pick, so it may be new to you",
        "it is a {word} find",
    ),
    ("popularity", "fair"): ("it is {word}", "it is {word} with others", "it is a {word} choice"),
    ("popularity", "strong"): ("it is {word}", "it is {word} with others", "it is a {word} choice"),
}
_RULES = "Use only what is given. Put every item name in double quotes, exactly as given. "
_TABLE_RULES = (
    "You explain recommendations. Use only the history, the target and the facts; invent nothing. "
    "Put every item name in double quotes, exactly as given. "
)
_EXAMPLE = (
    'For example, if "Night Train" is recommended:\n'
    '- fair match: the user chose "Blue Lamp", and fans of it often choose this item\n'
    "- strong taste: the user keeps choosing Travel\n"
    f'{THINK_OPEN} fair match "Blue Lamp"; strong taste Travel{THINK_CLOSE} You may like "Night Train" because fans of '
    '"Blue Lamp" often choose it, and you keep choosing Travel.'
)


@LANGUAGES.register
class English(Language):
    """English; the only language in which the truth checker reads free prose."""

    name: ClassVar[str] = "en"
    title: ClassVar[str] = "English"
    clauses: ClassVar[Wordings] = _CLAUSES
    frames: ClassVar[Mapping[int, tuple[str, ...]]] = {
        1: (
            'You may like "{target}" because {0}.',
            '"{target}" looks like a good match, as {0}.',
            'Try "{target}": {0}.',
            '{C0}, so "{target}" may well suit you.',
        ),
        2: (
            'You may like "{target}" because {0}, and {1}.',
            '"{target}" suits you: {0}, and {1}.',
            '{C0}, and {1}: "{target}" should please you.',
            '{C0}, so you may like "{target}"; besides, {1}.',
            'As {0}, "{target}" is worth a try; {1}.',
        ),
        3: (
            'You may like "{target}" because {0}, {1}, and {2}.',
            '{C0}, and {1}, so "{target}" should please you; besides, {2}.',
            '"{target}" suits you: {0}, {1}, and {2}.',
            '"{target}" is a good pick for you: {0}; {1}, and {2}.',
        ),
    }
    guesses: ClassVar[Mapping[int, tuple[str, ...]]] = {
        1: (
            'This one is a guess: you may like "{target}", as {0}.',
            '"{target}" is just a guess: {0}.',
            'There is little to go on, but you may like "{target}": {0}.',
            'At a guess, "{target}" could be for you: {0}.',
        ),
        2: (
            'This one is a guess: you may like "{target}", as {0}, and {1}.',
            '"{target}" is just a guess: {0}, and {1}.',
            'There is little to go on, but {0}, and {1}: you may like "{target}".',
            'At a guess, "{target}" could be for you: {0}, and {1}.',
        ),
    }
    # Of listed words alone, which are never taken for a name or a label (recbole_curec.reasons.claims.tokens).
    plain: ClassVar[str] = '"{target}" may well be one more pick for you: it is {word}.'
    quotation: ClassVar[str] = "you wrote {quotation} about {names}"
    statements: ClassVar[tuple[str, ...]] = (
        "another reviewer wrote {quotation} about it",
        "someone else wrote {quotation} about it",
    )
    conjunction: ClassVar[str] = " and "
    popularity: ClassVar[tuple[str, str, str]] = ("lesser known", "popular", "very popular")
    said_taken: ClassVar[tuple[str, ...]] = ("you chose ", "which you chose")
    possessives: ClassVar[tuple[str, str]] = ("its", "their")
    pronouns: ClassVar[frozenset[str]] = frozenset(("it", "its", "this"))
    nouns: ClassVar[Mapping[str, str]] = {}
    answers: ClassVar[tuple[str, str]] = ("Yes", "No")
    table: ClassVar[TableTexts] = TableTexts(
        heads=Heads("History: ", "Earlier: ", "Fix: ", "Target: ", "History: none"),
        system={
            "Reason": _TABLE_RULES
            + "Answer with <think>, the target and the facts that matter, </think> and then one sentence of at most 40 "
            "words that tells the user why they would like the target.",
            "Judge": _TABLE_RULES
            + "Would this user like the target? Answer with <think>, the target and the facts that matter, </think> "
            "and Yes or No.",
            "Choose": _TABLE_RULES + "Which candidate does this user take next? Answer with <think>, the facts that "
            "matter, </think> and the name of the candidate.",
            "Describe": "Name the attributes of the item, separated by commas.",
            "Identify": "Name the item with these attributes, in double quotes.",
            "Complete": "Complete the name of the item.",
        },
        questions={
            "Reason": 'Reason for "{target}":',
            "Judge": 'Judge "{target}":',
            "Choose": "Choose:",
            "Describe": "Describe:",
            "Identify": "Identify:",
            "Complete": "Complete:",
        },
        nothing="none",
        quotation="you wrote {quotation} about {name}",
        reviewed="{name} reviewed",
        statement="another reviewer wrote {quotation}",
        stated="another reviewer",
        facts={
            "similar": "fans of {name} choose it: {level}",
            "attribute": "the user favours {name}: {level}",
            "together": "often chosen with {name}: {level}",
            "popularity": "it is {name}",
        },
        levels={"weak": "weak", "fair": "fair", "strong": "strong"},
    )
    natural: ClassVar[NaturalTexts] = NaturalTexts(
        heads=Heads(
            "The user's recent history: ",
            "An earlier reason for this user: ",
            "To be corrected: ",
            "The recommended item: ",
            None,
        ),
        system={
            "Reason": "You tell a user in one sentence why they would like a recommended item. "
            + _RULES
            + f"First write {THINK_OPEN}, the facts you use, and {THINK_CLOSE}; then one sentence to the user, at most "
            "40 words, that says no more than these facts. If every fact is weak, say that it is a guess.\n" + _EXAMPLE,
            "Judge": "You judge whether a user would like a recommended item. "
            + _RULES
            + f"First write {THINK_OPEN}, the facts that matter, and {THINK_CLOSE}; then Yes or No.",
            "Choose": "You choose the item that a user takes next. "
            + _RULES
            + f"First write {THINK_OPEN}, the item that decides, and {THINK_CLOSE}; then the name of the chosen item.",
            "Describe": "You name the attributes of an item, separated by commas.",
            "Identify": "You name the item that has the given attributes, in double quotes.",
            "Complete": "You complete the name of an item, in double quotes.",
        },
        questions={
            "Reason": 'Why would the user like "{target}"?',
            "Judge": 'Would the user like "{target}"?',
            "Choose": "Which of these items does the user take next?",
            "Describe": "What are the attributes of this item?",
            "Identify": "Which item has these attributes?",
            "Complete": "How does the name go on?",
        },
        nothing="nothing",
        quotation="the user wrote {quotation} about {name}",
        reviewed="review of {name}",
        statement="another reviewer wrote {quotation} about this item",
        stated="another reviewer",
        known="What is known:",
        facts={
            ("similar", "strong"): "the user chose {name}, and fans of it nearly always choose this item",
            ("similar", "fair"): "the user chose {name}, and fans of it often choose this item",
            ("similar", "weak"): "the user chose {name}, and some fans of it choose this item",
            ("attribute", "strong"): "the user keeps choosing {name}",
            ("attribute", "fair"): "the user often chooses {name}",
            ("attribute", "weak"): "the user sometimes chooses {name}",
            ("together", "strong"): "this item nearly always goes with {name}",
            ("together", "fair"): "this item often goes with {name}",
            ("together", "weak"): "this item sometimes goes with {name}",
            ("popularity", "strong"): "this item is {name}",
            ("popularity", "fair"): "this item is {name}",
            ("popularity", "weak"): "this item is {name}",
        },
        tags={
            ("similar", "strong"): "close match",
            ("similar", "fair"): "fair match",
            ("similar", "weak"): "loose match",
            ("attribute", "strong"): "strong taste",
            ("attribute", "fair"): "fair taste",
            ("attribute", "weak"): "weak taste",
            ("together", "strong"): "strong pair",
            ("together", "fair"): "fair pair",
            ("together", "weak"): "weak pair",
            ("popularity", "strong"): "reach",
            ("popularity", "fair"): "reach",
            ("popularity", "weak"): "reach",
        },
        support=": {tag} with {name}",
    )

    @classmethod
    def plural_of(cls, noun: str) -> str:
        """See :meth:`~recbole_curec.reasons.languages.language.Language.plural_of`: movies, galleries, dishes."""
        if not noun or noun.endswith("s"):
            return noun
        if noun.endswith("y") and noun[-2:-1] not in "aeiou":
            return f"{noun[:-1]}ies"
        return f"{noun}es" if noun.endswith(("ch", "sh", "x", "z")) else f"{noun}s"

    @classmethod
    def dated(cls, noun: str, year: str) -> str:
        """See :meth:`~recbole_curec.reasons.languages.language.Language.dated`."""
        return f"{noun or 'releases'} from {year}"

    @classmethod
    def branded(cls, noun: str, brand: str) -> str:
        """See :meth:`~recbole_curec.reasons.languages.language.Language.branded`."""
        return f"{noun or 'products'} by {brand}"

    @classmethod
    def labelled(cls, labels: Sequence[str], noun: str) -> str:
        """See :meth:`~recbole_curec.reasons.languages.language.Language.labelled`: "Crime and Sci-Fi movies".

        Years and brands, which name the items themselves, come first, since no word can follow them.
        """
        brand = cls.branded(noun, "")
        whole = [label for label in labels if label == cls.dated(noun, label[-4:]) or label.startswith(brand)]
        others = [label for label in labels if label not in whole]
        if noun and others:
            others[-1] = f"{others[-1]} {noun}"
        return cls.conjunction.join((*whole, *others))
