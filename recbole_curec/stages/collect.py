"""Stage 1, ``collect``: the item catalog, the training history and the co-occurrence counts that evidence uses."""

from __future__ import annotations

import numpy as np

from recbole_curec.data.catalog import read_catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import cooccurrence
from recbole_curec.data.source import InteractionSource
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.settings.choices import LANGUAGE
from recbole_curec.settings.sections import CollectSettings


def collected_from(source: InteractionSource, settings: CollectSettings) -> Collected:
    """Item text, the training split in the catalog's item ids, and its co-occurrences."""
    raw = source.history
    catalog = read_catalog(
        source.item_file,
        source.item_field,
        raw.item_tokens[np.unique(raw.items)],
        settings,
        separator=source.separator,
        seq_separator=source.seq_separator,
        encoding=source.encoding,
    )
    history = raw.reindex(catalog.index, catalog.n_items)
    return Collected(catalog, history, cooccurrence(history))


def run(job: Job) -> StageResult:
    """Read item text, convert the training split to the catalog's item ids and count co-occurrences."""
    collected = collected_from(job.source, job.settings.of(CollectSettings))
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
    return StageResult(summary, figures)


COLLECT = Stage(
    name="collect", run=run, settings=(CollectSettings,), choices=(LANGUAGE,), reads_source=True, revision=3
)
