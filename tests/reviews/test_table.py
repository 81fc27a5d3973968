from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.errors import DataError
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.table import ReviewTable


def table(items: list[str]) -> ReviewTable:
    return ReviewTable(
        users=np.array(["a", "a", "b"]),
        items=np.array(items),
        ratings=np.array([5.0, 1.0, 5.0]),
        texts=np.array(["good", "", "fine, really"], dtype=object),
        folds=np.array([0, 1, 0]),
    )


def test_a_table_comes_back_from_its_file(tmp_path):
    written = table(["x", "y", "x"])
    written.save(tmp_path)
    read = ReviewTable.load(tmp_path)
    for name in ("users", "items", "ratings", "texts", "folds"):
        assert getattr(read, name).tolist() == getattr(written, name).tolist()
    assert read.n_folds == 2
    assert read.rows(0).tolist() == [0, 2]
    assert read.taught(0).tolist() == [1]


def test_a_pair_with_two_reviews_is_named():
    with pytest.raises(DataError, match="User 'a' has several reviews of item 'x'"):
        table(["x", "x", "x"])


def test_weights_are_one_over_the_root_of_the_share_with_mean_one():
    ratings = [5.0] * 16 + [1.0] * 4
    scale = RatingScale.of(ratings)
    assert scale.levels == (1.0, 5.0)
    assert scale.shares == (0.2, 0.8)
    assert scale.weight(1.0) / scale.weight(5.0) == pytest.approx(2.0)
    assert np.mean([scale.weight(rating) for rating in ratings]) == pytest.approx(1.0)
    assert scale.nearest(2.9) == 1.0
    assert (scale.text(4.0), scale.text(3.5)) == ("4", "3.5")


def test_rare_ratings_weigh_more_with_mean_one():
    ratings = np.array([5.0] * 16 + [2.0] * 4)
    scale = RatingScale.of(ratings)
    weights = scale.weights(1.0)
    assert scale.bounds.tolist() == [3.5]
    assert weights[0] / weights[1] == pytest.approx(2.0)
    assert np.mean(weights[np.searchsorted(scale.bounds, ratings)]) == pytest.approx(1.0)
    assert scale.weights(0.0).tolist() == [1.0, 1.0]
    assert scale.weights(2.0) * [4, 16] == pytest.approx([10.0, 10.0])


def test_one_rating_alone_cannot_be_predicted():
    with pytest.raises(DataError, match="every training review is rated 4"):
        RatingScale.of([4.0, 4.0])
