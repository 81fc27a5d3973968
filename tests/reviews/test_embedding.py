"""Cross-fitted vectors: what they hold, what they cannot have seen, and that folds share their axes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from recbole_curec.reviews import embedding
from recbole_curec.reviews.embedding import embed_reviews
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.settings.embed import EmbedSettings
from tests.reviews.written_reviews import QUICK, chains_of, written_reviews

CPU = torch.device("cpu")


def embedded(
    table: ReviewTable,
    scratch: Path,
    settings: EmbedSettings = QUICK,
    *,
    chains: list[str] | None = None,
    seed: int = 7,
) -> tuple[ReviewVectors, dict[str, Any]]:
    scratch.mkdir(exist_ok=True)
    told = chains_of(table) if chains is None else chains
    return embed_reviews(table, told, settings, seed=seed, device=CPU, scratch=scratch, show_progress=False)


@pytest.fixture(scope="module")
def table() -> ReviewTable:
    return written_reviews()


@pytest.fixture(scope="module")
def made(table: ReviewTable, tmp_path_factory: pytest.TempPathFactory) -> tuple[ReviewVectors, dict[str, Any]]:
    return embedded(table, tmp_path_factory.mktemp("scratch"))


def test_a_held_out_rating_is_read_from_the_words(
    table: ReviewTable, made: tuple[ReviewVectors, dict[str, Any]]
) -> None:
    vectors, figures = made
    rating = figures["rating"]
    assert rating["rmse_of_mean"] == pytest.approx(table.ratings.std())
    assert rating["rmse"] < 0.5 * rating["rmse_of_mean"]
    assert rating["macro_mae"] < 0.5 * rating["macro_mae_of_mean"]
    assert rating["rmse"] == pytest.approx(np.sqrt(np.mean((vectors.predicted - table.ratings) ** 2)))
    assert vectors.predicted.min() >= 1
    assert vectors.predicted.max() <= 5
    assert figures["held_out"] is True
    assert figures["without_text"] == 0


def test_vectors_tell_the_rating_and_the_item(table: ReviewTable, made: tuple[ReviewVectors, dict[str, Any]]) -> None:
    vectors, figures = made
    assert vectors.vectors.shape == (400, QUICK.rated_size + QUICK.word_dim)
    # of the ids, of the aspects, of the words
    for part in (slice(1, QUICK.dim), slice(QUICK.dim, QUICK.rated_size), slice(QUICK.rated_size, None)):
        np.testing.assert_allclose(np.linalg.norm(vectors.vectors[:, part], axis=1), 1, atol=1e-5)
    assert np.corrcoef(vectors.vectors[:, 0], table.ratings)[0, 1] > 0.9
    item = figures["retrieval"]["item"]
    assert item["candidates"] == 20
    assert item["mrr"] > 2 * item["chance_mrr"]


def test_the_encoders_of_two_folds_share_their_axes(tmp_path: Path) -> None:
    agreement = embedded(written_reviews(120), tmp_path / "scratch")[1]["agreement"]
    assert agreement["same_text"] > 0.7
    assert abs(agreement["different_texts"]) < 0.1


def test_without_common_axes_vectors_of_the_same_text_are_unrelated(
    table: ReviewTable, made: tuple[ReviewVectors, dict[str, Any]], tmp_path: Path
) -> None:
    other, _ = embedded(table, tmp_path / "scratch", seed=8)  # other codes of the ids
    assert abs(np.mean(np.sum(other.vectors[:, 1:] * made[0].vectors[:, 1:], axis=1))) < 0.2
    assert made[1]["agreement"]["same_text"] > 0.4


def test_reviews_are_alike_in_what_their_chains_name(
    table: ReviewTable, made: tuple[ReviewVectors, dict[str, Any]]
) -> None:
    vectors, figures = made
    aspects = vectors.vectors[:, QUICK.dim : QUICK.rated_size]
    alike = aspects @ aspects.T
    same = table.ratings[:, None] == table.ratings[None, :]  # the ratings decide what the chains name
    np.testing.assert_allclose(alike[same], 1, atol=1e-5)
    assert np.abs(alike[~same]).max() < 0.5
    assert figures["without_aspect"] == 0


def test_without_chains_there_are_no_aspects(table: ReviewTable, tmp_path: Path) -> None:
    quick = QUICK.model_copy(update={"epochs": 1, "text": "review"})
    vectors, figures = embedded(table, tmp_path / "scratch", quick)
    assert vectors.dim == QUICK.dim + QUICK.word_dim
    assert figures["without_aspect"] is None


def test_the_same_seed_gives_the_same_bytes(
    table: ReviewTable, made: tuple[ReviewVectors, dict[str, Any]], tmp_path: Path
) -> None:
    again, figures = embedded(table, tmp_path / "again")
    assert again.vectors.tobytes() == made[0].vectors.tobytes()
    assert again.predicted.tobytes() == made[0].predicted.tobytes()
    assert figures == made[1]


def test_ratings_of_a_fold_move_no_vector_of_that_fold(
    table: ReviewTable, made: tuple[ReviewVectors, dict[str, Any]], tmp_path: Path
) -> None:
    turned = np.where(table.folds == 0, 6 - table.ratings, table.ratings)
    other, _ = embedded(replace(table, ratings=turned), tmp_path / "turned", chains=chains_of(table))
    own = table.folds == 0
    assert other.vectors[own].tobytes() == made[0].vectors[own].tobytes()
    assert other.predicted[own].tobytes() == made[0].predicted[own].tobytes()
    assert not np.allclose(other.vectors[~own], made[0].vectors[~own])


def test_a_fold_is_unknown_to_its_tokenizer_and_encoder(table: ReviewTable) -> None:
    texts = table.texts.copy()
    texts[table.folds == 0] += " zebraquark"
    planted = replace(table, texts=texts)
    folds = embedding._Folds(
        planted,
        embedding.ReviewTexts.of(chains_of(table), planted.texts.tolist(), QUICK.text),
        QUICK.model_copy(update={"epochs": 1, "vocab_size": 2000}),
        seed=7,
        device=CPU,
        show_progress=False,
    )
    known, unknown = ("".join(folds.train(fold).tokenizer.get_vocab()) for fold in (1, 0))
    assert "zebraquark" in known
    assert "zebraquark" not in unknown


def test_a_finished_fold_is_not_made_again(
    table: ReviewTable,
    made: tuple[ReviewVectors, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained: list[int] = []
    train = embedding._Folds.train

    def killed(folds: Any, fold: int) -> Any:
        trained.append(fold)
        if fold == 1 and trained.count(1) == 1:
            raise KeyboardInterrupt
        return train(folds, fold)

    monkeypatch.setattr(embedding._Folds, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        embedded(table, tmp_path / "scratch")
    resumed, figures = embedded(table, tmp_path / "scratch")
    assert trained == [0, 1, 1]
    assert resumed.vectors.tobytes() == made[0].vectors.tobytes()
    assert figures == made[1]


def test_without_cross_fitting_it_says_so(table: ReviewTable, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    quick = QUICK.model_copy(update={"epochs": 1})
    _, figures = embedded(replace(table, folds=np.zeros_like(table.folds)), tmp_path / "one", quick)
    assert figures["held_out"] is False
    assert figures["agreement"] == {}
    assert "trained on the reviews that it embeds" in caplog.text


@pytest.mark.parametrize(("text", "empty"), [("review", 1), ("chain", 0), ("chain+review", 0)])
def test_what_is_read_is_set_and_empty_texts_are_counted(
    table: ReviewTable, tmp_path: Path, text: str, empty: int
) -> None:
    texts = table.texts.copy()
    texts[3] = ""
    quick = QUICK.model_copy(update={"epochs": 1, "text": text})
    made, figures = embedded(replace(table, texts=texts), tmp_path / "scratch", quick)
    assert figures["without_text"] == empty
    assert np.isfinite(made.vectors).all()
