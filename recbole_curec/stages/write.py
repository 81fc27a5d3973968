"""RecCoT's stage ``write``: a chain and a rating for every training review, by a model that was not trained on it."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.pipeline.artifacts import fold_folder
from recbole_curec.pipeline.seals import is_kept, write_sealed
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reviews.chains import parse_chain
from recbole_curec.reviews.prompts import ChainPrompts
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.sections import GenerateSettings, LanguageModelSettings
from recbole_curec.stages.embed import CHAINS

# Chains between two files that a stopped run goes on from.
_PART = 1024


def run(job: Job) -> StageResult:
    """Write the chains fold by fold and save them in the order of the reviews."""
    table = ReviewTable.load(job.inputs["read"])
    completions = np.empty(len(table), dtype=object)
    with tqdm(total=len(table), desc="write", unit="chain", disable=not job.workspace.show_progress) as bar:
        for fold in range(table.n_folds):
            rows = table.rows(fold)
            completions[rows] = _write_fold(job, table, fold, rows, bar)
    chains = _parsed(table, completions)
    chains.to_parquet(job.workspace.folder / CHAINS, index=False)
    return _result(table, chains)


def _write_fold(job: Job, table: ReviewTable, fold: int, rows: NDArray[np.int64], bar: Any) -> list[str]:
    """Completions of a fold's reviews, in parts that are kept until the stage is done."""
    scratch = fold_folder(job.workspace.scratch, fold)
    scratch.mkdir(exist_ok=True)
    prompts = ChainPrompts.of(job.settings, table.taught_scale(fold))
    parts = np.split(rows, range(_PART, len(rows), _PART))
    engine: Engine | None = None
    written: list[str] = []
    for number, part in enumerate(parts):
        path = scratch / f"chains-{number:06d}.parquet"
        if not is_kept(path):
            engine = engine or _engine(job, fold, scratch)
            completions = engine.write(
                [prompts.about(text) for text in table.texts[part]],
                temperature=job.settings.of(GenerateSettings).temperature,
                seed=f"{job.workspace.seed}/write/{fold}/{number}",
            )
            frame = pd.DataFrame({"completion": completions})
            write_sealed(path, partial(frame.to_parquet, index=False))
        written += pd.read_parquet(path)["completion"].tolist()
        bar.update(len(part))
    return written


def _engine(job: Job, fold: int, scratch: Path) -> Engine:
    request = EngineRequest(
        weights=fold_folder(job.inputs["reinforce"], fold),
        model=f"reinforce-{fold}",
        scratch=scratch,
        seed=job.workspace.seed,
        device=job.workspace.device,
        settings=job.settings,
    )
    opened: Engine = job.settings.entry(ENGINE).open(request)
    return opened


def _parsed(table: ReviewTable, completions: NDArray[np.object_]) -> pd.DataFrame:
    """The chain store: what was written, and what could be read of it."""
    scales = [table.taught_scale(fold) for fold in range(table.n_folds)]
    parsed = [parse_chain(text, scales[fold]) for text, fold in zip(completions, table.folds, strict=True)]
    ratings = [one.chain.rating for one in parsed]
    return pd.DataFrame(
        {
            "user": table.users.astype(object),
            "item": table.items.astype(object),
            "fold": table.folds,
            "completion": completions,
            "chain": [one.think for one in parsed],
            "predicted": [math.nan if rating is None else rating for rating in ratings],
            "error": [one.error or "" for one in parsed],
        }
    )


def _result(table: ReviewTable, chains: pd.DataFrame) -> StageResult:
    errors = np.abs(chains["predicted"].to_numpy() - table.ratings)
    read = ~np.isnan(errors)
    figures = {
        "chains": len(chains),
        "broken": int((chains["error"] != "").sum()),
        "unread_ratings": int((~read).sum()),
        "exact": float((errors < table.scale.step / 2).mean()),
        "mae": float(errors[read].mean()) if read.any() else None,
        "distinct": int(chains["chain"].nunique()),
    }
    off = "" if figures["mae"] is None else f", on average {figures['mae']:.2f} off"
    summary = (
        f"{len(chains):,} chains ({figures['broken']:,} broken in format, {figures['distinct']:,} distinct); the "
        f"rating is right in {figures['exact']:.1%}{off}"
    )
    return StageResult(summary, figures)


WRITE = Stage(
    name="write",
    run=run,
    settings=(ChainSettings, GenerateSettings, LanguageModelSettings),
    choices=(ENGINE,),
    inputs=("read", "reinforce"),
)
