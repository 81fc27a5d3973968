"""Stage 1, ``collect``: the item catalog and the training history, of which evidence is made."""

from __future__ import annotations

import numpy as np

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.item_text import catalog_of, named_by_id
from recbole_curec.data.source import InteractionSource
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.settings.choices import LANGUAGE
from recbole_curec.settings.sections import CollectSettings


def collected_from(source: InteractionSource, settings: CollectSettings, *, progress: bool = False) -> Collected:
    """Item text, and the training split in the catalog's item ids."""
    catalog = catalog_of(source, settings, progress=progress)
    return Collected(catalog, source.history.reindex(catalog.index, catalog.n_items))


def run(job: Job) -> StageResult:
    """Read item text and convert the training split to the catalog's item ids."""
    settings = job.settings.of(CollectSettings)
    collected = collected_from(job.source, settings, progress=job.workspace.show_progress)
    collected.save(job.workspace.folder)
    catalog, history = collected.catalog, collected.history
    figures = {
        "users": history.n_users - 1,
        "items": catalog.n_items - 1,
        "training_items": len(np.unique(history.items)),
        "interactions": history.n_interactions,
        "attribute_labels": len(catalog.labels),
    }
    if history.reviews is not None:
        figures["reviews"] = int(np.sum(history.reviews != ""))
    reviews = f", {figures['reviews']:,} reviews" if "reviews" in figures else ""
    summary = (
        f"{figures['interactions']:,} training interactions of {figures['users']:,} users with "
        f"{figures['training_items']:,} of {figures['items']:,} items; {figures['attribute_labels']} attribute labels"
        f"{reviews}"
    )
    if settings.reads_reviews:
        figures |= _from_reviews(job.source, catalog)
        summary += (
            f"; item text from reviews: {figures['items_called_by_id']:,} items are called by their id, "
            f"{figures['items_without_reviews']:,} have no training review, {figures['items_without_text']:,} no text"
        )
    return StageResult(summary, figures)


def _from_reviews(source: InteractionSource, catalog: Catalog) -> dict[str, int]:
    """What reviews could not tell of items."""
    texts = source.item_reviews if source.item_reviews is not None else np.array([], dtype=object)
    reviewed = np.unique(source.history.items[texts != ""])
    return {
        "item_reviews": int(np.sum(texts != "")),
        "items_without_reviews": catalog.n_items - 1 - len(reviewed),
        "items_called_by_id": named_by_id(catalog),
        "items_without_text": sum(not text for text in catalog.texts[1:]),
    }


COLLECT = Stage(
    name="collect", run=run, settings=(CollectSettings,), choices=(LANGUAGE,), reads_source=True, revision=5
)
