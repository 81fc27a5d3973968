"""The openai teacher of chains against a server of this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.reviews.teachers.openai import OpenAIChainTeacher, check_openai_teacher
from recbole_curec.reviews.teachers.ridge import RidgeTeacher
from recbole_curec.settings.settings import Settings
from tests.llm.engines.scripted import ScriptedServer
from tests.reviews.reviewed import RATINGS, SCALE, TEXTS

pytest.importorskip("openai")
STAND_IN = RidgeTeacher.fit(TEXTS, RATINGS, SCALE, 4)
ANSWERS = {
    "fine": '<think>\n+ "Superbly built"\n</think>\n\nRating: 5.0',
    "form": "It is superbly built.",
    "other": '<think> + "superbly built"</think> Rating: 1',
    "invented": '<think> + "superbly painted"</think> Rating: 5',
    "score": '<think> + "built 9/10"</think> Rating: 5',
}


class Teacher(ScriptedServer):
    """Answers by the first word of the review."""

    def answer(self, question: str) -> str:
        return ANSWERS[question.split()[1]]


@pytest.fixture
def server() -> Iterator[Teacher]:
    with Teacher() as started:
        yield started


def _settings(url: str | None) -> Settings:
    given = {"openai_teacher.model": "large", "openai.base_url": url}
    return Settings.from_mapping({name: value for name, value in given.items() if value is not None})


def test_answers_that_cannot_be_used_are_counted_and_replaced(
    server: Teacher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    teacher = OpenAIChainTeacher.prepare(_settings(server.url), tmp_path, "0/teacher", SCALE, STAND_IN)
    texts = [f"{word} it is superbly built 9/10" for word in ANSWERS]
    taught = teacher.write(texts, [5.0] * len(texts))
    offline = STAND_IN.write(texts, [5.0] * len(texts)).completions
    assert taught.completions == ['<think> + "Superbly built"</think> Rating: 5', *offline[1:]]
    assert taught.rejected == {"format": 1, "rating": 1, "quotation": 1, "score": 1}
    assert "4 of 5 answers of the teacher cannot be used" in caplog.text
    asked = [request["messages"] for request in server.asked]
    assert sorted(messages[1]["content"] for messages in asked) == sorted(f"Review: {t}\nRating: 5" for t in texts)
    teacher.write(texts, [5.0] * len(texts))
    assert len(server.asked) == len(texts)  # none of them twice


def test_what_is_missing_is_said_before_anything_runs(server: Teacher) -> None:
    check_openai_teacher(_settings(server.url))
    with pytest.raises(ConfigurationError, match=r"chains\.teacher: openai needs the address of a server"):
        check_openai_teacher(_settings(None))
