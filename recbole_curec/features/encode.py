"""Stage 6, ``encode``: reasons and item text to whitened semantic vectors of items, users and interactions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.correction.store import STORE, ReasonRecord, read_records
from recbole_curec.data.collect import Collected
from recbole_curec.data.history import TrainHistory
from recbole_curec.features.encoders import HiddenStateEncoder, LsaEncoder, SentenceEncoder, TextEncoder
from recbole_curec.features.neighbours import neighbour_directions
from recbole_curec.features.sources import SourceTexts, source_texts
from recbole_curec.features.store import FeatureStore
from recbole_curec.features.whitening import Whitening
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.language_model import load_model
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.settings import EncodeSettings
from recbole_curec.stage import StageContext, StageResult

# This many times the final dimension is whitened, to choose among more directions than are kept.
_WIDTH_FACTOR = 2
# But whitened in as many directions as there are items, all items are equally unlike: so many items have to share one.
_ITEMS_PER_DIRECTION = 16
_FEWEST_DIRECTIONS = 16


def run(context: StageContext) -> StageResult:
    """Encode, pool, whiten, choose directions and save."""
    settings = context.settings.encode
    collected = Collected.load(context.inputs["collect"])
    teacher = EvidenceTeacher(GroundingChecker(collected.catalog), context.seed)
    told = source_texts(settings.reason_source, read_records(context.inputs["correct"] / STORE), teacher)
    records = told.records
    item_text = [item_sentence(collected, item) for item in range(1, collected.catalog.n_items)]
    encoder = _encoder(context, [*item_text, *told.texts])
    texts = encoder.encode(item_text)
    reasons = encoder.encode(told.texts) if records else np.zeros((0, texts.shape[1]), dtype=np.float32)

    catalog, history = collected.catalog, collected.history
    item_rows = np.array([catalog.index[record.item] - 1 for record in records], dtype=np.int64)
    pooled = texts + _mean_by(item_rows, reasons, len(texts))
    trained = np.unique(history.items) - 1
    whitening = Whitening.fit(pooled[trained], whitened_width(settings.feature_dim, len(trained)))
    directions = neighbour_directions(whitening.apply(pooled), history)[:, : settings.feature_dim]
    whitening = whitening.rotated(directions)
    items = whitening.apply(pooled)
    store = FeatureStore(
        item_tokens=catalog.tokens[1:],
        item=items,
        user_tokens=history.user_tokens[1:].tolist(),
        user=_users(history, records, whitening.apply(reasons), items),
        interactions=pd.DataFrame(
            {key: [getattr(record, key) for record in records] for key in ("user", "item", "position")}
        ),
        interaction=whitening.apply(reasons),
    )
    store.save(context.folder)
    return _result(store, told, len(np.unique(item_rows)), settings)


def _result(store: FeatureStore, told: SourceTexts, explained: int, settings: EncodeSettings) -> StageResult:
    items, dim = store.item.shape
    from_text = items - explained
    figures = {
        "items": items,
        "items_from_text_alone": from_text,
        "users": len(store.user),
        "dim": dim,
        "reason_source": settings.reason_source,
        "broken_drafts": told.broken,
        "empty_drafts": told.empty,
    }
    source = told.describe(settings.reason_source)
    summary = (
        f"{items:,} item vectors ({from_text:,} from text alone), {len(store.user):,} user vectors, "
        f"{len(store.interaction):,} interaction vectors of {dim} dimensions "
        f"({settings.text_encoder}{', ' if source else ''}{source})"
    )
    return StageResult(summary, figures)


def whitened_width(dim: int, items: int) -> int:
    """Directions that are whitened, of which ``dim`` are kept at most; ``items`` have an interaction."""
    return min(_WIDTH_FACTOR * dim, max(items // _ITEMS_PER_DIRECTION, _FEWEST_DIRECTIONS))


def item_sentence(collected: Collected, item: int) -> str:
    """Text of an item, its name quoted as reasons quote it."""
    catalog = collected.catalog
    return f'"{catalog.names[item]}" {catalog.texts[item]}'


def _encoder(context: StageContext, texts: Sequence[str]) -> TextEncoder:
    settings = context.settings
    name = settings.encode.text_encoder
    if name == "lsa":
        encoder = LsaEncoder.fit(texts, _WIDTH_FACTOR * settings.encode.feature_dim, context.seed)
        encoder.save(context.folder)
        return encoder
    if name == "llm":
        model, tokenizer = load_model(context.inputs["reinforce"], device=context.device)
        return HiddenStateEncoder(model, tokenizer, context.device, settings.generate.generation_batch_size)
    return SentenceEncoder(name, context.device)


def _mean_by(rows: NDArray[np.int64], vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Mean of the vectors of each row number, zero where there is none, shape ``(count, T)``."""
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, rows, vectors)
    return np.asarray(sums / np.maximum(np.bincount(rows, minlength=count), 1)[:, None], dtype=np.float32)


def _users(
    history: TrainHistory, records: list[ReasonRecord], reasons: NDArray[np.float32], items: NDArray[np.float32]
) -> NDArray[np.float32]:
    """User vectors: mean of the user's reasons, and of the training items where there is none."""
    row_of = {token: row for row, token in enumerate(history.user_tokens[1:].tolist())}
    rows = np.array([row_of[record.user] for record in records], dtype=np.int64)
    vectors = _mean_by(rows, reasons, history.n_users - 1)
    taken = _mean_by(history.users - 1, items[history.items - 1], history.n_users - 1)
    without = np.bincount(rows, minlength=len(vectors)) == 0
    vectors[without] = taken[without]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-8), dtype=np.float32)
