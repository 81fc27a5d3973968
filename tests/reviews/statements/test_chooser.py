"""Choices: by models of the other users, never from the user's review of the item, never from later ones."""

from __future__ import annotations

import builtins
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.reviews.statements.chooser import (
    RankedStatements,
    load_statements,
    save_statements,
    user_folds,
)
from recbole_curec.reviews.statements.ranker import check_ranker
from tests.reviews.statements.told import LOOKS, SOUND, histories, mark_of, ranked, trained


@pytest.fixture(scope="module")
def chooser() -> RankedStatements:
    return ranked(trained())


def choices(chooser: RankedStatements) -> list[tuple[list[str], list[float]]]:
    """What is chosen for every training interaction."""
    history = chooser.pool.history
    found = [chooser.choose(*history.interaction(row), 3) for row in range(history.n_interactions)]
    return [(chooser.pool.texts[numbers].tolist(), scores.tolist()) for numbers, scores in found]


def test_what_is_chosen_is_what_users_of_the_same_taste_say(chooser: RankedStatements) -> None:
    history = chooser.pool.history
    hits = total = 0
    for row, (texts, _) in enumerate(choices(chooser)):
        user, item, position = history.interaction(row)
        if position and len({text[:10] for text in texts}) == 2:
            taste = (SOUND, LOOKS)[(user - 1) % 2].format(item=history.item_tokens[item][1:])
            hits, total = hits + texts[0].startswith(taste), total + 1
    assert hits == total == 27


def test_choices_are_of_other_users_earlier_reviews_and_differ(chooser: RankedStatements) -> None:
    pool, history = chooser.pool, chooser.pool.history
    for row in range(history.n_interactions):
        user, item, position = history.interaction(row)
        numbers, scores = chooser.choose(user, item, position, 3)
        assert (pool.users[numbers] != user).all() and (pool.items[numbers] == item).all()
        assert (pool.ranks[numbers] < pool.times[row]).all()
        assert len(set(pool.rows[numbers])) == len(set(pool.texts[numbers])) == len(numbers)
        assert scores.tolist() == sorted(scores.tolist(), reverse=True)


@pytest.mark.parametrize("place", [10, 21])
def test_no_review_that_is_the_pairs_own_or_later_changes_its_choice(chooser: RankedStatements, place: int) -> None:
    rows = trained()
    user, item, time = rows[place][:3]
    changed = [
        (*row[:4], f"Nothing of strap {k} is as it was before in any way. The colour fades within the hour.")
        if (row[0] == user and row[2] >= time) else row
        for k, row in enumerate(rows)
    ]  # fmt: skip
    after, history = ranked(changed), chooser.pool.history
    assert after.pool.texts.tolist() != chooser.pool.texts.tolist()
    row = next(k for k, one in enumerate(rows) if one[0] == user and one[1] == item)
    first, second = (one.choose(*history.interaction(row), 3) for one in (chooser, after))
    assert chooser.pool.texts[first[0]].tolist() == after.pool.texts[second[0]].tolist() != []
    assert first[1].tolist() == second[1].tolist()


def test_the_same_data_give_the_same_choices_and_they_are_read_as_written(
    chooser: RankedStatements, tmp_path: Path
) -> None:
    again = ranked(trained())
    save_statements(again, tmp_path)
    loaded = load_statements(tmp_path, again.pool.history)
    assert choices(chooser) == choices(again) == choices(loaded)
    assert (tmp_path / "fold-0" / "ranker.txt").read_text(encoding="utf-8").startswith("tree\n")


def test_blame_and_what_the_user_wrote_are_not_quoted(chooser: RankedStatements) -> None:
    pool, count = chooser.pool, len(chooser.pool)
    untaken, taken = 6, int(pool.history.items[0])
    everything = set(pool.texts[chooser.choose(1, untaken, None, count)[0]])
    quoted = {statement.text for statement in chooser.quotable(1, untaken, None, count)}
    assert quoted and quoted < everything
    assert quoted <= {str(text) for text in pool.texts[(pool.items == untaken) & (pool.ratings > 0)]}
    # Of an item in training nothing that was written after the user took it, by the user or others.
    assert chooser.quotable(1, taken, None, count) == ()
    assert not any(mark_of(0, time) in text for time in range(4) for text in everything)


def test_somebody_new_gets_statements_of_all_training_reviews(chooser: RankedStatements) -> None:
    pool, item = chooser.pool, 3
    numbers, _ = chooser.choose(0, item, None, len(chooser.pool))
    assert set(pool.rows[numbers]) == set(pool.rows[pool.items == item])
    assert chooser.choose(0, item, None, 0)[0].tolist() == []


def test_folds_are_of_equal_size_and_drawn_by_ids() -> None:
    history, _ = histories(trained())
    folds = user_folds(history)
    assert np.bincount(folds[1:]).tolist() == [6, 6]
    assert user_folds(history).tolist() == folds.tolist()


def test_too_few_reviews_are_said() -> None:
    with pytest.raises(DataError, match=r"finds 0 statements among .* set collect.evidence_statements: 0"):
        ranked([(*row[:4], "Short.") for row in trained()])
    alone = [(*row[:4], f"Deep warm sound number {k} fills every single{k} room{k}") for k, row in enumerate(trained())]
    with pytest.raises(DataError, match="the user's own review repeats"):
        ranked([(row[0], f"{row[0]}{row[1]}", *row[2:]) for row in alone])


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "lightgbm" else find(name, *rest)
    )
    with pytest.raises(ConfigurationError) as raised:
        check_ranker("encode.statements: true")
    assert str(raised.value) == (
        "encode.statements: true ranks statements with LightGBM, which is not installed: "
        "pip install recbole-curec[rank]."
    )


def test_nothing_imports_lightgbm_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def guarded(name: str, *rest: Any) -> Any:
        assert name != "lightgbm"
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", guarded)
    importlib.reload(importlib.import_module("recbole_curec.reviews.statements.features"))
