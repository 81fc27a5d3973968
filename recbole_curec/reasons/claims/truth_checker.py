"""The interface of truth checkers: which claims of a reason no fact of its evidence holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence
from recbole_curec.reasons.claims.claim import Fault
from recbole_curec.reasons.languages.language import Language
from recbole_curec.reasons.parsing import ParsedReason


class TruthChecker(ABC):
    """Finds the false claims of a reason.

    A reason is *true* if every claim in it is bound to one fact: of the same kind (what the user took or favours; what
    the target is; what others take with it; how widely it is taken), with the same name, at the same level or a
    stronger one, and not negated. Whatever else it says of the user, the target or other people is a fault too.

    Args:
        catalog: Names and labels of all items.
        language: The language of reasons.

    Attributes:
        language: As given.
        noun: What several items are called; empty if it is not known.
    """

    # Longest part of a reason that a fault shows, in words.
    longest_words: ClassVar[int] = 12

    def __init__(self, catalog: Catalog, language: type[Language]) -> None:
        self.language, self.noun = language, catalog.noun

    @abstractmethod
    def faults(self, reason: ParsedReason, evidence: Evidence) -> list[Fault]:
        """The false claims of a reason in the order of its words; empty if it is true or claims nothing."""

    @abstractmethod
    def judged_clauses(self, reason: ParsedReason, evidence: Evidence) -> list[tuple[str, bool]]:
        """The clauses of a reason that claim something, as they are written, and whether nothing in each is false.

        Args:
            reason: The reason; all are true where :meth:`faults` finds nothing, and one is false where it does.
            evidence: The facts that it may claim.
        """

    @abstractmethod
    def supported(self, reason: ParsedReason, evidence: Evidence) -> int:
        """Number of claims of a reason that a fact holds; 0 for praise that claims nothing."""

    @abstractmethod
    def says_twice(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """Whether two clauses of a reason name the same item or label for the same fact, in other words perhaps."""

    @abstractmethod
    def names_target(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """Whether a reason names its target."""

    @abstractmethod
    def is_in_language(self, prose: str) -> bool:
        """Whether prose, without its names and labels, is in the language that the checker reads."""

    def is_generic(self, reason: ParsedReason, evidence: Evidence) -> bool:
        """Whether a reason is praise that claims nothing, true or false."""
        return not self.supported(reason, evidence) and not self.faults(reason, evidence)
