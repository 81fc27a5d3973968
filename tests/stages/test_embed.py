"""The stage ``embed``: what it reads, what it leaves behind, and what its fingerprint covers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.pipeline.stage import Job, StageInputs, StageResult, StageSettings, Workspace
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.settings.embed import EmbedSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.embed import CHAINS, EMBED
from tests.reviews.encoder.test_pretrained import saved_bert
from tests.reviews.written_reviews import QUICK, chains_of, written_reviews

CPU = torch.device("cpu")
SHORT = QUICK.model_copy(update={"epochs": 1})


def with_embed(settings: EmbedSettings) -> Settings:
    return Settings(embed=settings)


def run_stage(table: ReviewTable, chains: pd.DataFrame, folder: Path, settings: EmbedSettings = SHORT) -> StageResult:
    folders = {name: folder / name for name in ("read", "write", "embed", "scratch")}
    for made in folders.values():
        made.mkdir(parents=True)
    table.save(folders["read"])
    chains.to_parquet(folders["write"] / CHAINS, index=False)
    job = Job(
        workspace=Workspace(folders["embed"], folders["scratch"], seed=3, device=CPU, show_progress=False),
        settings=StageSettings(with_embed(settings), EMBED),
        inputs=StageInputs({name: folders[name] for name in ("read", "write")}, "embed"),
    )
    return EMBED.run(job)


@pytest.fixture(scope="module")
def table() -> ReviewTable:
    return written_reviews(12)


def chain_table(table: ReviewTable) -> pd.DataFrame:
    told = {"user": table.users.astype(object), "item": table.items.astype(object), "chain": chains_of(table)}
    return pd.DataFrame(told)


def test_vectors_are_saved_in_the_order_of_the_reviews(table: ReviewTable, tmp_path: Path) -> None:
    result = run_stage(table, chain_table(table), tmp_path)
    made = ReviewVectors.load(tmp_path / "embed")
    assert made.users.tolist() == table.users.tolist()
    size = QUICK.rated_size + QUICK.word_dim
    assert made.vectors.shape == (120, size)
    assert made.lookup(table.users, table.items).tolist() == list(range(120))
    assert result.summary.startswith(f"120 vectors of {size} dimensions (tiny, chain+review), held-out RMSE ")
    rmse = np.sqrt(np.mean((made.predicted - table.ratings) ** 2))
    assert result.figures["rating"]["rmse"] == pytest.approx(rmse)


def test_chains_of_other_reviews_are_refused(table: ReviewTable, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"119 chains in chains\.parquet are not in the order of the 120 reviews"):
        run_stage(table, chain_table(table).iloc[1:], tmp_path)


def test_the_fingerprint_knows_a_folder_by_its_contents(tmp_path: Path) -> None:
    first, second = saved_bert(tmp_path / "a"), saved_bert(tmp_path / "b")

    def parts(**changed: object) -> object:
        return EMBED.fingerprint_parts(with_embed(QUICK.model_copy(update=changed)), CPU)

    assert parts(encoder=str(first)) == parts(encoder=str(second))
    assert parts(encoder=str(first)) != parts()
    assert parts(temperature=0.2) != parts()
    (second / "config.json").write_text((second / "config.json").read_text() + "\n")
    assert parts(encoder=str(first)) != parts(encoder=str(second))
    with pytest.raises(ConfigurationError, match=r"embed\.encoder='nowhere' is no folder"):
        parts(encoder="nowhere")
