import numpy as np
import pytest
import torch

from recbole_curec.data.history import TrainHistory
from recbole_curec.plugin.windows import WindowFields, WindowLoader, cut_windows

FIELDS = WindowFields(user="user_id", item_list="item_id_list", length="item_length", targets="item_id_targets")


def history_of(lengths, seed=0):
    """Users 1.. with the given history lengths; every row has its own item, so a row can be told from its item."""
    indptr = np.concatenate([[0, 0], np.cumsum(lengths)])
    total = int(indptr[-1])
    items = np.random.default_rng(seed).permutation(total) + 1
    names = np.array([str(k) for k in range(total + 1)])
    return TrainHistory(
        indptr=indptr, items=items, n_items=total + 1, user_tokens=names[: len(indptr) - 1], item_tokens=names
    )


def loader_of(history, max_length=6, batch_size=20, **kwargs):
    return WindowLoader(history, FIELDS, max_length, batch_size, seed=3, **kwargs)


LENGTHS = [1, 2, 3, 6, 7, 8, 9, 10, 13, 40, 1, 100]


@pytest.mark.parametrize("max_length", [1, 2, 5, 6, 50])
@pytest.mark.parametrize("batch_size", [1, 20, 10_000])
def test_every_target_once_with_its_true_context(max_length, batch_size):
    history = history_of(LENGTHS)
    row_of = {int(item): row for row, item in enumerate(history.items)}
    seen = []
    for batch in loader_of(history, max_length, batch_size):
        items, targets, lengths = (batch[name].numpy() for name in ("item_id_list", "item_id_targets", "item_length"))
        assert items.shape == targets.shape == (len(batch), lengths.max())
        for user, row, goal, length in zip(batch["user_id"].tolist(), items, targets, lengths, strict=True):
            assert length <= max_length
            assert (row[length:] == 0).all()
            assert (goal[length:] == 0).all()
            first = row_of[int(row[0])]
            assert row[:length].tolist() == history.items[first : first + length].tolist()
            for step in np.flatnonzero(goal):
                target = row_of[int(goal[step])]
                assert target == first + step + 1
                assert history.indptr[user] < target < history.indptr[user + 1]
                position = target - history.indptr[user]
                assert step + 1 >= min(position, max_length - max_length // 2)  # at least half a window of context
                seen.append(target)
    expected = [row for row in range(history.n_interactions) if row not in set(history.indptr.tolist())]
    assert sorted(seen) == expected


def test_a_short_history_is_one_window():
    windows = cut_windows(history_of([5]), 10)
    assert (windows.start.tolist(), windows.length.tolist(), windows.first_target.tolist()) == ([0], [4], [0])


def test_later_windows_are_full():
    windows = cut_windows(history_of([18]), 6)  # 17 inputs: 0-5, then three each
    assert windows.length.tolist() == [6, 6, 6, 6, 6]
    assert windows.start.tolist() == [0, 3, 6, 9, 11]
    assert windows.n_targets.tolist() == [6, 3, 3, 3, 2]


def test_batches_are_even_and_counted():
    rng = np.random.default_rng(0)
    history = history_of(rng.integers(2, 30, 400))
    loader = loader_of(history, 10, 64)
    sizes = [int((batch["item_id_targets"] > 0).sum()) for batch in loader]
    total = history.n_interactions - 400
    assert len(sizes) == len(loader) == -(-total // 64)
    assert sum(sizes) == total
    assert max(sizes) < 64 + 10
    assert min(sizes) > 64 - 2 * 10


def test_batches_are_trimmed_to_similar_lengths():
    rng = np.random.default_rng(0)
    history = history_of(np.where(rng.random(2000) < 0.1, 40, 5))
    loader = loader_of(history, 50, 128)
    cells = sum(batch["item_id_list"].numel() for batch in loader)
    assert cells < 1.3 * (history.n_interactions - 2000)


def test_epochs_differ_and_seeds_repeat():
    history = history_of([9] * 40)
    one, two = loader_of(history), loader_of(history)
    first, second = (torch.cat([batch["user_id"] for batch in one]) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(first, torch.cat([batch["user_id"] for batch in two]))
    fixed = loader_of(history, shuffle=False)
    assert torch.cat([batch["user_id"] for batch in fixed]).tolist() == sorted(first.tolist())


def test_ten_million_interactions_are_cut_quickly():
    lengths = np.full(100_000, 100)
    indptr = np.concatenate([[0, 0], np.cumsum(lengths)])
    names = np.array(["x"])
    history = TrainHistory(
        indptr=indptr, items=np.ones(10_000_000, dtype=np.int64), n_items=2, user_tokens=names, item_tokens=names
    )
    windows = cut_windows(history, 50)
    assert int(windows.n_targets.sum()) == 9_900_000
    assert len(windows.start) == 300_000
