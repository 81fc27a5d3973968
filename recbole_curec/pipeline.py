"""The map of the system: the ordered stages, and the one function that runs what is not there yet.

    collect -> align -> reward -> reinforce -> correct -> encode -> recommend

``recommend``, stage 7, is RecBole's own training of our model classes and is not listed: it starts where
:func:`ensure_features` returns.
"""

from __future__ import annotations

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
from recbole_curec.features import encode
from recbole_curec.features.store import FeatureSet, FeatureStore
from recbole_curec.reasons import align, reinforce
from recbole_curec.rewards import train as reward
from recbole_curec.rewards.floors import check_reward
from recbole_curec.settings import Settings
from recbole_curec.stage import DataSource, Stage, StageContext

logger = logging.getLogger(__name__)

STAGES: tuple[Stage, ...] = (
    Stage("collect", ("collect",), (), collect.run),
    Stage("align", ("align",), ("collect",), align.run),
    Stage("reward", ("reward", "generate"), ("collect", "align"), reward.run),
    Stage("reinforce", ("reinforce", "generate"), ("collect", "align", "reward"), reinforce.run, check_reward),
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
    root.mkdir(parents=True, exist_ok=True)
    # Two runs that share artifacts wait for each other instead of writing the same files.
    with FileLock(root / ".lock"):
        artifacts = plan(settings, source, root)
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
    return DataSource(
        history=history,
        item_file=Path(config["data_path"]) / f"{config['dataset']}.item",
        item_field=config["ITEM_ID_FIELD"],
        separator=config["field_separator"],
        seq_separator=config["seq_separator"],
        encoding=config["encoding"] or "utf-8",
    )


def plan(settings: Settings, source: DataSource, root: Path) -> dict[str, Artifact]:
    """The artifact of every stage: its fingerprint covers its own settings, what it reads, and its upstream stages."""
    artifacts: dict[str, Artifact] = {}
    for stage in STAGES:
        parts: dict[str, Any] = {
            "version": __version__,
            "settings": {group: getattr(settings, group).model_dump() for group in stage.groups},
            "inputs": {name: artifacts[name].key for name in stage.needs},
        }
        if stage.name == "collect":
            parts["data"] = _data_fingerprint(source)
        else:
            parts["seed"] = settings.run.reason_seed
        artifacts[stage.name] = Artifact(stage.name, fingerprint(parts), root)
    return artifacts


def _data_fingerprint(source: DataSource) -> dict[str, Any]:
    """Hash of the training split and of the item file; independent of RecBole's numbering of users and items."""
    history = source.history
    active = np.flatnonzero(np.diff(history.indptr))
    sequences = {
        str(history.user_tokens[user]): history.item_tokens[history.of_user(int(user))].tolist() for user in active
    }
    item_file = file_hash(source.item_file) if source.item_file.is_file() else None
    layout = [source.item_field, source.separator, source.seq_separator, source.encoding]
    return {"training": fingerprint(sequences), "items": item_file, "layout": layout}


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
    if artifact.is_complete():
        logger.info("%s: reused (%s)", title, artifact.manifest()["summary"])
        return
    logger.info("%s: %s", title, "continued" if artifact.partial.is_dir() else "started")
    artifact.open()
    start = time.perf_counter()
    result = stage.run(
        StageContext(
            settings=settings,
            source=source,
            folder=artifact.partial,
            scratch=artifact.scratch,
            inputs={name: artifacts[name].folder for name in stage.needs},
            seed=settings.run.reason_seed,
            device=config["device"],
            show_progress=bool(config["show_progress"]),
        )
    )
    seconds = time.perf_counter() - start
    artifact.close(
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
    logger.info("%s: %s (%.0f s)", title, result.summary, seconds)
