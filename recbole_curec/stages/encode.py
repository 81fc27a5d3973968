"""The stage ``encode``: item text, and reasons, reviews or statements, become whitened vectors of items and users."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.history import TrainHistory
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
from recbole_curec.features.review_blocks import ReviewBlocks
from recbole_curec.features.statement_blocks import StatementBlock, of_other_items
from recbole_curec.features.store import FeatureStore
from recbole_curec.features.whitening import Whitening, mean_of
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.settings.choices import ENCODER
from recbole_curec.settings.sections import DescribeSettings, EncodeSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.statements import CHOSEN
from recbole_curec.text.encoder import EncoderRequest, TextEncoder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Told:
    """What is encoded beside item text: reasons, or reviews, and statements.

    Attributes:
        users: Original id of the user that each of them is about.
        item_rows: Row of the item of each, shape ``(n,)``.
        vectors: Vector of each in the space of ``items``, shape ``(n, T)``.
        items: Vector of every item's text together with what is told of the item, shape ``(items, T)``.
        texts: The part of ``items`` that is the item's text, shape ``(items, T)``.
        vector_texts: The part of ``vectors`` that is item text, shape ``(n, T)``; None where there is none.
        kind: What they are called.
        note: Part of the stage's summary; empty for the default.
        figures: Further figures of the stage.
    """

    users: list[str]
    item_rows: NDArray[np.int64]
    vectors: NDArray[np.float32]
    items: NDArray[np.float32]
    texts: NDArray[np.float32]
    vector_texts: NDArray[np.float32] | None
    kind: str
    note: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)

    def without_vectors(self) -> _Told:
        """What is said of it when its vectors are whitened: those of a million items would take gigabytes longer."""
        none = np.zeros((0, 0), dtype=np.float32)
        return replace(self, vectors=none, items=none, texts=none, vector_texts=None)


def run(job: Job) -> StageResult:
    """Encode, pool, whiten, choose directions and save."""
    settings = job.settings.of(EncodeSettings)
    collected = Collected.load(job.inputs["collect"])
    sentences = [item_sentence(collected.catalog, item) for item in range(1, collected.catalog.n_items)]
    proxy = None
    if job.settings.of(DescribeSettings).enabled:
        descriptions = Descriptions.load(job.inputs["describe"]).texts
        proxy = _proxy(job, settings, collected, sentences, descriptions)
        sentences = described(sentences, descriptions)
    told = (_reviews if settings.reads_reviews else _reasons)(job, settings, collected.catalog, sentences)
    if settings.statements:
        told = _with_statements(job, settings, collected.catalog, sentences, told)

    history = collected.history
    items, item_text, vectors, vector_text = _whitened(told, history, settings.feature_dim)
    told = told.without_vectors()
    users, user_text = user_vectors(history, told.users, vectors, vector_text, items, item_text)
    store = FeatureStore(
        item_tokens=collected.catalog.tokens[1:],
        item=items,
        user_tokens=history.user_tokens[1:].tolist(),
        user=users,
        item_text=item_text,
        user_text=user_text,
    )
    store.save(job.workspace.folder)
    return _result(store, told, settings, proxy)


def _whitened(
    told: _Told, history: TrainHistory, dim: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of items and of what is told, each with its part that comes from item text, in the chosen directions."""
    trained = np.unique(history.items) - 1
    whitening = Whitening.fit(told.items, whitened_width(dim, len(trained)), trained)
    whitening = whitening.rotated(canonical_directions(whitening.apply(told.items), history)[:, :dim])
    mean = mean_of(told.texts, trained)
    vectors = whitening.apply(told.vectors)
    vector_text = np.zeros_like(vectors)
    if told.vector_texts is not None:
        vector_text = whitening.part(told.vectors, told.vector_texts, mean)
    return whitening.apply(told.items), whitening.part(told.items, told.texts, mean), vectors, vector_text


def _reasons(job: Job, settings: EncodeSettings, catalog: Catalog, item_text: Sequence[str]) -> _Told:
    """Reasons, in the same space as item text: an item is its text plus the mean of its reasons."""
    chosen = _reason_texts(job, settings, catalog)
    encoder = _encoder(job, settings, [*item_text, *chosen.texts], job.workspace.folder)
    texts = encoder.encode(item_text)
    reasons = encoder.encode(chosen.texts) if chosen.texts else np.zeros((0, texts.shape[1]), dtype=np.float32)
    rows = np.array([catalog.index[record.item] - 1 for record in chosen.records], dtype=np.int64)
    items = mean_by(rows, reasons, len(texts))
    items += texts
    return _Told(
        users=[record.user for record in chosen.records],
        item_rows=rows,
        vectors=reasons,
        items=items,
        texts=texts,
        vector_texts=None,
        kind="reasons",
        note=chosen.describe(settings.reason_source),
        figures={"broken_drafts": chosen.broken, "empty_drafts": chosen.empty},
    )


def _reviews(job: Job, settings: EncodeSettings, catalog: Catalog, item_text: Sequence[str]) -> _Told:
    """Review vectors, beside item text: an item is its text and the mean of its training reviews."""
    found = ReviewVectors.load(job.inputs["embed"])
    rows = np.array([catalog.index[item] - 1 for item in found.items.tolist()], dtype=np.int64)
    texts = _encoder(job, settings, item_text, job.workspace.folder).encode(item_text)
    shuffle = np.random.default_rng([job.workspace.seed, 6]) if settings.shuffle_reviews else None
    blocks = ReviewBlocks.of(texts, found, rows, shuffle)
    note = "their vectors given to other reviews" if settings.shuffle_reviews else ""
    return _Told(
        blocks.users, blocks.item_rows, blocks.reviews, blocks.items, blocks.texts, blocks.review_texts, "reviews", note
    )


def _with_statements(
    job: Job, settings: EncodeSettings, catalog: Catalog, item_text: Sequence[str], told: _Told
) -> _Told:
    """Statements chosen for training interactions, in a block of their own beside what is told already."""
    chosen = pd.read_parquet(job.inputs["statements"] / CHOSEN)
    rows = np.array([catalog.index[item] - 1 for item in chosen["item"]], dtype=np.int64)
    texts, places = np.unique(chosen["text"].to_numpy(dtype=object), return_inverse=True)
    folder = job.workspace.folder / "statements"
    folder.mkdir(exist_ok=True)
    vectors = _encoder(job, settings, [*item_text, *texts], folder).encode(texts.tolist())[places]
    if settings.shuffle_statements:
        vectors = vectors[of_other_items(rows, np.random.default_rng([job.workspace.seed, 7]))]
    block = StatementBlock.of(told.items, rows, vectors, settings.statement_weight)
    dim = vectors.shape[1]
    empty, about = np.zeros((len(told.vectors), dim), dtype=np.float32), told.texts[rows]
    vector_texts = np.zeros_like(told.vectors) if told.vector_texts is None else told.vector_texts
    note = f"{len(texts):,} different statements of other users"
    if settings.shuffle_statements:
        note += " given to other items"
    return _Told(
        users=[*told.users, *chosen["user"]],
        item_rows=np.concatenate([told.item_rows, rows]),
        vectors=np.block([[told.vectors, empty], [about, block.told]]),
        items=np.concatenate([told.items, block.items], axis=1),
        texts=np.concatenate([told.texts, np.zeros_like(block.items)], axis=1),
        vector_texts=np.block([[vector_texts, empty], [about, np.zeros_like(block.told)]]),
        kind=f"{told.kind} and statements" if told.users else "statements",
        note=", ".join(filter(None, [told.note, note])),
        figures={**told.figures, "statements": len(chosen), "different_statements": len(texts)},
    )


def _reason_texts(job: Job, settings: EncodeSettings, catalog: Catalog) -> ReasonTexts:
    """The texts selected by ``encode.reason_source``; with ``none`` the reason store is not read."""
    if settings.reason_source == "none":
        return ReasonTexts([], [])
    teacher = EvidenceTeacher(checker_of(catalog), job.workspace.seed)
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
    store: FeatureStore, told: _Told, settings: EncodeSettings, proxy: Mapping[str, float] | None
) -> StageResult:
    items, dim = store.item.shape
    from_text = items - len(np.unique(told.item_rows))
    figures = {
        "items": items,
        "items_from_text_alone": from_text,
        "users": len(store.user),
        "dim": dim,
        "reason_source": settings.reason_source,
        **told.figures,
        **({} if proxy is None else {"descriptions_written_by": WRITTEN_BY, "descriptions_proxy": dict(proxy)}),
    }
    described = "item text with model-written descriptions" if proxy is not None else ""
    notes = ", ".join(filter(None, [settings.text_encoder, told.note, described]))
    summary = (
        f"{items:,} item vectors ({from_text:,} from text alone) and {len(store.user):,} user vectors of {dim} "
        f"dimensions, from {len(told.users):,} {told.kind} ({notes})"
    )
    return StageResult(summary, figures)


def _inputs(settings: Settings) -> tuple[str, ...]:
    """Upstream stages: the language model and the reasons are read only where the settings use them."""
    (encoder,) = ENCODER.entries(settings)
    reads = ["collect"]
    if encoder.reads_language_model:
        reads.append("reinforce")
    if settings.encode.reads_reviews:
        reads.append("embed")
    elif settings.encode.reason_source != "none":
        reads.append("correct")
    if settings.describe.enabled:
        reads.append("describe")
    if settings.encode.statements:
        reads.append("statements")
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
    revision=2,
)
