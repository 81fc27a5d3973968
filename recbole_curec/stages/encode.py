"""Stage 6, ``encode``: turn reasons and item text into whitened semantic vectors of items and users."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.features.canonical_directions import canonical_directions
from recbole_curec.features.descriptions import (
    WRITTEN_BY,
    Descriptions,
    described,
    what_falls,
    worth_of_descriptions,
)
from recbole_curec.features.nearest_items import NextItems, recall_of_nearest
from recbole_curec.features.pooling import WIDTH_FACTOR, mean_by, user_vectors, whitened_width
from recbole_curec.features.reason_texts import ReasonTexts, reason_texts
from recbole_curec.features.store import FeatureStore
from recbole_curec.features.whitening import Whitening
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.choices import ENCODER
from recbole_curec.settings.sections import DescribeSettings, EncodeSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.text.encoder import EncoderRequest, TextEncoder

logger = logging.getLogger(__name__)


def run(job: Job) -> StageResult:
    """Encode, pool, whiten, choose directions and save."""
    settings = job.settings.of(EncodeSettings)
    collected = Collected.load(job.inputs["collect"])
    chosen = _reason_texts(job, settings, collected.catalog)
    records = chosen.records
    item_text = [item_sentence(collected.catalog, item) for item in range(1, collected.catalog.n_items)]
    proxy = None
    if job.settings.of(DescribeSettings).enabled:
        told = Descriptions.load(job.inputs["describe"]).texts
        proxy = _proxy(job, settings, collected, item_text, told)
        item_text = described(item_text, told)
    encoder = _encoder(job, settings, [*item_text, *chosen.texts], job.workspace.folder)
    texts = encoder.encode(item_text)
    reasons = encoder.encode(chosen.texts) if records else np.zeros((0, texts.shape[1]), dtype=np.float32)

    catalog, history = collected.catalog, collected.history
    item_rows = np.array([catalog.index[record.item] - 1 for record in records], dtype=np.int64)
    pooled = texts + mean_by(item_rows, reasons, len(texts))
    trained = np.unique(history.items) - 1
    whitening = Whitening.fit(pooled[trained], whitened_width(settings.feature_dim, len(trained)))
    directions = canonical_directions(whitening.apply(pooled), history)[:, : settings.feature_dim]
    whitening = whitening.rotated(directions)
    items = whitening.apply(pooled)
    store = FeatureStore(
        item_tokens=catalog.tokens[1:],
        item=items,
        user_tokens=history.user_tokens[1:].tolist(),
        user=user_vectors(history, records, whitening.apply(reasons), items),
    )
    store.save(job.workspace.folder)
    return _result(store, chosen, len(np.unique(item_rows)), settings, proxy)


def _reason_texts(job: Job, settings: EncodeSettings, catalog: Catalog) -> ReasonTexts:
    """The texts selected by ``encode.reason_source``; with ``none`` the reason store is not read."""
    if settings.reason_source == "none":
        return ReasonTexts([], [])
    teacher = EvidenceTeacher(ClaimChecker(catalog), job.workspace.seed)
    return reason_texts(settings.reason_source, read_records(job.inputs["correct"] / STORE), teacher)


def _proxy(
    job: Job, settings: EncodeSettings, collected: Collected, texts: Sequence[str], told: Sequence[str]
) -> dict[str, float]:
    """What the descriptions are worth by the proxy, over training interactions; a warning where it falls."""
    wanted = NextItems.of_training(collected.history, job.workspace.seed)

    def recall(variant: Sequence[str]) -> float:
        folder = job.workspace.scratch / "proxy"
        folder.mkdir(exist_ok=True)
        return recall_of_nearest(_encoder(job, settings, variant, folder).encode(variant), wanted)

    found = worth_of_descriptions(texts, told, job.workspace.seed, recall)
    fault = what_falls(found) if len(wanted.targets) else None
    if fault is not None:
        logger.warning("The proxy falls: %s.", fault)
    return found


def _encoder(job: Job, settings: EncodeSettings, texts: Sequence[str], folder: Path) -> TextEncoder:
    entry = job.settings.entry(ENCODER)
    encoder: TextEncoder = entry.prepare(
        EncoderRequest(
            name=settings.text_encoder,
            texts=texts,
            dim=WIDTH_FACTOR * settings.feature_dim,
            seed=job.workspace.seed,
            device=job.workspace.device,
            folder=folder,
            language_model=job.inputs["reinforce"] if entry.reads_language_model else None,
            settings=job.settings,
        )
    )
    return encoder


def item_sentence(catalog: Catalog, item: int) -> str:
    """Text of an item, its name in quotation marks as in reasons."""
    return f'"{catalog.names[item]}" {catalog.texts[item]}'


def _result(
    store: FeatureStore,
    chosen: ReasonTexts,
    explained: int,
    settings: EncodeSettings,
    proxy: Mapping[str, float] | None,
) -> StageResult:
    items, dim = store.item.shape
    from_text = items - explained
    figures = {
        "items": items,
        "items_from_text_alone": from_text,
        "users": len(store.user),
        "dim": dim,
        "reason_source": settings.reason_source,
        "broken_drafts": chosen.broken,
        "empty_drafts": chosen.empty,
        **({} if proxy is None else {"descriptions_written_by": WRITTEN_BY, "descriptions_proxy": dict(proxy)}),
    }
    source = chosen.describe(settings.reason_source)
    told = ", item text with model-written descriptions" if proxy is not None else ""
    summary = (
        f"{items:,} item vectors ({from_text:,} from text alone) and {len(store.user):,} user vectors of {dim} "
        f"dimensions, from {len(chosen.records):,} reasons "
        f"({settings.text_encoder}{', ' if source else ''}{source}{told})"
    )
    return StageResult(summary, figures)


def _inputs(settings: Settings) -> tuple[str, ...]:
    """Upstream stages: the language model and the reasons are read only where the settings use them."""
    (encoder,) = ENCODER.entries(settings)
    reads = ["collect"]
    if encoder.reads_language_model:
        reads.append("reinforce")
    if settings.encode.reason_source != "none":
        reads.append("correct")
    if settings.describe.enabled:
        reads.append("describe")
    return tuple(reads)


def _contents(settings: Settings, device: torch.device) -> Mapping[str, Any]:
    """What identifies the contents of the text encoder's model, if it has one."""
    (encoder,) = ENCODER.entries(settings)
    found: Mapping[str, Any] = encoder.contents(settings)
    return found


ENCODE = Stage(
    name="encode",
    run=run,
    settings=(EncodeSettings, DescribeSettings),
    choices=(ENCODER,),
    inputs=_inputs,
    resolved=_contents,
)
