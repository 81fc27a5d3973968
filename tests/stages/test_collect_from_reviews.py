"""Item text made of reviews in a run: only training reviews reach it, and names flow to titles and reasons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recbole.data import create_dataset

from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError
from recbole_curec.pipeline.artifacts import MANIFEST, Artifact
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.serving.titles import item_titles
from recbole_curec.settings.sections import CollectSettings
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import artifact_text
from tests.stage_runs import run_until
from tests.told_items import CANARY, NAMES, REVIEWS, training_rows

HEADER = "user_id:token item_id:token timestamp:float summary:token_seq review:token_seq"
FROM_REVIEWS = {"collect.item_text_from": "reviews", "show_progress": False}


def _rows(held_out: str = "It is fine.", turned: bool = False) -> list[tuple[Any, ...]]:
    """The training reviews, then two reviews of every user that are held out."""
    order = list(REVIEWS)
    rows: list[tuple[Any, ...]] = [
        (user, item, order.index(item), "", text) for user, item, text in training_rows()
    ]  # fmt: skip
    for number, user in enumerate(sorted({row[0] for row in rows})):
        for k in range(2):
            item = f"late{(number + k + turned) % 3}"
            rows.append((user, item, 100 + k, f"{held_out} {number}", f"A {held_out} {k}. The {held_out}."))
    return rows


def _collect(atomic: AtomicDataset, folder: Path, rows: list[tuple[Any, ...]]) -> Artifact:
    atomic.write("inter", HEADER, rows)
    atomic.write("item", "item_id:token", [(item,) for item in REVIEWS])
    return run_until("collect", atomic, folder, **FROM_REVIEWS)["collect"]


def test_the_artifact_has_the_names_and_says_what_has_none(atomic: AtomicDataset, tmp_path: Path) -> None:
    made = _collect(atomic, tmp_path / "saved", _rows())
    catalog = Collected.load(made.folder).catalog
    assert dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True)) == {**NAMES, "unknown": "item unknown"}
    manifest = made.manifest()
    assert {key: manifest["figures"][key] for key in ("item_reviews", "items_called_by_id", "items_without_text")} == {
        "item_reviews": len(training_rows()), "items_called_by_id": 1, "items_without_text": 1
    }  # fmt: skip
    assert manifest["summary"].endswith(
        "item text from reviews: 1 items are called by their id, 0 have no training review, 1 no text"
    )


def test_held_out_reviews_change_nothing(atomic: AtomicDataset, tmp_path: Path) -> None:
    plain = _collect(atomic, tmp_path / "plain", _rows())
    told = _collect(atomic, tmp_path / "told", _rows(CANARY, turned=True)[::-1])
    assert plain.key == told.key
    assert CANARY not in artifact_text({"collect": told})
    for path in plain.folder.iterdir():
        if path.name != MANIFEST:  # which holds times
            assert path.read_bytes() == (told.folder / path.name).read_bytes(), path.name


def test_a_canary_in_the_users_own_training_review_is_in_no_name_and_no_text(
    atomic: AtomicDataset, tmp_path: Path
) -> None:
    rows = [
        (user, item, time, f"{summary} {CANARY}", f"{text} A {CANARY}. {CANARY}!") if user == "u1" else
        (user, item, time, summary, text) for user, item, time, summary, text in _rows()
    ]  # fmt: skip
    assert CANARY not in artifact_text({"collect": _collect(atomic, tmp_path / "saved", rows)}).lower()
    wah = {("u0", "wah"), ("u1", "wah"), ("u2", "wah")}
    three = [(*row[:4], f"{row[4]} A {CANARY}.") if row[:2] in wah else row for row in _rows()]
    assert CANARY in artifact_text({"collect": _collect(atomic, tmp_path / "three", three)})


def test_reasons_with_such_names_are_true_and_titles_are_they(
    atomic: AtomicDataset, tmp_path: Path, load: Callable[..., Any]
) -> None:
    made = Collected.load(_collect(atomic, tmp_path / "saved", _rows()).folder)
    builder, teacher = made.builder(CollectSettings()), EvidenceTeacher(checker_of(made.catalog), 0)
    checker = checker_of(made.catalog)
    wah = made.catalog.index["wah"]
    for user in (1, 2, 3):
        evidence = builder.build(user, wah, 3)
        told = teacher.write(evidence)
        assert '"wah pedal, Crybaby"' in told.text
        assert checker.faults(told, evidence) == []
    config = load("CURec", atomic, **FROM_REVIEWS)
    training = create_dataset(config).build()[0]
    assert item_titles(config, training)["wah"] == "wah pedal, Crybaby"


def test_a_file_without_reviews_is_refused_at_the_start(atomic: AtomicDataset, load: Callable[..., Any]) -> None:
    atomic.write("inter", "user_id:token item_id:token timestamp:float", [("u", "i", 1.0), ("u", "j", 2.0)])
    with pytest.raises(ConfigurationError) as caught:
        load("CURec", atomic, fusion="gate", **FROM_REVIEWS)
    assert str(caught.value) == (
        f"collect.item_text_from: reviews finds no column of review text in {atomic.root / atomic.name}/"
        f"{atomic.name}.inter (text columns: []): name it with review_field, or set collect.item_text_from: columns "
        "for item text of the item file."
    )
    with pytest.raises(ConfigurationError, match="item_text_from='titles' cannot be used"):
        load("CURec", atomic, **{"collect.item_text_from": "titles"})
