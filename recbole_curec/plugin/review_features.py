"""The review vectors of a RecBole run of ``RecCoT``: runs its stages or reuses their artifacts."""

from __future__ import annotations

from typing import Any

from recbole_curec.model.random_states import random_states_restored
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines.reccot import VECTORS, reccot_pipeline
from recbole_curec.plugin.features import artifact_root, run_pipeline
from recbole_curec.plugin.review_sources import RatedPairs, review_source
from recbole_curec.reviews.encoder.pretrained import check_encoder
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.travel import settings_of


def review_vectors(config: Any, reviews: RatedPairs) -> ReviewVectors:
    """Vectors of the training reviews, from new or existing artifacts.

    The global random states are restored, so that a model built afterwards does not depend on whether stages ran.

    Args:
        config: RecBole's ``Config`` of the run.
        reviews: The ratings of the training split.
    """
    with random_states_restored():
        artifacts = run_review_stages(config, reviews)
    return ReviewVectors.load(artifacts[VECTORS].folder)


def run_review_stages(config: Any, reviews: RatedPairs) -> dict[str, Artifact]:
    """Run RecCoT's stages for a RecBole config, and return their artifacts by stage."""
    settings = settings_of(config)

    def check_files() -> None:
        check_encoder(settings.embed)
        for entry in ENGINE.entries(settings):
            entry.check_files(settings)

    return run_pipeline(config, lambda: reccot_pipeline(review_source(config, reviews)), [VECTORS], check_files)


def planned_review_artifacts(config: Any, reviews: RatedPairs) -> dict[str, Artifact]:
    """The artifacts that a run depends on, by stage, whether they exist or not."""
    pipeline = reccot_pipeline(review_source(config, reviews))
    return pipeline.plan(settings_of(config), artifact_root(config), config["device"])
