"""RecCoT's stages end to end on a small dataset: what they may read, what is stored, what is reused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recbole_curec.errors import DataError
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines.reccot import STAGES
from recbole_curec.plugin.experiment import run
from recbole_curec.plugin.rating_dataset import RecCoTDataset
from recbole_curec.plugin.review_features import planned_review_artifacts, run_review_stages
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.training import sft
from tests.pipeline_runs import artifact_bytes, artifact_text
from tests.review_runs import FAST, HELD_OUT, REVIEWS, USERS, config_of, rows, write

CANARY = "quokkaquokka"


def reviews_of(config: Any) -> Any:
    return RecCoTDataset(config).build()[0].train_reviews()


def made(folder: Path, table: list[tuple[Any, ...]], **given: Any) -> dict[str, Artifact]:
    config = config_of(folder, write(folder / "data", table), **given)
    return run_review_stages(config, reviews_of(config))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """The artifacts of one run, which nobody changes."""
    return made(tmp_path_factory.mktemp("reccot"), rows())


def test_every_training_review_has_a_chain_and_a_vector(finished: dict[str, Artifact]) -> None:
    assert list(finished) == [stage.name for stage in STAGES] == ["read", "align", "reinforce", "write", "embed"]
    table = ReviewTable.load(finished["read"].folder)
    assert len(table) == USERS * (REVIEWS - 2)
    assert np.bincount(table.folds).tolist() == [len(table) // 2] * 2
    assert table.texts[0].startswith("Told 0. It has ")
    chains = pd.read_parquet(finished["write"].folder / "chains.parquet")
    vectors = ReviewVectors.load(finished["embed"].folder)
    for column, own in (("user", table.users), ("item", table.items)):
        assert chains[column].tolist() == own.tolist()
    assert vectors.users.tolist() == table.users.tolist()
    sizes = FAST["embed"]
    assert vectors.vectors.shape == (len(table), sizes["dim"] + sizes["aspect_dim"] + sizes["word_dim"])
    assert np.isfinite(vectors.vectors).all()
    figures = finished["reinforce"].manifest()["figures"]
    assert {"total", "accuracy", "format", "analysis", "exact"} <= set(figures["before"])
    assert set(figures["gaming"]) >= {"padding", "repeating", "copied_prompt"}


def test_no_word_of_a_held_out_review_is_in_any_artifact(finished: dict[str, Artifact]) -> None:
    text = artifact_text(finished)
    assert "cable broke" in text
    assert HELD_OUT not in text


def test_held_out_rows_change_no_byte_whatever_they_say_and_wherever_they_stand(
    finished: dict[str, Artifact], tmp_path: Path
) -> None:
    changed = rows("wombat")
    held_out = [k for k, row in enumerate(changed) if "wombat" in row[-1]]
    for place, row in zip(held_out, [changed[k] for k in reversed(held_out)], strict=True):
        changed[place] = row
    again = made(tmp_path, changed)
    assert {stage: one.key for stage, one in again.items()} == {stage: one.key for stage, one in finished.items()}
    assert artifact_bytes(again) == artifact_bytes(finished)


def test_a_word_of_one_fold_is_unknown_to_the_models_that_write_and_embed_it(
    finished: dict[str, Artifact], tmp_path: Path
) -> None:
    table = ReviewTable.load(finished["read"].folder)
    fold = int(table.folds[0])
    planted = [
        (*row[:-1], f"{row[-1]} {f'{CANARY} ' * 12}") if row[:2] == (table.users[0], table.items[0]) else row
        for row in rows()
    ]
    artifacts = made(tmp_path, planted)
    own, other = (artifacts["align"].folder / f"fold-{k}" / "tokenizer.json" for k in (fold, 1 - fold))
    pieces = [set(json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]) for path in (own, other)]
    assert not any("okka" in piece for piece in pieces[0])
    assert any("okka" in piece for piece in pieces[1]), "the other fold's model learnt from it"
    chains = pd.read_parquet(artifacts["write"].folder / "chains.parquet")
    assert CANARY not in chains["completion"][0]


def test_a_fold_that_was_finished_is_kept_when_a_run_is_stopped(
    finished: dict[str, Artifact], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saved = sft.save_trained, []

    def save_once(trainer: Any, tokenizer: Any, folder: Path, base: Any) -> Any:
        if saved:
            raise KeyboardInterrupt
        saved.append(folder)
        return save(trainer, tokenizer, folder, base)

    monkeypatch.setattr(sft, "save_trained", save_once)
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, rows())
    (kept,) = saved
    stamp = (kept / "model.safetensors").stat().st_mtime_ns
    monkeypatch.setattr(sft, "save_trained", save)
    again = made(tmp_path, rows())
    assert (again["align"].folder / kept.name / "model.safetensors").stat().st_mtime_ns == stamp
    assert artifact_bytes(again) == artifact_bytes(finished)


def test_one_fold_trains_on_what_it_writes_about(tmp_path: Path) -> None:
    config = config_of(
        tmp_path, write(tmp_path / "data", rows()), **{"read.folds": 1, "reinforce": {**FAST["reinforce"], "steps": 0}}
    )
    artifacts = run_review_stages(config, reviews_of(config))
    figures = artifacts["align"].manifest()["figures"]["folds"]
    assert [report["examples"] for report in figures] == [16]
    assert ReviewTable.load(artifacts["read"].folder).taught(0).tolist() == list(range(USERS * (REVIEWS - 2)))
    report = artifacts["reinforce"].manifest()["figures"]
    assert report["before"] == report["after"]


def test_a_run_predicts_ratings_from_what_was_written(finished: dict[str, Artifact], tmp_path: Path) -> None:
    data = write(tmp_path / "data", rows())
    root = finished["read"].root.parent
    given = {**FAST, "data_path": str(data.root), "checkpoint_dir": str(tmp_path), "artifact_dir": str(root)}
    result = run("RecCoT", data.name, (), {**given, "run.log_dir": str(tmp_path / "log")})
    assert [model.name for model in result.models] == ["RecCoT (reviews)", "RecCoT (ids)"]
    assert all(0 < model.test["rmse"] < 4 for model in result.models)
    assert {stage: path.name for stage, path in result.artifacts.items()} == {
        stage: one.folder.name for stage, one in finished.items()
    }


def test_what_cannot_be_read_is_said_before_anything_is_made(tmp_path: Path) -> None:
    config = config_of(tmp_path, write(tmp_path / "data", rows()), **{"read.folds": 20})
    reviews = reviews_of(config)
    assert len(planned_review_artifacts(config, reviews)) == len(STAGES)
    few = write(tmp_path / "few", rows()[: REVIEWS * 2])
    config = config_of(tmp_path / "few", few, **{"read.folds": 9})
    with pytest.raises(DataError, match=r"read\.folds: 9 is more than the 8 training reviews"):
        run_review_stages(config, reviews_of(config))
