"""The review vectors of a RecBole run of ``RecCoT``: runs its stages or reuses their artifacts."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.reviews import texts_of_pairs
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines.reccot import VECTORS, reccot_pipeline
from recbole_curec.plugin.features import artifact_root, random_states_restored, review_file, run_pipeline
from recbole_curec.reasons.teachers.reviews import ReviewsTeacherSettings
from recbole_curec.reviews.encoder.pretrained import check_encoder
from recbole_curec.reviews.source import ReviewSource
from recbole_curec.reviews.vectors import ReviewVectors
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.travel import settings_of


class RatedPairs(Protocol):
    """The ratings of a training split, sorted by original user id and exact time."""

    @property
    def users(self) -> NDArray[np.str_]:
        """Original user ids, shape ``(N,)``."""

    @property
    def items(self) -> NDArray[np.str_]:
        """Original item ids, shape ``(N,)``."""

    @property
    def ratings(self) -> NDArray[np.float64]:
        """Ratings on their own scale, shape ``(N,)``."""


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


def review_source(config: Any, reviews: RatedPairs) -> ReviewSource:
    """The training reviews with their texts, which are read from RecBole's interaction file."""
    settings = settings_of(config)
    file = review_file(config, settings.of(ReviewsTeacherSettings).field)
    texts = texts_of_pairs(reviews.users, reviews.items, file, settings.read.summary_field)
    return ReviewSource(reviews.users, reviews.items, reviews.ratings, texts)
