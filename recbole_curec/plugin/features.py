"""The semantic features of a RecBole run: runs stages 1 to 6 or reuses their artifacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.item_text import catalog_of
from recbole_curec.data.reviews import with_reviews
from recbole_curec.data.source import InteractionSource
from recbole_curec.features.store import FeatureSet, FeatureStore
from recbole_curec.model.random_states import random_states_restored
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.runner import Pipeline
from recbole_curec.pipelines.curec import FEATURES, curec_pipeline, targets
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.plugin.review_sources import (
    review_file,
    review_texts,
    reviews_of_history,
    statements_of_history,
)
from recbole_curec.processes import on_main, start
from recbole_curec.reviews.encoder.pretrained import check_encoder
from recbole_curec.settings.choices import TEACHER
from recbole_curec.settings.travel import artifacts_folder, settings_of
from recbole_curec.stages.collect import COLLECT
from recbole_curec.training.base_model_checks import check_base_model
from recbole_curec.training.trainer import check_launch


def semantic_features(config: Any, history: TrainHistory) -> FeatureSet:
    """Vectors in the order of RecBole's internal ids, from new or existing artifacts.

    The global random states are restored, so that a model built afterwards does not depend on whether stages ran.

    Args:
        config: RecBole's ``Config`` of the run.
        history: Training interactions in RecBole's internal ids.
    """
    with random_states_restored():
        artifacts = run_stages(config, history)
    vectors = FeatureStore.load(artifacts[FEATURES].folder).for_ids(history.item_tokens, history.user_tokens)
    return replace(vectors, artifacts=artifacts)


def run_stages(config: Any, history: TrainHistory) -> dict[str, Artifact]:
    """Run stages 1 to 6 and the user's own stages for a RecBole config, and return their artifacts by stage."""
    settings = settings_of(config)

    def check_files() -> None:
        if settings.encode.reads_reviews:
            check_encoder(settings.embed)
        for entry in settings.chosen_entries():
            entry.check_files(settings)

    return run_pipeline(config, lambda: _pipeline(config, history), targets(settings), check_files)


def run_pipeline(
    config: Any, build: Callable[[], Pipeline], wanted: list[str], check_files: Callable[[], None]
) -> dict[str, Artifact]:
    """Run the stages of a pipeline for a RecBole config, and return their artifacts by stage.

    Args:
        config: RecBole's ``Config`` of the run.
        build: Makes the pipeline, once it is known that this process can take part.
        wanted: Names of the stages whose artifacts are needed.
        check_files: Checks files that the settings name, beside the base model's, before the first artifact is made.
    """
    settings, root = settings_of(config), artifact_root(config)
    start(config["device"])
    check_launch(settings)
    on_main(lambda: root.mkdir(parents=True, exist_ok=True))

    def check_models() -> None:
        check_base_model(settings)
        check_files()

    return build().run(
        settings,
        root,
        config["device"],
        wanted,
        show_progress=bool(config["show_progress"]),
        before_making=check_models,
    )


def planned_artifacts(config: Any, history: TrainHistory) -> dict[str, Artifact]:
    """The artifacts that a run depends on, by stage, whether they exist or not."""
    settings = settings_of(config)
    return _pipeline(config, history).plan(settings, artifact_root(config), config["device"], targets(settings))


def _pipeline(config: Any, history: TrainHistory) -> Pipeline:
    settings = settings_of(config)
    reviews = reviews_of_history(config, history) if settings.encode.reads_reviews else None
    statements = statements_of_history(config, history) if settings.reads_statements else None
    return curec_pipeline(settings, data_source(config, history), reviews, statements)


def item_catalog(config: Any, history: TrainHistory) -> Catalog:
    """The catalog of a run: that of its ``collect`` artifact, or made anew where this is not there."""
    settings, source = settings_of(config), data_source(config, history)
    plan = curec_pipeline(settings, source).plan(settings, artifact_root(config), config["device"], [COLLECT.name])
    made = plan[COLLECT.name]
    return Collected.load(made.folder).catalog if made.is_complete() else catalog_of(source, settings.collect)


def artifact_root(config: Any) -> Path:
    """Folder of the artifacts of this dataset."""
    return artifacts_folder(config) / str(config["dataset"])


def data_source(config: Any, history: TrainHistory) -> InteractionSource:
    """The data that the ``collect`` stage reads, located by RecBole's config."""
    settings = settings_of(config)
    (teacher,) = TEACHER.entries(settings)
    if teacher.reads_reviews:
        history = with_reviews(history, review_file(config))
    told = None
    if settings.collect.reads_reviews:
        told = review_texts(config, history.user_tokens[history.users], history.item_tokens[history.items])
    return InteractionSource(
        history=history,
        item_file=Path(config["data_path"]) / f"{config['dataset']}.item",
        item_field=config["ITEM_ID_FIELD"],
        seq_separator=config["seq_separator"],
        **file_layout(config),
        item_reviews=told,
    )
