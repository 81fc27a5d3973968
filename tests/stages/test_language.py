"""A run in German: what the language model learns, is asked and writes is German, from the first stage on."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError
from recbole_curec.explanations.console import reason_block
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.languages.german import German
from recbole_curec.reasons.parsing import completion_naming, parse_reason
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.settings.settings import Settings
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import write_topics
from tests.sentences import is_one_sentence
from tests.stage_runs import run_until, spy_on_alignment

FEW = {"align.steps": 3, "reinforce.steps": 2, "reward.epochs": 1}


def test_every_stage_speaks_german(atomic: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_topics(atomic)
    learnt = spy_on_alignment(monkeypatch)
    made = run_until("correct", atomic, tmp_path, **{"collect.language": "de"}, **FEW)
    catalog = Collected.load(made["collect"].folder).catalog
    assert catalog.language == "de"
    checker = checker_of(catalog)
    reasons = [text.split("</think> ")[1] for text in learnt if '"' in text.partition("</think> ")[2]]
    sentences = [text.removesuffix("<|end|>") for text in reasons if checker.is_in_language(text)]
    assert len(sentences) >= made["align"].manifest()["figures"]["examples_by_task"]["reason"]
    assert not any("You may like" in text or "popular" in text for text in learnt)
    records = read_records(made["correct"].folder / STORE)
    assert records
    for record in records:
        told = parse_reason(completion_naming(record.evidence.target, record.text))
        assert record.evidence.facts[-1].name in German.popularity
        if record.outcome == "replaced":
            assert checker.faults(told, record.evidence) == []
    block = reason_block(records[0], German)
    assert f"die Empfehlung ist {records[0].evidence.facts[-1].name}" in block


def test_the_language_is_part_of_the_first_fingerprint_and_so_of_all(atomic: AtomicDataset, tmp_path: Path) -> None:
    write_topics(atomic)
    keys = [
        run_until("collect", atomic, tmp_path, **{"collect.language": name})["collect"].key for name in ("en", "de")
    ]
    assert keys[0] != keys[1]
    assert run_until("collect", atomic, tmp_path)["collect"].key == keys[0]


def test_an_unknown_language_is_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_mapping({"language": "fr"})
    assert str(caught.value) == (
        "collect.language: 'fr' is no language: use one of en, de, or your own class as 'my_package.module:Class'."
    )
    assert is_one_sentence(caught.value)
