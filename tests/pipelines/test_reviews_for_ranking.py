"""``reason_source: reviews``: RecCoT's vectors in a model that ranks, and what may be read for them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.features.store import FeatureStore
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.datasets import CURecDataset
from recbole_curec.plugin.experiment import run
from recbole_curec.plugin.features import planned_artifacts, run_stages
from recbole_curec.plugin.rating_dataset import RecCoTDataset
from recbole_curec.plugin.review_features import planned_review_artifacts
from recbole_curec.plugin.review_sources import reviews_of_history
from tests.pipeline_runs import artifact_bytes, artifact_text
from tests.review_runs import FAST, HELD_OUT, REVIEWS, USERS, config_of, rows, write

STAGES = ["collect", "read", "align", "reinforce", "write", "embed", "encode"]
RANKING = {
    "encode": {"reason_source": "reviews", "feature_dim": 6}, "inner_size": 16, "n_layers": 1, "n_heads": 1,
    "hidden_size": 16, "topk": [3], "valid_metric": "NDCG@3", "MAX_ITEM_LIST_LENGTH": 5,
}  # fmt: skip


def ranking(folder: Path, table: list[tuple[Any, ...]], model: str = "CURec", **given: Any) -> Any:
    return config_of(folder, write(folder / "data", table), model, **{**RANKING, **given})


def history_of(config: Any) -> TrainHistory:
    return CURecDataset(config).build()[0].praised_history()


def made(config: Any) -> dict[str, Artifact]:
    return run_stages(config, history_of(config))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """The artifacts of one run, which nobody changes."""
    return made(ranking(tmp_path_factory.mktemp("ranking"), rows()))


def vectors_of(artifacts: dict[str, Artifact]) -> FeatureStore:
    return FeatureStore.load(artifacts["encode"].folder)


def test_the_stages_of_both_systems_make_vectors(finished: dict[str, Artifact]) -> None:
    assert list(finished) == STAGES
    store = vectors_of(finished)
    assert store.item.shape == (8, 6)
    assert store.user.shape == (USERS, 6)
    np.testing.assert_allclose(np.linalg.norm(store.item, axis=1), 1, atol=1e-5)
    summary = finished["encode"].manifest()["summary"]
    assert f"from {USERS * (REVIEWS - 2)} reviews" in summary


def test_the_review_stages_are_those_of_the_rating_model(tmp_path: Path) -> None:
    ranks = ranking(tmp_path, rows())
    rates = config_of(tmp_path, write(tmp_path / "data", rows()))
    reviews = RecCoTDataset(rates).build()[0].train_reviews()
    of_ranking, of_rating = planned_artifacts(ranks, history_of(ranks)), planned_review_artifacts(rates, reviews)
    assert {stage: of_ranking[stage].key for stage in STAGES[1:-1]} == {
        stage: one.key for stage, one in of_rating.items()
    }


def test_held_out_reviews_and_ratings_change_no_byte(finished: dict[str, Artifact], tmp_path: Path) -> None:
    assert HELD_OUT not in artifact_text(finished)
    again = made(ranking(tmp_path, rows("wombat")))
    assert {stage: one.key for stage, one in again.items()} == {stage: one.key for stage, one in finished.items()}
    assert artifact_bytes(again) == artifact_bytes(finished)


def test_shuffled_reviews_make_other_items_of_the_same_text(finished: dict[str, Artifact], tmp_path: Path) -> None:
    given = {**RANKING["encode"], "shuffle_reviews": True}
    shuffled = made(ranking(tmp_path, rows(), encode=given, artifact_dir=str(finished["read"].root.parent)))
    assert {stage for stage in STAGES if shuffled[stage].key != finished[stage].key} == {"encode"}
    assert not np.allclose(vectors_of(shuffled).item, vectors_of(finished).item, atol=0.05)
    assert "their vectors given to other reviews" in shuffled["encode"].manifest()["summary"]


@pytest.mark.parametrize(("model", "fusion"), [("CURec", "gate"), ("CURec", "concat"), ("CURecGeneral", "init")])
def test_any_model_ranks_with_them(finished: dict[str, Artifact], tmp_path: Path, model: str, fusion: str) -> None:
    data = write(tmp_path / "data", rows())
    places = {"data_path": str(data.root), "checkpoint_dir": str(tmp_path), "run.log_dir": str(tmp_path / "log")}
    sequential = {key: RANKING[key] for key in RANKING if model == "CURec" or key in ("encode", "topk", "valid_metric")}
    given = {**FAST, **sequential, **places, "artifact_dir": str(finished["read"].root.parent), "fusion": fusion}
    given = {key: value for key, value in given.items() if key != "reccot"}
    result = run(model, data.name, (), given)
    assert [found.test["recall@3"] >= 0 for found in result.models] == [True, True, True]
    # CURecGeneral splits at random by default, so it reads other reviews
    assert (result.artifacts["embed"].name == finished["embed"].folder.name) == (model == "CURec")
    assert result.reasons == []


def test_an_interaction_with_two_ratings_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = rows()
    twice = [*table, (*table[0][:2], 5, 10_000, "Again", "I came back for it.")]
    config = ranking(tmp_path, twice)
    with caplog.at_level(logging.WARNING):
        source = reviews_of_history(config, history_of(config))
    assert (table[0][0], table[0][1]) not in set(zip(source.users.tolist(), source.items.tolist(), strict=True))
    assert "have no rating, or several" in caplog.text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"claims.judge": "openai", "claims.judge_model": "m", "openai.base_url": "http://localhost:1/v1"},
         "reason_source: reviews writes no reasons"),
        ({"encode": {"reason_source": "reviews", "text_encoder": "llm"}}, "reason_source: reviews writes no reasons"),
        ({"RATING_FIELD": "stars"}, "has no 'stars' column"),
        ({"RATING_FIELD": "user_id"}, "ratings are numbers, and 'user_id' is of type 'token'"),
        ({"review_field": "words"}, "review_field='words' is no text column"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_the_start(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigurationError, DataError), match=message):
        ranking(tmp_path, rows(), **given)
