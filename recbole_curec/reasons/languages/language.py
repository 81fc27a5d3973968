"""The interface of languages: every wording of the teacher and every text of the prompts, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from recbole_curec.data.evidence import LEVELS, Fact, FactKind, Level
from recbole_curec.extensions import LANGUAGES
from recbole_curec.reasons.parsing import unquoted, words_of
from recbole_curec.settings.entry import Entry

Task = Literal["Reason", "Judge", "Choose", "Describe", "Identify", "Complete"]
Wordings = Mapping[tuple[FactKind, Level], tuple[str, ...]]


@dataclass(frozen=True)
class Heads:
    """How the lines of a style begin.

    Attributes:
        history: The user's history, followed by quoted names.
        earlier: An earlier reason.
        failure: The fault of the previous attempt.
        target: The target, followed by its quoted name.
        no_history: The whole line of an empty history; None if there is no such line.
    """

    history: str
    earlier: str
    failure: str
    target: str
    no_history: str | None


@dataclass(frozen=True)
class PromptTexts:
    """The texts that prompts of both styles have.

    Attributes:
        heads: How its lines begin.
        system: System message of every task.
        questions: The last line of every task, with ``{target}`` where the task has one.
        nothing: What stands for facts where there are none.
        quotation: What a prompt says of a quotation, with ``{quotation}`` and ``{name}``.
        reviewed: What the thinking says of a quotation, with ``{name}``.
        statement: What a prompt says of another user's statement about the target, with ``{quotation}``.
        stated: What the thinking says of it.
    """

    heads: Heads
    system: Mapping[Task, str]
    questions: Mapping[Task, str]
    nothing: str
    quotation: str
    reviewed: str
    statement: str
    stated: str


@dataclass(frozen=True)
class TableTexts(PromptTexts):
    """The texts of prompts as a table.

    Attributes:
        facts: Line of a fact, with ``{name}`` and ``{level}``.
        levels: What the levels are called.
    """

    facts: Mapping[FactKind, str]
    levels: Mapping[Level, str]


@dataclass(frozen=True)
class NaturalTexts(PromptTexts):
    """The texts of prompts in natural language.

    Attributes:
        known: The line before the facts.
        facts: Sentence about a fact, with ``{name}``.
        tags: Its strength and kind in a few words, which stand before it.
        support: What follows the name of a candidate, with ``{tag}`` and ``{name}``.
    """

    known: str
    facts: Mapping[tuple[FactKind, Level], str]
    tags: Mapping[tuple[FactKind, Level], str]
    support: str


class Language(Entry):
    """What reasons and prompts say in one language.

    A clause is a main clause about ``{names}`` (items in double quotes), ``{labels}`` or ``{word}`` (popularity). A
    frame puts clauses into a sentence: ``{0}`` as they are, ``{C0}`` with a capital. A sentence may be taken apart into
    frame and clauses again, so no two clauses may read alike.

    Attributes:
        name: Code of the language, ``en``; the value of ``collect.language``.
        title: Its name in English, for messages.
        clauses: Wordings by kind and level: a true reason states how strong its facts are.
        frames: Sentences by number of clauses.
        guesses: Sentences that say that they are a guess, by number of clauses.
        plain: The sentence where no other is possible, with ``{target}`` and ``{word}``.
        quotation: The clause of a quotation from a review, with ``{quotation}`` and ``{names}``.
        statements: Clauses of a quotation from another user's review of the target, with ``{quotation}``.
        conjunction: What joins names, and labels.
        popularity: How widely an item is taken, from little to very much.
        said_taken: Words of clauses that say in so many words that the user took an item.
        possessives: What ``{its}`` is in a clause, for one name and for several.
        pronouns: Words of clauses that stand for the target, which is named before them.
        nouns: What several items are called, by the English word for one.
        answers: What the task ``judge`` is answered, yes and no.
        table: Prompts as a table.
        natural: Prompts in natural language.
    """

    title: ClassVar[str]
    clauses: ClassVar[Wordings]
    frames: ClassVar[Mapping[int, tuple[str, ...]]]
    guesses: ClassVar[Mapping[int, tuple[str, ...]]]
    plain: ClassVar[str]
    quotation: ClassVar[str]
    statements: ClassVar[tuple[str, ...]]
    conjunction: ClassVar[str]
    popularity: ClassVar[tuple[str, str, str]]
    said_taken: ClassVar[tuple[str, ...]]
    possessives: ClassVar[tuple[str, str]]
    pronouns: ClassVar[frozenset[str]]
    nouns: ClassVar[Mapping[str, str]]
    answers: ClassVar[tuple[str, str]]
    table: ClassVar[TableTexts]
    natural: ClassVar[NaturalTexts]

    @classmethod
    def plural_of(cls, noun: str) -> str:
        """What several items are called, by the English word for one; empty if the language has no word for it."""
        return cls.nouns.get(noun, "")

    @classmethod
    def dated(cls, noun: str, year: str) -> str:
        """The label of a year: "movies from 1997".

        Args:
            noun: What several items are called; empty if it is not known.
            year: The year.
        """
        raise NotImplementedError

    @classmethod
    def branded(cls, noun: str, brand: str) -> str:
        """The label of a brand: "products by Fender"; the brand alone unless the language says more.

        Args:
            noun: What several items are called; empty if it is not known.
            brand: The brand.
        """
        return brand

    @classmethod
    def labelled(cls, labels: Sequence[str], noun: str) -> str:
        """Labels as a clause says them.

        Args:
            labels: Attribute labels.
            noun: What several items are called; empty if it is not known.
        """
        return cls.conjunction.join(labels)

    @classmethod
    def level_of(cls, fact: Fact) -> Level:
        """The level of a fact, which of popularity is that of its word."""
        if fact.kind != "popularity":
            return fact.level
        return LEVELS[cls.popularity.index(fact.name)] if fact.name in cls.popularity else "weak"

    @classmethod
    def clause(cls, wording: str, facts: Sequence[Fact], noun: str) -> str:
        """A wording about facts of one kind."""
        names = [fact.name for fact in facts]
        return wording.format(
            names=cls.conjunction.join(f'"{name}"' for name in names),
            labels=cls.labelled(names, noun),
            word=names[0],
            its=cls.possessives[len(names) > 1],
        )

    @classmethod
    def fits(cls, frame: str, clauses: Sequence[str]) -> bool:
        """Whether a frame names the target before the clauses that speak of it with a pronoun."""
        before = frame.partition("{target}")[0]
        early = (clause for number, clause in enumerate(clauses) if f"{number}}}" in before)
        return not any(word.lower() in cls.pronouns for clause in early for word in words_of(unquoted(clause)))

    @classmethod
    def sentence(cls, frame: str, target: str, clauses: Sequence[str]) -> str:
        """A frame with its clauses."""
        capitals = {f"C{number}": with_capital(clause) for number, clause in enumerate(clauses)}
        return frame.format(*clauses, target=target, **capitals)


def known_languages() -> list[type[Language]]:
    """Every language: ours, those that are registered, and those that a config names by their path."""
    found: list[type[Language]] = list(LANGUAGES.entries().values())
    for one in found:
        found += [own for own in one.__subclasses__() if own not in found]
    return found + [own for own in Language.__subclasses__() if own not in found and hasattr(own, "natural")]


def with_capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]
