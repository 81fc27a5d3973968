from __future__ import annotations

from dataclasses import replace

import numpy as np

from recbole_curec.reviews.statements.source import StatementSource, training_ranks

USERS = np.array(["a", "a", "a", "b", "b"])
NAN = float("nan")


def test_equal_times_have_equal_ranks_and_an_unknown_one_sees_only_what_is_surely_earlier() -> None:
    assert training_ranks(USERS, np.array([10.0, 30.0, 40.0, 20.0, 30.0])).tolist() == [1, 3, 4, 2, 3]
    assert training_ranks(USERS, np.array([10.0, NAN, 40.0, NAN, 30.0])).tolist() == [1, 1, 3, 0, 2]


def test_the_fingerprint_depends_on_order_and_not_on_the_times_themselves() -> None:
    source = StatementSource(
        USERS, np.array(list("xyzxy")), np.array([1.0, NAN, 2.0, 3.0, 4.0]), np.array(list("abcde"), dtype=object),
        training_ranks(USERS, np.array([1.0, 2.0, 3.0, 4.0, 5.0])),
    )  # fmt: skip
    later = replace(source, ranks=training_ranks(USERS, np.array([1.0, 2.0, 3.0, 40.0, 50.0])))
    assert source.fingerprint() == later.fingerprint()
    swapped = replace(source, ranks=training_ranks(USERS, np.array([1.0, 2.0, 3.0, 5.0, 4.0])))
    rated = replace(source, ratings=np.array([1.0, 2.0, 2.0, 3.0, 4.0]))
    assert len({str(one.fingerprint()) for one in (source, swapped, rated)}) == 3
