"""The interface of teachers, which write the target completions of the ``align`` stage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import Evidence
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.parsing import completion
from recbole_curec.settings.entry import Entry


@dataclass(frozen=True)
class TeacherReason:
    """A target completion."""

    think: str
    text: str

    @property
    def completion(self) -> str:
        """The completion as the language model should write it."""
        return completion(self.think, self.text)


@dataclass(frozen=True)
class TeacherRequest:
    """Arguments for preparing a teacher.

    Attributes:
        catalog: Names and labels of the items.
        scratch: Folder where it may keep files between runs of the same stage.
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

    Its answers are checked like any other reason; a malformed or false one is rejected and counted, and the sentence of
    the ``evidence`` teacher is used instead.

    Attributes:
        reads_reviews: Whether the evidence it gets contains excerpts of the user's earlier reviews.
        is_offline: Whether it writes while the examples are drawn, one by one; such a teacher derives from
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
            prompts: The prompts that the language model is trained on.
            evidence: Facts that each reason may claim.

        Raises:
            ServerError: A server failed; its earlier answers are kept for the next run of the same command.
        """
