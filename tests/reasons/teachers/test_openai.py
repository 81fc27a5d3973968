"""The openai teacher against a server of this process that speaks chat completions over HTTP."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError, ServerError
from recbole_curec.plugin.config import load_config
from recbole_curec.reasons.teachers.openai import OpenAITeacherSettings
from tests.atomic_dataset import AtomicDataset
from tests.llm.engines.scripted import ScriptedServer
from tests.pipeline_runs import FAST, TOPICS, layered, write_topics
from tests.stage_runs import run_until, spy_on_alignment

pytest.importorskip("openai")
_ASKED = re.compile(r'Reason for "([^"]*)":')
_POPULARITY = re.compile(r"^- it is (.*)$", re.MULTILINE)


class Teacher(ScriptedServer):
    """Writes about the target it is asked for; every third answer names an item that is not in the facts."""

    def answer(self, question: str) -> str:
        found, popularity = _ASKED.search(question), _POPULARITY.search(question)
        assert found is not None and popularity is not None
        named = "Ghost Story" if int(found[1].rsplit(" ", 1)[1]) % 3 == 0 else found[1]
        return f'<think>\n"{found[1]}"\n</think>\n\nYou may well enjoy "{named}", it is {popularity[1]}.'


@pytest.fixture
def teacher() -> Iterator[Teacher]:
    with Teacher() as server:
        yield server


def _given(teacher: Teacher) -> dict[str, Any]:
    return {"teacher": "openai", "teacher_model": "large", "openai_base_url": teacher.url, "openai_concurrency": 4}


def test_what_the_teacher_writes_is_checked_counted_and_learnt_from(
    atomic: AtomicDataset, tmp_path: Path, teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topics(atomic)
    written = spy_on_alignment(monkeypatch)
    artifacts = run_until("align", atomic, tmp_path, **_given(teacher))
    manifest = artifacts["align"].manifest()
    figures = manifest["figures"]
    targets = Counter(
        int(found[1].rsplit(" ", 1)[1]) % 3 == 0
        for request in teacher.asked
        if (found := _ASKED.search(request["messages"][-1]["content"]))
    )
    assert figures["examples_by_task"]["reason"] == len(teacher.asked) > 20
    assert figures["sentences_rejected"] == {"title": targets[True]}
    assert figures["sentences_accepted"] == targets[False] > 5
    assert f"{targets[True]} title" in manifest["summary"]
    assert sum("You may well enjoy" in text for text in written) == targets[False]
    assert not [text for text in written if "Ghost Story" in text]
    assert {request["model"] for request in teacher.asked} == {"large"}
    assert {request["temperature"] for request in teacher.asked} == {OpenAITeacherSettings().temperature}
    catalog = Collected.load(artifacts["collect"].folder).catalog
    assert {label for labels in catalog.attributes for label in labels} == {topic.title() for topic in TOPICS}


def test_a_teacher_that_stops_is_one_sentence_and_the_next_run_goes_on(
    atomic: AtomicDataset, tmp_path: Path, teacher: Teacher
) -> None:
    write_topics(atomic)
    teacher.limit = 10
    with pytest.raises(ServerError, match=r"stopped after 10 of .* completions"):
        run_until("align", atomic, tmp_path, **_given(teacher))
    teacher.limit, teacher.unknown = None, True
    with pytest.raises(ServerError, match=r"the model 'large'.* or set openai_teacher\.model or openai\.base_url"):
        run_until("align", atomic, tmp_path, **_given(teacher))
    teacher.unknown = False
    figures = run_until("align", atomic, tmp_path, **_given(teacher))["align"].manifest()["figures"]
    assert len(teacher.asked) == figures["examples_by_task"]["reason"]  # none of them twice


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"openai_base_url": None}, "teacher: openai needs the address of a server"),
        ({"openai_base_url": "localhost"}, r"openai\.base_url='localhost' is no address"),
        ({"teacher_model": None}, "teacher: openai needs the name of the model"),
        ({"openai_key_variable": "NO_SUCH_KEY"}, "NO_SUCH_KEY names an environment variable that is not set"),
    ],
)
def test_what_is_missing_is_said_before_anything_runs(
    atomic: AtomicDataset, tmp_path: Path, teacher: Teacher, given: dict[str, Any], message: str
) -> None:
    write_topics(atomic)
    settings = {**FAST, "data_path": str(atomic.root), "checkpoint_dir": str(tmp_path)}
    load_config("CURec", atomic.name, (), layered(settings, _given(teacher)))
    with pytest.raises(ConfigurationError, match=message):
        load_config("CURec", atomic.name, (), layered(settings, {**_given(teacher), **given}))
