"""The map of the system: the ordered stages, and the one function that runs what is not there yet.

    collect -> align -> reward -> reinforce -> correct -> encode -> recommend

``recommend``, stage 7, is RecBole's own training of our model classes and is not listed: it starts where
:func:`ensure_features` returns.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from recbole_curec import __version__
from recbole_curec.artifacts import Artifact, file_hash, fingerprint, package_versions, peak_memory_mib
from recbole_curec.correction import correct
from recbole_curec.data import collect
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.reviews import ReviewFile, with_reviews
from recbole_curec.distributed import on_main, start, tell, world
from recbole_curec.errors import DataError
from recbole_curec.features import encode
from recbole_curec.features.store import FeatureSet, FeatureStore
from recbole_curec.reasons import align, reinforce
from recbole_curec.reasons.training import check_launch
from recbole_curec.rewards import train as reward
from recbole_curec.rewards.floors import check_reward
from recbole_curec.settings import Settings
from recbole_curec.stage import DataSource, Stage, StageContext, StageResult

logger = logging.getLogger(__name__)

STAGES: tuple[Stage, ...] = (
    Stage("collect", ("collect",), (), collect.run),
    Stage("align", ("align",), ("collect",), align.run, distributed=True),
    Stage("reward", ("reward", "generate"), ("collect", "align"), reward.run),
    Stage(
        "reinforce",
        ("reinforce", "generate"),
        ("collect", "align", "reward"),
        reinforce.run,
        check_reward,
        distributed=True,
    ),
    Stage("correct", ("correct", "generate"), ("collect", "reward", "reinforce"), correct.run),
    Stage("encode", ("encode",), ("collect", "reinforce", "correct"), encode.run),
)
N_STAGES = len(STAGES) + 1


def ensure_features(config: Any, history: TrainHistory) -> FeatureSet:
    """Semantic features for a RecBole run: make what is missing, reuse what is there.

    Args:
        config: RecBole's ``Config`` of the run.
        history: Training interactions in RecBole's internal ids.

    Returns:
        Vectors in RecBole's internal ids.
    """
    artifacts = run_stages(config, history)
    return FeatureStore.load(artifacts["encode"].folder).for_ids(history.item_tokens, history.user_tokens)


def run_stages(config: Any, history: TrainHistory) -> dict[str, Artifact]:
    """Run stages 1-6 for a RecBole config and return their artifacts by stage."""
    settings = Settings.from_mapping(config.final_config_dict)
    source = data_source(config, history)
    root = artifact_root(config, settings)
    start(config["device"])
    check_launch(settings)
    artifacts = plan(settings, source, root)
    _check_same_data(artifacts)
    on_main(lambda: root.mkdir(parents=True, exist_ok=True))
    # Two runs that share artifacts wait for each other instead of writing the same files.
    with FileLock(root / ".lock") if world().is_main else contextlib.nullcontext():
        for number, stage in enumerate(STAGES, 1):
            _ensure(stage, number, artifacts, settings, source, config)
    return artifacts


def artifact_root(config: Any, settings: Settings) -> Path:
    """Where the artifacts of this dataset lie."""
    chosen = settings.run.artifact_dir
    folder = Path(chosen) if chosen else Path(config["checkpoint_dir"]) / "curec"
    return folder / str(config["dataset"])


def data_source(config: Any, history: TrainHistory) -> DataSource:
    """What ``collect`` reads, as RecBole's config describes it."""
    settings = Settings.from_mapping(config.final_config_dict).align
    if settings.teacher == "reviews":
        history = with_reviews(history, _review_file(config, settings.review_field))
    return DataSource(
        history=history,
        item_file=Path(config["data_path"]) / f"{config['dataset']}.item",
        item_field=config["ITEM_ID_FIELD"],
        separator=config["field_separator"],
        seq_separator=config["seq_separator"],
        encoding=config["encoding"] or "utf-8",
    )


def _review_file(config: Any, review_field: str | None) -> ReviewFile:
    return ReviewFile(
        path=Path(config["data_path"]) / f"{config['dataset']}.inter",
        user_field=config["USER_ID_FIELD"],
        item_field=config["ITEM_ID_FIELD"],
        time_field=config["TIME_FIELD"],
        separator=config["field_separator"],
        encoding=config["encoding"] or "utf-8",
        review_field=review_field,
    )


def plan(settings: Settings, source: DataSource, root: Path) -> dict[str, Artifact]:
    """The artifact of every stage: its fingerprint covers its own settings, what it reads, and its upstream stages."""
    artifacts: dict[str, Artifact] = {}
    for stage in STAGES:
        parts: dict[str, Any] = {
            "version": __version__,
            "settings": {group: getattr(settings, group).decisive() for group in stage.groups},
            "inputs": {name: artifacts[name].key for name in stage.needs},
        }
        if stage.name == "collect":
            parts["data"] = _data_fingerprint(source)
        else:
            parts["seed"] = settings.run.reason_seed
        artifacts[stage.name] = Artifact(stage.name, fingerprint(parts), root)
    return artifacts


def _check_same_data(artifacts: Mapping[str, Artifact]) -> None:
    """Processes that read different data or settings would train on a mixture of both."""
    mine = json.dumps({name: artifact.key for name, artifact in artifacts.items()})
    if tell(mine) != mine:
        raise DataError(
            f"Rank {world().rank} reads other data or settings than rank 0: start all with the same arguments "
            "over the same files."
        )


def _data_fingerprint(source: DataSource) -> dict[str, Any]:
    """Hash of the training split and of the item file; independent of RecBole's numbering of users and items."""
    history = source.history
    active = np.flatnonzero(np.diff(history.indptr))
    sequences = {
        str(history.user_tokens[user]): history.item_tokens[history.of_user(int(user))].tolist() for user in active
    }
    item_file = file_hash(source.item_file) if source.item_file.is_file() else None
    layout = [source.item_field, source.separator, source.seq_separator, source.encoding]
    parts = {"training": fingerprint(sequences), "items": item_file, "layout": layout}
    if history.reviews is not None:
        texts = {
            str(history.user_tokens[user]): history.reviews[history.indptr[user] : history.indptr[user + 1]].tolist()
            for user in active
        }
        parts["reviews"] = fingerprint(texts)
    return parts


def _ensure(
    stage: Stage,
    number: int,
    artifacts: Mapping[str, Artifact],
    settings: Settings,
    source: DataSource,
    config: Any,
) -> None:
    if stage.gate:
        stage.gate(settings, artifacts)
    artifact = artifacts[stage.name]
    title = f"[{number}/{N_STAGES}] {stage.name}"
    if tell("there" if on_main(artifact.is_complete) else "missing") == "there":
        logger.info("%s: reused (%s)", title, artifact.manifest()["summary"])
        return
    logger.info("%s: %s", title, "continued" if artifact.partial.is_dir() else "started")
    on_main(artifact.open)
    began = time.perf_counter()
    context = StageContext(
        settings=settings,
        source=source,
        folder=artifact.partial,
        scratch=artifact.scratch,
        inputs={name: artifacts[name].folder for name in stage.needs},
        seed=settings.run.reason_seed,
        device=config["device"],
        show_progress=bool(config["show_progress"]) and world().is_main,
    )

    def close(result: StageResult) -> None:
        seconds = time.perf_counter() - began
        _close(stage, artifacts, settings, result, seconds)
        logger.info("%s: %s (%.0f s)", title, result.summary, seconds)

    if stage.distributed:
        result = stage.run(context)
        on_main(lambda: close(result))
    else:
        on_main(lambda: close(stage.run(context)))


def _close(
    stage: Stage, artifacts: Mapping[str, Artifact], settings: Settings, result: StageResult, seconds: float
) -> None:
    artifacts[stage.name].close(
        {
            "summary": result.summary,
            "figures": result.figures,
            "settings": {group: getattr(settings, group).model_dump() for group in stage.groups},
            "inputs": {name: artifacts[name].key for name in stage.needs},
            "seed": settings.run.reason_seed,
            "packages": package_versions(),
            "wall_seconds": round(seconds, 1),
            "peak_memory_mib": peak_memory_mib(),
        }
    )
