"""What every teacher promises, checked on each that is registered and on two of a user's own."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.data.evidence import Evidence
from recbole_curec.data.negatives import negative_item
from recbole_curec.data.review_excerpts import ReviewExcerpt
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import TEACHERS
from recbole_curec.llm import server
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.failures import FailureFinder
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.teachers.teacher import Teacher, TeacherRequest
from recbole_curec.settings.sections import CollectSettings
from recbole_curec.settings.settings import Settings
from tests.atomic_dataset import AtomicDataset
from tests.examples import CATALOG, EVIDENCE, toy_builder
from tests.pipeline_runs import write_topics
from tests.sentences import is_one_sentence
from tests.stage_runs import run_until, spy_on_alignment

OWN = {"plain": "tests.reasons.teachers.own:Plain", "wordy": "tests.reasons.teachers.own:Wordy"}
OURS = TEACHERS.entries()
ENTRIES = {**OURS, **{path: TEACHERS.find(path) for path in OWN.values()}}
# Those that need no server, whether they are asked one by one or for all examples at once.
OFFLINE = [name for name, entry in ENTRIES.items() if entry.is_offline] + [OWN["plain"]]
BUILDER = TablePrompts(CollectSettings())


def settings_for(name: str) -> Settings:
    return Settings.from_mapping({"align.teacher": name})


def prepared(name: str, catalog: Any, scratch: Path, seed: int = 0) -> Teacher:
    request = TeacherRequest(catalog, scratch, seed, 96, settings_for(name), show_progress=False)
    teacher: Teacher = ENTRIES[name].prepare(request)
    return teacher


def answers(teacher: Teacher, evidence: Sequence[Evidence]) -> list[str]:
    prompts: list[list[Message]] = [BUILDER.reason(one) for one in evidence]
    return teacher.answers(prompts, evidence)


@pytest.fixture(scope="module")
def toy() -> tuple[Any, list[Evidence]]:
    """The toy catalog, and evidence for its training interactions and for a sampled item in place of each."""
    builder, rng = toy_builder(), np.random.default_rng(0)
    history, evidence = builder.history, []
    for row in rng.permutation(history.n_interactions)[:150]:
        user, position = int(history.users[row]), int(history.positions[row])
        for item in (int(history.items[row]), negative_item(history, user, rng)):
            evidence.append(builder.build(user, item, position))
    return builder.catalog, evidence


def test_ours_are_found() -> None:
    assert {"evidence", "reviews", "openai"} <= set(OURS)
    assert {"evidence", "reviews"} <= set(OFFLINE)


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_a_teacher_under_its_name(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.name == (name if name in OURS else name.partition(":")[2].lower())
    assert issubclass(entry, Teacher)
    assert not inspect.isabstract(entry)
    assert all(isinstance(inspect.getattr_static(entry, method), classmethod) for method in ("prepare", "check"))
    assert all(group.section for group in entry.settings_groups)
    assert entry.revision >= 1
    assert not entry.is_offline or issubclass(entry, EvidenceTeacher)


@pytest.mark.parametrize("packages", ["as installed", "missing"])
@pytest.mark.parametrize("name", ENTRIES)
def test_a_check_passes_or_says_one_sentence(name: str, packages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if packages == "missing":
        monkeypatch.setattr(server, "find_spec", lambda _: None)
    try:
        ENTRIES[name].check(settings_for(name))
    except ConfigurationError as error:
        assert name not in OFFLINE
        assert is_one_sentence(error), error
        assert f"teacher: {name}" in str(error)
    else:
        assert name in OFFLINE


@pytest.mark.parametrize("name", OFFLINE)
def test_every_answer_is_sound(name: str, toy: tuple[Any, list[Evidence]], tmp_path: Path) -> None:
    catalog, evidence = toy
    finder = FailureFinder(ClaimChecker(catalog))
    written = answers(prepared(name, catalog, tmp_path), evidence)
    for one, answer in zip(evidence, written, strict=True):
        reason = parse_reason(answer)
        assert reason.valid, (reason.error, answer)
        assert finder.fault(reason, one, ("target",)) is None
        assert finder.fault(reason, one) is None, answer
    assert len(set(written)) > len(evidence) / 3  # about their target and not a word for all


@pytest.mark.parametrize("name", OFFLINE)
def test_the_same_evidence_is_told_the_same(name: str, toy: tuple[Any, list[Evidence]], tmp_path: Path) -> None:
    catalog, evidence = toy
    first = answers(prepared(name, catalog, tmp_path), evidence)
    assert answers(prepared(name, catalog, tmp_path), evidence) == first
    assert answers(prepared(name, catalog, tmp_path), evidence[::-1]) == first[::-1]
    assert answers(prepared(name, catalog, tmp_path), []) == []


@pytest.mark.parametrize("name", [name for name in OFFLINE if issubclass(ENTRIES[name], EvidenceTeacher)])
def test_the_seed_chooses_the_wording(name: str, toy: tuple[Any, list[Evidence]], tmp_path: Path) -> None:
    catalog, evidence = toy
    assert answers(prepared(name, catalog, tmp_path), evidence) != answers(
        prepared(name, catalog, tmp_path, 1), evidence
    )


@pytest.mark.parametrize("name", [name for name in OFFLINE if ENTRIES[name].reads_reviews])
def test_who_reads_reviews_quotes_them(name: str, tmp_path: Path) -> None:
    said = "a film like no other"
    quoted = [replace(EVIDENCE, position=k, excerpts=(ReviewExcerpt("Heat", said),)) for k in range(5)]
    for answer, one in zip(answers(prepared(name, CATALOG, tmp_path), quoted), quoted, strict=True):
        assert f'ou wrote \u201c{said}\u201d about "Heat"' in answer
        assert FailureFinder(ClaimChecker(CATALOG)).fault(parse_reason(answer), one) is None


def test_a_model_learns_what_ones_own_teacher_writes(
    atomic: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topics(atomic)
    learnt = spy_on_alignment(monkeypatch)
    keys = []
    for given, words in (
        ({"align.teacher": OWN["plain"], "plain.word": "the"}, "may well be the more pick for you: it is "),
        ({"align.teacher": OWN["wordy"]}, ", so have a look."),
    ):
        learnt.clear()
        artifacts = run_until("align", atomic, tmp_path, **given, **{"align.steps": 2, "align.mix": {"reason": 1.0}})
        keys.append(artifacts["align"].key)
        assert len(learnt) == 16
        assert all(words in text for text in learnt)
    assert keys[0] != keys[1]
