"""RecCoT's stage ``embed``: a vector of every training review and its chain, by encoders that did not train on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch

from recbole_curec.errors import DataError
from recbole_curec.llm.dtypes import suited_dtype
from recbole_curec.pipeline.fingerprint import folder_fingerprint
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reviews.embedding import embed_reviews
from recbole_curec.reviews.encoder.pretrained import encoder_folder
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.settings.embed import TINY_ENCODER, EmbedSettings
from recbole_curec.settings.settings import Settings

CHAINS = "chains.parquet"


def run(job: Job) -> StageResult:
    """Train an encoder per fold, embed, measure and save.

    Raises:
        DataError: The chains are not those of the reviews.
    """
    settings, workspace = job.settings.of(EmbedSettings), job.workspace
    table = ReviewTable.load(job.inputs["read"])
    chains = pd.read_parquet(job.inputs["write"] / CHAINS, columns=["user", "item", "chain"])
    if chains["user"].tolist() != table.users.tolist() or chains["item"].tolist() != table.items.tolist():
        raise DataError(
            f"{len(chains):,} chains in {CHAINS} are not in the order of the {len(table):,} reviews they are about: "
            "make the stage write again."
        )
    made, figures = embed_reviews(
        table,
        chains["chain"].tolist(),
        settings,
        seed=workspace.seed,
        device=workspace.device,
        scratch=workspace.scratch,
        show_progress=workspace.show_progress,
    )
    made.save(workspace.folder)
    return StageResult(_summary(made.vectors.shape, settings, figures), figures)


def _summary(shape: tuple[int, ...], settings: EmbedSettings, figures: Mapping[str, Any]) -> str:
    rating, item, agreement = figures["rating"], figures["retrieval"]["item"], figures["agreement"]
    parts = [
        f"{shape[0]:,} vectors of {shape[1]} dimensions ({settings.encoder}, {settings.text})",
        f"{'held-out' if figures['held_out'] else 'NOT held-out'} RMSE {rating['rmse']:.3f} "
        f"(mean rating {rating['rmse_of_mean']:.3f})",
    ]
    if item["reviews"]:
        parts.append(f"own item in the first 10 of {item['candidates']}: {item['hit@10']:.2f}")
    if agreement:
        parts.append(
            f"cosine between folds {agreement['same_text']:.2f} for the same text, "
            f"{agreement['different_texts']:.2f} for different ones"
        )
    return ", ".join(parts)


def encoder_contents(settings: Settings, device: torch.device) -> Mapping[str, Any]:
    """What the vectors depend on beyond settings: contents of a pretrained encoder, and the dtype in use.

    Raises:
        ConfigurationError: There is no such encoder.
    """
    name = settings.of(EmbedSettings).encoder
    pretrained = name != TINY_ENCODER
    contents = {"contents": folder_fingerprint(encoder_folder(name))} if pretrained else {"encoder": name}
    return {**contents, "dtype": str(suited_dtype(device, pretrained=pretrained)).removeprefix("torch.")}


EMBED = Stage(
    name="embed",
    run=run,
    settings=(EmbedSettings,),
    inputs=("read", "write"),
    resolved=encoder_contents,
    revision=2,
)
