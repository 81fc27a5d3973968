"""``teacher: openai``: a larger language model on an OpenAI-compatible server writes the reasons (distillation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from recbole_curec.data.evidence import Evidence
from recbole_curec.extensions import TEACHERS
from recbole_curec.llm.engines.engine import Engine
from recbole_curec.llm.messages import Message
from recbole_curec.llm.server import ServerSettings, check_package, check_server
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherRequest
from recbole_curec.settings.group import SettingsGroup, setting

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings


MODEL_SETTING = "openai_teacher.model"


class OpenAITeacherSettings(SettingsGroup):
    """``teacher: openai``; the server is that of the section ``openai``."""

    section: ClassVar[str] = "openai_teacher"
    model: str | None = setting(None, "Model that the server's 'openai' teacher is; no default.", alias="teacher_model")
    temperature: float = setting(
        0.3, "Sampling temperature of the 'openai' teacher.", alias="teacher_temperature", advanced=True, ge=0
    )


@TEACHERS.register
class OpenAITeacher(Teacher):
    """Requests answers to the training prompts of the language model from a server.

    Args:
        engine: Sends the requests.
        temperature: Sampling temperature.
        seed: Name of the call.
        show_progress: Whether a progress bar is drawn.
    """

    name: ClassVar[str] = "openai"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (OpenAITeacherSettings, ServerSettings)

    def __init__(self, engine: Engine, temperature: float, seed: str, show_progress: bool = False) -> None:
        self.engine, self.temperature, self.seed, self.show_progress = engine, temperature, seed, show_progress

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check the package, the server and the name of the model."""
        check_package("openai", "teacher: openai", "teacher: evidence")
        model = settings.of(OpenAITeacherSettings).model
        check_server(settings.of(ServerSettings), "teacher", model, MODEL_SETTING)

    @classmethod
    def prepare(cls, request: TeacherRequest) -> OpenAITeacher:
        """A teacher whose answers are logged in the scratch folder as they arrive."""
        from recbole_curec.llm.engines.openai import OpenAIEngine

        own = request.settings.of(OpenAITeacherSettings)
        engine = OpenAIEngine.asking(
            request.settings.of(ServerSettings),
            own.model or "",
            request.scratch,
            max_new_tokens=request.longest,
            model_setting=MODEL_SETTING,
        )
        return cls(engine, own.temperature, f"{request.seed}/teacher", request.show_progress)

    def answers(self, prompts: Sequence[list[Message]], evidence: Sequence[Evidence]) -> list[str]:
        """See :meth:`~recbole_curec.reasons.teachers.teacher.Teacher.answers`."""
        return self.engine.write(
            prompts, temperature=self.temperature, seed=self.seed, description="teacher", progress=self.show_progress
        )
