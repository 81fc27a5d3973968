"""What a teacher does: it writes the targets from which the language model learns to write reasons."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence
from recbole_curec.extensions import Entry
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN, Message


@dataclass(frozen=True)
class TeacherReason:
    """A target completion."""

    think: str
    text: str

    @property
    def completion(self) -> str:
        """The completion as the language model should write it."""
        return f"{THINK_OPEN}{self.think}{THINK_CLOSE} {self.text}"


@dataclass(frozen=True)
class TeacherRequest:
    """What a teacher is made with.

    Attributes:
        catalog: Names and labels of the items.
        scratch: Where it may keep files between runs of the same stage.
        seed: Seed of every random choice.
        longest: Longest completion, in tokens.
        settings: Gives the teacher's own settings group by its class.
        show_progress: Whether a progress bar is drawn.
    """

    catalog: Catalog
    scratch: Path
    seed: int
    longest: int
    settings: Any
    show_progress: bool = True


class Teacher(Entry, ABC):
    """Writes reasons for the language model to learn from.

    What it writes is checked like any other reason; an answer that is broken or false is rejected and counted, and the
    sentence of the ``evidence`` teacher stands in its place.

    Attributes:
        reads_reviews: Whether it is shown what users wrote in their earlier reviews.
        is_offline: Whether its sentences are made as the examples are drawn, one by one; such a teacher derives from
            ``EvidenceTeacher``.
    """

    reads_reviews: ClassVar[bool] = False
    is_offline: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def prepare(cls, request: TeacherRequest) -> Teacher:
        """A teacher for one run of the ``align`` stage."""

    @abstractmethod
    def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
        """One completion per prompt: ``<think> which facts matter </think> reason``.

        Args:
            prompts: The very prompts the language model is trained on.
            evidence: What each reason may claim.

        Raises:
            ServerError: A server stopped; what it wrote before is kept for the next run of the same command.
        """
