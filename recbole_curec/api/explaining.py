"""``explain``: why items are recommended, or ratings predicted, for some users."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from recbole_curec.api.runs import Located, Reasoner, RunOrCheckpoint, checkpoint_of, located, undamaged
from recbole_curec.backbones.lookup import RATING_MODEL, uses_features
from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError
from recbole_curec.explanations.explained_ratings import ExplainedRatings, RatedUser
from recbole_curec.explanations.ratings import rating_block
from recbole_curec.explanations.result import Explanations
from recbole_curec.explanations.user_text import user_block
from recbole_curec.features.store import FeatureStore
from recbole_curec.plugin.features import artifact_root
from recbole_curec.plugin.loading import LoadedRun, load_run, moved_to
from recbole_curec.plugin.run_record import RecordedModel, read_run_record
from recbole_curec.serving.explainer import Explainer, Question, compared_models
from recbole_curec.serving.faithfulness import Faithfulness, measure_faithfulness
from recbole_curec.serving.ids import check_ids
from recbole_curec.serving.left_out import left_out
from recbole_curec.serving.quoted_reviews import QuotedReviews
from recbole_curec.serving.rating_reasoner import RatingReasoner
from recbole_curec.serving.reason_teller import ReasonTeller
from recbole_curec.serving.recommender import NEW_USER, Recommender, check_top_k
from recbole_curec.serving.review_teller import ReviewTeller
from recbole_curec.serving.sources import REASONS, REVIEWS, ScoreSources
from recbole_curec.serving.titles import item_titles
from recbole_curec.serving.told import Teller
from recbole_curec.settings.sections import (
    CollectSettings,
    CorrectSettings,
    GenerateSettings,
    LanguageModelSettings,
    ReinforceSettings,
)
from recbole_curec.settings.travel import settings_of
from recbole_curec.version import __version__

logger = logging.getLogger(__name__)

# Past statements shown on a terminal.
_STATEMENTS = 4


def explain(
    source: RunOrCheckpoint,
    users: Sequence[str] | None = None,
    k: int = 10,
    *,
    items: Sequence[str] | None = None,
    history: Sequence[str] | None = None,
    statements: int = _STATEMENTS,
    engine: str | None = None,
    data_path: str | Path | None = None,
) -> Explanations:
    """What is recommended to users, or how they would rate items, and why.

    For a model that ranks, every item gets a reason: drafted, checked, corrected and scored as in the run, from what
    the user has taken by now; its score is split by source, and the lists of the models that the run trained for
    comparison stand beside it. A run whose vectors are made of reviews writes no reasons: in their place stand the
    training reviews of the item and of the user. For the rating model, every rating comes with the past statements it
    rests on.

    Args:
        source: Result of :func:`recbole_curec.run`, or a checkpoint's path.
        users: Original ids of known users; None takes all, unless a history is given.
        k: Length of a list.
        items: Original item ids, for which every user's reasons or ratings are wanted; None takes the best ``k``.
        history: What one new user has taken, original item ids, oldest first.
        statements: Past statements of a rating in its block of text, at most; the rows hold all.
        engine: Name of the engine that runs the language model; the run's own by default.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Returns:
        One row per user and item, the same as text, and a page.

    Raises:
        CURecError: The checkpoint, a user or an item cannot be used, or the run wrote neither reasons nor reviews.
    """
    for name, ids in (("users", users), ("items", items), ("history", history)):
        check_ids(name, ids)
    check_top_k(k)
    if statements < 0:
        raise ConfigurationError(f"statements: {statements} must be at least 0.")
    if users is not None and history is not None:
        raise ConfigurationError("users and history cannot be given together: known users have a history already.")
    moved = moved_to(data_path)
    run = load_run(checkpoint_of(source), moved)
    history = None if history is None else list(map(str, history))
    items = None if items is None else list(dict.fromkeys(map(str, items)))
    if items == []:
        raise ConfigurationError("items: [] names nothing: give original item ids, or leave items out.")
    if run.config["model"] == RATING_MODEL:
        if history is not None:
            raise ConfigurationError(f"{RATING_MODEL} explains ratings of known users: give users.")
        if engine is not None:
            raise ConfigurationError(f"engine: {engine} has nothing to write: {RATING_MODEL} quotes past reviews.")
        return _ratings(run, users, k, items, statements)
    if statements != _STATEMENTS:
        raise ConfigurationError(f"statements: {statements} is for {RATING_MODEL}: a model that ranks shows none.")
    made = explainer_of(run, located(source, run), moved, engine)
    named = [NEW_USER] if history is not None else made.recommender.everybody() if users is None else users
    lists = made.explain(Question(list(dict.fromkeys(map(str, named))), history, k, items))
    return Explanations(lists.rows(), [user_block(user, lists) for user in lists.users], lists)


def faithfulness(
    source: RunOrCheckpoint,
    users: Sequence[str],
    k: int = 10,
    *,
    draws: int = 5,
    seed: int = 0,
    engine: str | None = None,
    data_path: str | Path | None = None,
) -> Faithfulness:
    """Whether the reasons of recommended items name the past items that moved their scores.

    Args:
        source: Result of :func:`recbole_curec.run`, or a checkpoint's path.
        users: Original ids of known users.
        k: Recommended items per user.
        draws: Random sets of other past items that each reason is compared with.
        seed: Seed of the draws.
        engine: Name of the engine that runs the language model; the run's own by default.
        data_path: Folder of the datasets, if it has moved since the checkpoint was written.

    Raises:
        CURecError: The checkpoint or a user cannot be used, the run wrote no reasons, or its model would have to be
            trained again without an item.
    """
    check_ids("users", users)
    check_top_k(k)
    if draws < 1:
        raise ConfigurationError(f"draws: {draws} must be at least 1.")
    moved = moved_to(data_path)
    run = load_run(checkpoint_of(source), moved)
    if run.config["model"] == RATING_MODEL:
        raise ConfigurationError(f"{RATING_MODEL} ranks nothing: its explanations leave statements out already.")
    if settings_of(run.config).encode.reads_reviews:
        raise ConfigurationError(
            f"'{run.checkpoint}' wrote no reasons whose faithfulness could be measured: give the checkpoint of a run "
            "with encode.reason_source: corrected."
        )
    made = explainer_of(run, located(source, run), moved, engine)
    model = left_out(run)
    lists = made.explain(Question(list(dict.fromkeys(map(str, users))), None, k))
    records = [item.record for user in lists.users for item in user.items if item.record is not None]
    catalog = made.teller.collected.catalog
    return measure_faithfulness(
        records, dict(zip(catalog.tokens[1:], catalog.names[1:], strict=True)), model, draws=draws, seed=seed
    )


def explainer_of(run: LoadedRun, found: Located, moved: Mapping[str, str], engine: str | None) -> Explainer:
    """What explains the lists of a run, with the models that were trained beside it.

    Raises:
        CURecError: The run's model reads no reasons, or its artifacts cannot be used.
    """
    config, settings = run.config, settings_of(run.config)
    if not uses_features(config):
        raise ConfigurationError(
            f"'{run.checkpoint}' is of {config['model']} without features, which reads no reasons: give a checkpoint "
            "of CURec or CURecGeneral with a fusion."
        )
    encode = settings.encode
    teller: Teller = _review_teller(run, found, engine) if encode.reads_reviews else _reason_teller(found, engine)
    told = ("reviews and statements" if encode.statements else REVIEWS) if encode.reads_reviews else REASONS
    split = ScoreSources(run, FeatureStore.load(undamaged(found.artifacts["encode"])), told)
    recommender = Recommender(run)
    recorded = read_run_record(run.checkpoint)
    if recommender.ranker is not None:
        again = recommender.ranker.record.test["recbole"]
        recorded = [replace(one, name=f"{one.name}, ranked again", test=again) for one in recorded[:1]] + recorded[1:]
    beside = _beside(recorded, run.checkpoint)
    return Explainer(
        recommender,
        teller,
        item_titles(config, run.training),
        sources=split if len(split.names) > 1 else None,
        others={model.role: Recommender.load(model.checkpoint, moved) for model in beside},
        models=[*recorded[:1], *beside],
    )


def _reason_teller(found: Located, engine: str | None) -> ReasonTeller:
    config, settings = found.config, settings_of(found.config)
    reasoner = Reasoner.over(found, engine)
    # Whatever changes a reason: the artifacts, what writes, checks and corrects, and this package.
    stages = [stage for stage in ("collect", "reward", "reinforce") if stage in found.artifacts]
    groups = (CollectSettings, LanguageModelSettings, GenerateSettings, ReinforceSettings, CorrectSettings)
    written = [repr(settings.of(group)) for group in groups]
    keys = [*(found.artifacts[stage].name for stage in stages), *written, settings.run.reason_seed, engine, __version__]
    return ReasonTeller(
        reasoner, _kept(artifact_root(config), hashlib.sha256(json.dumps(keys).encode()).hexdigest()[:16])
    )


def _review_teller(run: LoadedRun, found: Located, engine: str | None) -> ReviewTeller:
    if engine is not None:
        raise ConfigurationError(
            f"engine: {engine} has nothing to write: this run quotes the reviews its vectors read."
        )
    if settings_of(run.config).encode.shuffle_reviews:
        raise ConfigurationError(
            f"'{run.checkpoint}' gave every review's vector to another review (encode.shuffle_reviews: true), so no "
            "review says what its scores come from: give the checkpoint of a run without it."
        )
    read, write = (undamaged(found.artifacts[stage]) for stage in ("read", "write"))
    # The loaded run knows where the data lie now, a result where they lay when it was trained.
    return ReviewTeller(
        Collected.load(undamaged(found.artifacts["collect"])), QuotedReviews.load(run.config, read, write)
    )


def _beside(recorded: Sequence[RecordedModel], checkpoint: Path) -> list[RecordedModel]:
    """The other recorded models of a run whose checkpoints are there; what is missing is said."""
    if not recorded:
        logger.warning("No record lies beside '%s': lists of models trained beside it are not shown.", checkpoint)
    for model in recorded[1:]:
        if not model.checkpoint.is_file():
            logger.warning("'%s' is missing: the lists of %s are not shown.", model.checkpoint, model.name)
    return [model for model in recorded[1:] if model.checkpoint.is_file()]


def _kept(root: Path, name: str) -> Path | None:
    """Where finished batches of reasons are kept: beside the artifacts, unless these can only be read."""
    return root / "explained" / name if os.access(root, os.W_OK) else None


def _ratings(
    run: LoadedRun, users: Sequence[str] | None, k: int, items: Sequence[str] | None, statements: int
) -> Explanations:
    reasoner = RatingReasoner(run)
    # Of many users some minutes: one bar over them.
    asked = tqdm(
        reasoner.everybody() if users is None else list(dict.fromkeys(map(str, users))),
        desc="predicted ratings", unit="user", leave=False, disable=None,
    )  # fmt: skip
    rated = []
    for user in asked:
        pairs = reasoner.best(user, k) if items is None else [(user, item) for item in items]
        rated.append(RatedUser(user, reasoner.history(user), reasoner.write(pairs)))
    recorded = read_run_record(run.checkpoint)
    shown = ExplainedRatings(
        dataset=str(run.config["dataset"]),
        model=recorded[0].name if recorded else RATING_MODEL,
        titles=reasoner.titles,
        users=rated,
        models=compared_models(recorded),
    )
    blocks = [rating_block(pair, reasoner.titles, statements) for pair in shown.pairs]
    return Explanations(shown.rows(), blocks, shown)
