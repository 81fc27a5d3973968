"""``run``, ``load_reasons``, ``load_features`` and ``Reasoner``: start a run and read its results."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from recbole_curec import reasoner
from recbole_curec.backbones.lookup import RATING_MODEL
from recbole_curec.errors import CheckpointError
from recbole_curec.features.store import VECTORS, FeatureStore
from recbole_curec.paths import user_path
from recbole_curec.pipeline.artifacts import MANIFEST, Artifact
from recbole_curec.plugin.experiment import RunResult
from recbole_curec.plugin.experiment import run as _run
from recbole_curec.plugin.loading import LoadedData, load_data
from recbole_curec.plugin.trained_model import stage_artifacts
from recbole_curec.reasoner import ReasonerParts
from recbole_curec.reasons.store import STORE
from recbole_curec.serving.rating_reasoner import RatingReasoner
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.travel import settings_of

RunOrCheckpoint = RunResult | str | Path


def checkpoint_of(source: RunOrCheckpoint) -> str | Path:
    """The checkpoint of a run, or the path itself."""
    return source.checkpoint if isinstance(source, RunResult) else source


def run(
    model: str | None = None,
    dataset: str | None = None,
    config_files: Sequence[str | Path] = (),
    config: Mapping[str, Any] | None = None,
    **settings: Any,
) -> RunResult:
    """Run a recommender on a dataset: for our models all stages, and the id-only backbone under the same protocol.

    Args:
        model: ``CURec``, ``CURecGeneral`` or any RecBole model; None takes it from the files or the dict.
        dataset: Dataset name; None takes it from the files or the dict.
        config_files: YAML files; later ones take precedence.
        config: Settings that override the files; sections as dicts (``{"align": {"steps": 400}}``) or full names.
        settings: Settings as keyword arguments; they override ``config``.

    Returns:
        Metrics, checkpoints, sample reasons, and the folder of every stage's artifact.

    Raises:
        CURecError: A setting or the data cannot be used.
    """
    return _run(model, dataset, config_files, config or {}, settings)


def load_reasons(source: RunOrCheckpoint) -> pd.DataFrame:
    """The reasons of a run, one row per explained training interaction.

    Args:
        source: Result of :func:`run`, a checkpoint's path, or the folder of a ``correct`` artifact.

    Returns:
        Columns ``user``, ``item``, ``position``, ``text``, ``evidence`` (dict), ``rewards`` (dict), ``fault``
        (description of the first draft's fault), ``fault_kind``, ``outcome`` (result of the correction), ``draft`` and
        ``written_for`` (user id).

    Raises:
        CheckpointError: The run has written no reasons, or its artifacts are not where its settings say.
    """
    table = pd.read_parquet(_artifact(source, "correct", STORE) / STORE)
    table["evidence"] = [json.loads(text) for text in table["evidence"]]
    table["rewards"] = [json.loads(text) for text in table["rewards"]]
    table = table.rename(columns={"failure": "fault", "failure_kind": "fault_kind"})
    first = ["user", "item", "position", "text", "evidence", "rewards", "fault", "fault_kind", "outcome"]
    return table[[*first, "draft", "written_for"]]


def load_features(source: RunOrCheckpoint) -> FeatureStore:
    """The semantic vectors of a run, by original id.

    With ``describe.enabled`` the text of an item, from which its vector is made, holds a sentence that a language model
    wrote; the artifact ``describe`` of the run has it with its prompt.

    Args:
        source: Result of :func:`run`, a checkpoint's path, or the folder of an ``encode`` artifact.

    Raises:
        CheckpointError: The run has made no features, or its artifacts are not where its settings say.
    """
    return FeatureStore.load(_artifact(source, "encode", VECTORS))


class Reasoner(reasoner.Reasoner):
    """Writes, checks, corrects and scores reasons for any user and item.

    Its methods are those of :class:`recbole_curec.reasoner.Reasoner`.
    """

    _scratch: tempfile.TemporaryDirectory[str]

    @classmethod
    def load(cls, source: RunOrCheckpoint, *, engine: str | None = None) -> Reasoner | RatingReasoner:
        """The reasoner of a run: of RecCoT one that predicts ratings and says what they rest on.

        Args:
            source: Result of :func:`run`, or a checkpoint's path.
            engine: Name of the engine that runs the language model; the run's own engine by default. RecCoT needs none.

        Raises:
            CheckpointError: The run's artifacts are not where its settings say, or it wrote no reasons.
            ConfigurationError: The engine cannot run with these settings.
        """
        found = located(source)
        if found.config["model"] == RATING_MODEL:
            return RatingReasoner.load(checkpoint_of(source))
        return cls.over(found, engine)

    @classmethod
    def over(cls, found: Located, engine: str | None = None) -> Reasoner:
        """The reasoner over the artifacts of a run of CURec; see :meth:`load`."""
        missing = [name for name in ("collect", "reward", "reinforce") if name not in found.artifacts]
        if missing:
            raise CheckpointError(
                f"The run wrote no reasons (no '{missing[0]}' artifact): train with encode.reason_source: corrected."
            )
        settings = settings_of(found.config)
        chosen = ENGINE.entries(settings)[0] if engine is None else ENGINE.point.find(engine, "engine")
        chosen.check(settings)
        scratch = tempfile.TemporaryDirectory(prefix="curec-")
        made = cls.open(
            ReasonerParts(
                collect=undamaged(found.artifacts["collect"]),
                reward=undamaged(found.artifacts["reward"]),
                reinforce=undamaged(found.artifacts["reinforce"]),
                scratch=Path(scratch.name),
                settings=settings,
                engine=chosen,
                seed=settings.run.reason_seed,
                device=found.config["device"],
                statements=_statements(found) if settings.collect.evidence_statements else None,
            )
        )
        made._scratch = scratch  # removed with the reasoner: an engine may keep a copy of the model there
        return made


def _statements(found: Located) -> Path:
    """The folder of the statements that the evidence of a run quotes."""
    if "statements" not in found.artifacts:
        raise CheckpointError("The run has no 'statements' artifact: train it again.")
    return undamaged(found.artifacts["statements"])


@dataclass(frozen=True)
class Located:
    """A run's settings and the folders of its artifacts."""

    config: Any
    artifacts: Mapping[str, Path] = field(default_factory=dict)


def located(source: RunOrCheckpoint, data: LoadedData | None = None) -> Located:
    """The settings and artifacts of a run.

    Args:
        source: Result of :func:`run`, or a checkpoint's path.
        data: What was loaded from that path already.

    Raises:
        CheckpointError: An artifact is not where the settings say.
    """
    if isinstance(source, RunResult):
        return Located(source.config, source.artifacts)
    data = data or load_data(source)
    found = stage_artifacts(data.config, data.training)
    return Located(data.config, {name: artifact.needed_by(source) for name, artifact in found.items()})


def _artifact(source: RunOrCheckpoint, stage: str, file: str) -> Path:
    """The folder of one artifact: of a run or checkpoint, or ``source`` itself if it holds the file."""
    folder = None if isinstance(source, RunResult) else user_path("source", source)
    if folder is not None and (folder / file).is_file():
        return undamaged(folder) if (folder / MANIFEST).exists() else folder
    if folder is not None and folder.is_dir():
        raise CheckpointError(f"'{source}' holds no {file}: give the folder of a '{stage}' artifact, or a checkpoint.")
    artifacts = located(source).artifacts
    if stage not in artifacts:
        raise CheckpointError(
            f"The run has no '{stage}' artifact: it is not one of CURec with features, or it needed none of that stage."
        )
    return undamaged(artifacts[stage])


def undamaged(folder: Path) -> Path:
    """The folder of a finished artifact whose files are those its run wrote.

    Raises:
        CheckpointError: A file is missing or was altered.
    """
    stage, _, key = folder.name.rpartition("-")
    return Artifact(stage, key, folder.parent).undamaged() if stage else folder
