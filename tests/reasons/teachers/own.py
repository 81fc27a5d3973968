"""Teachers of a user's own, as a config file names them: 'tests.reasons.teachers.own:Plain'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from recbole_curec.data.evidence import Evidence
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherReason, TeacherRequest
from recbole_curec.settings.group import SettingsGroup, setting


class PlainSettings(SettingsGroup):
    """How plain."""

    section: ClassVar[str] = "plain"
    word: str = setting("one", "How many picks a target is.")


class Plain(Teacher):
    """Asked once for all examples; says no more than what the target is called."""

    name: ClassVar[str] = "plain"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (PlainSettings,)

    def __init__(self, word: str) -> None:
        self.word = word

    @classmethod
    def prepare(cls, request: TeacherRequest) -> Plain:
        return cls(request.settings.of(PlainSettings).word)

    def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
        return [
            TeacherReason(
                f' "{one.target}"',
                f'"{one.target}" may well be {self.word} more pick for you: it is {one.facts[-1].name}.',
            ).completion
            for one in evidence
        ]


class Wordy(EvidenceTeacher):
    """Writes as examples are drawn; every sentence of the evidence teacher ends in the same words."""

    name: ClassVar[str] = "wordy"

    def variants(self, evidence: Evidence) -> Iterator[TeacherReason]:
        for reason in super().variants(evidence):
            yield replace(reason, text=f"{reason.text[:-1]}, so have a look.")
