from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recbole_curec.data.source import InteractionSource
from tests.examples import make_history

SEQUENCES = {"u2": ["b", "a"], "u1": ["a", "c", "b"]}


@pytest.fixture
def source(tmp_path: Path) -> InteractionSource:
    item_file = tmp_path / "toy.item"
    item_file.write_text("item_id:token\ttitle:token_seq\na\tAlpha\n")
    return InteractionSource(make_history(SEQUENCES, ("", "c", "b", "a")), item_file, "item_id")


def test_recboles_numbering_and_the_path_do_not_matter(source: InteractionSource, tmp_path: Path) -> None:
    moved = (tmp_path / "moved.item").resolve()
    moved.write_bytes(source.item_file.read_bytes())
    other = replace(source, history=make_history(SEQUENCES, ("", "a", "test-only", "b", "c")), item_file=moved)
    assert other.fingerprint() == source.fingerprint()


@pytest.mark.parametrize("name", ["item_field", "separator", "seq_separator", "encoding"])
def test_how_the_item_file_is_read_matters(source: InteractionSource, name: str) -> None:
    assert replace(source, **{name: "other"}).fingerprint() != source.fingerprint()


def test_interactions_their_order_and_the_item_file_matter(source: InteractionSource) -> None:
    before = source.fingerprint()
    turned = make_history({**SEQUENCES, "u2": ["a", "b"]}, ("", "c", "b", "a"))
    assert replace(source, history=turned).fingerprint() != before
    source.item_file.write_text("item_id:token\ttitle:token_seq\na\tBeta\n")
    changed = source.fingerprint()
    assert changed != before
    source.item_file.unlink()
    assert source.fingerprint() not in (before, changed)


def test_reviews_matter_where_they_are_read(source: InteractionSource) -> None:
    first, second = (
        replace(source, history=replace(source.history, reviews=np.array(texts, dtype=object)))
        for texts in (["", "", "", "", ""], ["", "", "good", "", ""])
    )
    assert len({str(one.fingerprint()) for one in (source, first, second)}) == 3
