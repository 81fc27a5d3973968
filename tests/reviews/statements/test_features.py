from __future__ import annotations

import numpy as np

from recbole_curec.reviews.statements.features import FEATURES, features_of
from recbole_curec.reviews.statements.space import StatementSpace
from tests.reviews.statements.test_pool import ROWS, A, X
from tests.reviews.statements.told import pool_of


def test_features_by_hand() -> None:
    pool, _ = pool_of(ROWS)
    # Statements in the pool's order; of the item "x": two by "b", one by "c", one by "a".
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0], [0.8, 0.6], [1, 0], [0, 1]], dtype=np.float32)
    opinions = np.array([0.5, -1, np.nan, 0, 0, 0, 0], dtype=np.float32)
    candidates, own = pool.candidates(A, X, 4, 9), pool.own(A, X, 1, 9)
    assert candidates.tolist() == [0, 1, 2] and own.tolist() == [4]
    found = features_of(pool, StatementSpace(vectors, opinions), candidates, own, 4)
    by_name = dict(zip(FEATURES, found.T, strict=True))
    np.testing.assert_allclose(by_name["own_max"], [0.8, 0.6, 0.96], rtol=1e-5)
    np.testing.assert_allclose(by_name["own_mean"], by_name["own_max"])
    np.testing.assert_allclose(by_name["own_count"], np.log(2), rtol=1e-6)
    # Their mean is (1.6, 1.8) / 3.
    np.testing.assert_allclose(by_name["central"], [1.6 / 3, 0.6, 0.8], rtol=1e-5)
    # Another writer: for those of "b" that of "c", and the other way round.
    np.testing.assert_allclose(by_name["echoed"], [0.6, 0.8, 0.8], rtol=1e-5)
    np.testing.assert_allclose(by_name["words"], 8)
    np.testing.assert_allclose(by_name["age"], np.log(3), rtol=1e-6)
    np.testing.assert_allclose(by_name["agreement"], [0.5, -1.0, np.nan])
    alone = features_of(pool, StatementSpace(vectors, opinions), candidates, own[:0], 4)
    without = dict(zip(FEATURES, alone.T, strict=True))
    assert np.isnan(without["own_max"]).all() and (without["own_count"] == 0).all()
