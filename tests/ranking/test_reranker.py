from __future__ import annotations

import torch

from tests.ranking.stand_ins import by_number
from tests.ranking.worlds import queries_of

# Items 1 to 6; the first user has taken 5.
SCORES = torch.tensor([[9.0, 8.0, 7.0, 6.0, 5.0, 7.5, 1.0]])
QUERIES = queries_of([(1, [5])])


def ranking(scores: torch.Tensor) -> list[int]:
    return (scores[0, 1:].argsort(descending=True) + 1).tolist()


def test_candidates_change_places_and_nothing_else_does() -> None:
    found = by_number(3).rerank(SCORES, QUERIES)
    assert ranking(SCORES) == [1, 5, 2, 3, 4, 6]
    assert ranking(found) == [3, 5, 2, 1, 4, 6]  # of 1, 2 and 3, the highest number first; 5 keeps its place
    assert sorted(found[0].tolist()) == sorted(SCORES[0].tolist())
    assert SCORES[0, 1] == 8.0  # the scores given are left as they are


def test_more_candidates_than_items_are_all_items() -> None:
    assert ranking(by_number(50).rerank(SCORES, QUERIES)) == [6, 5, 4, 3, 2, 1]


def test_nothing_to_rank_stays() -> None:
    everything = queries_of([(1, [1, 2, 3, 4, 5, 6])])
    assert torch.equal(by_number(3).rerank(SCORES, everything), SCORES)
    assert by_number(3).moves(SCORES, everything) == [{}]


def test_what_moved_an_item() -> None:
    moves = by_number(3).moves(SCORES.repeat(2, 1), queries_of([(1, [5]), (2, [])]))
    assert {item: (one.before, one.after) for item, one in moves[0].items()} == {1: (1, 3), 2: (2, 2), 3: (3, 1)}
    assert {item: (one.before, one.after) for item, one in moves[1].items()} == {1: (1, 3), 5: (2, 1), 2: (3, 2)}
    first = moves[0][3]
    # Beyond the mean of its user's candidates: 3 - 2; all have one item before them.
    assert [(column.name, value) for column, value in first.contributions] == [
        ("number.item", 1.0),
        ("number.past", 0.0),
    ]
    assert first.kinds() == ["similar"]
    assert moves[0][1].kinds() == []
