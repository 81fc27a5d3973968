"""Present histories beside the training history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recbole_curec.data.served_history import ServedHistory
from tests.examples import make_history


def test_served_users_follow_those_of_training() -> None:
    training = make_history({"u": ["a", "b"], "v": ["c"]}, ("", "a", "b", "c"))
    served = ServedHistory.of(training, [np.array([1, 2, 3]), np.array([], dtype=np.int64)], ["u", "new"], [1, 0])
    assert served.population is training
    assert (served.n_users, [served.counted_as(user) for user in range(5)]) == (5, [0, 1, 2, 1, 0])
    assert served.of_user(3).tolist() == [1, 2, 3]
    assert served.of_user(4).tolist() == []
    assert served.user_tokens.tolist()[3:] == ["u", "new"]
    assert served.digest() != training.digest()


def test_reviews_stay_with_the_interactions_of_training_wherever_these_stand() -> None:
    reviews = np.array(["of a", "of c", "of d", "other"], dtype=object)
    training = replace(make_history({"u": ["a", "c", "d"], "v": ["b"]}, ("", "a", "b", "c", "d")), reviews=reviews)
    served = ServedHistory.of(training, [np.array([1, 2, 3, 2, 4]), np.array([1])], ["u", "new"], [1, 0])
    assert served.reviews is not None
    assert served.reviews.tolist()[4:] == ["of a", "", "of c", "", "of d", ""]
