import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import DataError
from tests.examples import make_history

SEQUENCES = {"ann": ["c", "a"], "bob": ["b"], "cy": ["a", "b", "a"]}
TOKENS = ("", "a", "b", "c")


def test_rows_know_their_user_and_position():
    history = make_history(SEQUENCES, TOKENS)
    assert history.n_users == 4
    assert history.n_interactions == 6
    assert history.users.tolist() == [1, 1, 2, 3, 3, 3]
    assert history.positions.tolist() == [0, 1, 0, 0, 1, 2]
    assert [history.interaction(row) for row in (0, 2, 5)] == [(1, 3, 0), (2, 2, 0), (3, 1, 2)]
    assert history.of_user(1).tolist() == [3, 1]
    assert history.of_user(0).tolist() == []


def test_before_gives_strictly_earlier_items_of_that_user_alone():
    history = make_history(SEQUENCES, TOKENS)
    assert history.before(3, 2).tolist() == [1, 2]
    assert history.before(3, 0).tolist() == []
    assert history.before(1, 2).tolist() == [3, 1]
    assert history.before(1, 99).tolist() == [3, 1]


def test_empty_and_inconsistent_histories_are_refused():
    empty = np.zeros(0, dtype=np.int64)
    with pytest.raises(DataError, match="training split is empty"):
        TrainHistory(np.zeros(2, dtype=np.int64), empty, 3, np.array(["", "u"]), np.array(["", "a", "b"]))
    for items, end in (([1, 2], 3), ([0, 1], 2), ([1, 3], 2)):
        with pytest.raises(DataError, match="inconsistent"):
            TrainHistory(np.array([0, 0, end]), np.array(items), 3, np.array(["", "u"]), np.array(["", "a", "b"]))


def internal(sequences, user_order, item_order):
    """The history as RecBole would number it: users and items in the given orders, some of them without rows."""
    items = {item: place for place, item in enumerate(["[PAD]", *item_order])}
    rows = [sequences.get(user, []) for user in user_order]
    return TrainHistory(
        indptr=np.concatenate([[0, 0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        items=np.array([items[item] for row in rows for item in row], dtype=np.int64),
        n_items=len(items),
        user_tokens=np.array(["[PAD]", *user_order]),
        item_tokens=np.array(["[PAD]", *item_order]),
    )


@given(st.data())
def test_reindexing_does_not_depend_on_recboles_numbering(data):
    """Users and items of validation and test rows shift RecBole's ids; the artifacts' ids must not move."""
    items = [f"i{k}" for k in range(6)]
    users = [f"u{k}" for k in range(12)]  # sorted as text: u10 and u11 before u2
    sequences = data.draw(
        st.dictionaries(
            st.sampled_from(users), st.lists(st.sampled_from(items), min_size=1, max_size=4), min_size=1, max_size=5
        )
    )
    seen = {item for row in sequences.values() for item in row}
    index = {item: place for place, item in enumerate(sorted([*items, "never"]), 1)}

    def reindexed():
        held_out_users = data.draw(st.lists(st.sampled_from([u for u in users if u not in sequences]), unique=True))
        held_out_items = data.draw(st.lists(st.sampled_from(["x", "y", *(set(items) - seen)]), unique=True))
        user_order = data.draw(st.permutations([*sequences, *held_out_users]))
        item_order = data.draw(st.permutations([*seen, *held_out_items]))
        return internal(sequences, user_order, item_order).reindex(index, len(index) + 1)

    first, second = reindexed(), reindexed()
    for name in ("indptr", "items", "user_tokens", "item_tokens"):
        left, right = getattr(first, name), getattr(second, name)
        assert left.dtype == right.dtype
        assert left.tolist() == right.tolist()
    assert first.n_items == len(index) + 1
    assert first.user_tokens[1:].tolist() == sorted(sequences)
    for user, token in enumerate(first.user_tokens[1:].tolist(), 1):
        assert first.item_tokens[first.of_user(user)].tolist() == sequences[token]
