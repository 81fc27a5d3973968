"""The numbers themselves: by hand, and as evidence has them."""

from __future__ import annotations

from math import log, log1p, sqrt

import numpy as np
import pytest

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.evidence import EvidenceBuilder
from recbole_curec.data.item_pairs import ItemPairs
from recbole_curec.ranking.candidates import Candidates
from recbole_curec.ranking.family import RankMaterial
from recbole_curec.ranking.features.attribute import Attribute
from recbole_curec.ranking.features.base_score import BaseScore
from recbole_curec.ranking.features.popularity import Popularity
from recbole_curec.ranking.features.similar import Similar
from recbole_curec.ranking.features.text import Text
from recbole_curec.ranking.recency import latest_first, recency_weights
from recbole_curec.settings.sections import CollectSettings
from tests.ranking.worlds import candidates_of, history_of, queries_of, random_history

LABELS = (0, 1, 1, 2, 0, 2, 1, 0, 0, 2, 1, 0, 2, 1, 0)


def _builder(seed: int) -> EvidenceBuilder:
    history = random_history(seed)
    names = ["a", "b", "c"]
    catalog = Catalog(
        tokens=("", *history.item_tokens[1:].tolist()),
        names=("", *(f"Item {k}" for k in range(1, 15))),
        attributes=((), *((names[label],) for label in LABELS[1:])),
        texts=("",) * 15,
    )
    return EvidenceBuilder(history, catalog, ItemPairs(history), CollectSettings(evidence_items=99))


@pytest.mark.parametrize("seed", range(3))
def test_similarity_is_that_of_evidence(seed: int) -> None:
    builder = _builder(seed)
    history = builder.history
    rows = [(user, history.before(user, 2).tolist()) for user in range(1, 11)]
    items = [[item for item in range(1, 15) if item not in past] for _, past in rows]
    found = Similar(history).values(queries_of(rows), candidates_of(items))
    for row, (user, _) in enumerate(rows):
        wanted = [builder.support(user, item, 2) for item in items[row]]
        assert found[row, : len(wanted), 0].tolist() == pytest.approx(wanted, abs=2e-4)  # evidence rounds each
    assert found[:, :, 0].max() > 0.3


def test_later_items_weigh_more_and_the_last_one_stands_alone() -> None:
    # Users 1 and 2 took 1 with 4, user 3 took 2 with 4; the query's user took 1, then 2.
    history = history_of([[1, 4], [1, 4], [2, 4], [1, 2]], 6)
    found = Similar(history).values(queries_of([(4, [1, 2])]), candidates_of([[4, 5]]))[0]
    first, second = 2 / sqrt(2 * 3), 1 / sqrt(1 * 3)
    assert found[0].tolist() == pytest.approx([first + second, second + 0.5 ** (1 / 3) * first, second])
    assert found[1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("seed", range(3))
def test_lift_is_that_of_evidence(seed: int) -> None:
    builder = _builder(seed)
    history = builder.history
    arrays = {"label_ends": np.array([0, *range(1, 15)]), "labels": np.array(LABELS[1:])}
    rows = [(user, history.before(user, 3).tolist()) for user in range(1, 11)]
    items = [[item for item in range(1, 15) if item not in past] for _, past in rows]
    found = Attribute.prepare(RankMaterial(history, arrays)).values(queries_of(rows), candidates_of(items))
    told = 0
    for row, (user, _) in enumerate(rows):
        for place, item in enumerate(items[row]):
            facts = [fact for fact in builder.build(user, item, 3).facts if fact.kind == "attribute"]
            highest, mean = found[row, place]
            assert highest == max(mean, 0)  # one label per item
            if facts:
                told += 1
                assert highest == pytest.approx(log(facts[0].strength), abs=1e-3)
    assert told > 4


def test_popularity_counts_other_users_once() -> None:
    history = history_of([[1, 1, 2], [1], [2, 1]], 4)
    found = Popularity(history).values(queries_of([(1, [3]), (0, [])]), candidates_of([[1, 2, 3]] * 2))[..., 0]
    assert np.allclose(found, [[log1p(2), log1p(1), 0.0], [log1p(3), log1p(2), 0.0]])


def test_text_is_compared_with_the_later_past() -> None:
    vectors = np.array([[0, 0], [2, 0], [0, 3], [1, 1], [0, 0]], dtype=np.float32)
    found = Text(vectors).values(queries_of([(1, [1, 2]), (1, [])]), candidates_of([[3, 4]] * 2))
    weight = 0.5 ** (1 / 3)
    both = (1 + weight) / (1 + weight) / sqrt(2)  # the third item is equally near to the first and to the second
    assert found[0, 0].tolist() == pytest.approx([both, 1 / sqrt(2)])
    assert not found[0, 1].any() and not found[1].any()
    nearer = Text(vectors).values(queries_of([(1, [1, 2])]), candidates_of([[1, 2]]))[0]
    assert nearer[:, 0].tolist() == pytest.approx([weight / (1 + weight), 1 / (1 + weight)])
    assert nearer[:, 1].tolist() == [0.0, 1.0]


def test_scores_are_standardised_within_the_candidates() -> None:
    items = np.array([[3, 1, 2], [1, 2, 0]])
    scores = np.array([[5.0, 3.0, 1.0], [10.0, 8.0, -np.inf]])
    found = BaseScore().values(queries_of([(1, []), (2, [])]), Candidates(items, scores))
    assert found[0, :, 0].tolist() == pytest.approx([sqrt(1.5), 0.0, -sqrt(1.5)])
    assert found[1, :2, 0].tolist() == pytest.approx([1.0, -1.0])
    assert found[0, :, 1].tolist() == pytest.approx([1.0, np.log2(3), 2.0])


def test_recency() -> None:
    assert latest_first(np.array([7, 1, 2, 1, 3]), 4).tolist() == [3, 1, 2]
    assert latest_first(np.array([], dtype=np.int64), 4).tolist() == []
    assert recency_weights(4).tolist() == pytest.approx([1, 0.5 ** (1 / 3), 0.5 ** (2 / 3), 0.5])
