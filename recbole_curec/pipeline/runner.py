"""The runner: computes the fingerprints of a list of stages and runs those whose artifacts do not exist yet."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from recbole_curec.atomic_write import is_disk_full
from recbole_curec.errors import DataError, DiskFullError
from recbole_curec.hardware import package_versions, peak_memory_mib, release_memory
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.pipeline.stage import Job, Source, Stage, StageInputs, StageResult, StageSettings, Workspace
from recbole_curec.processes import broadcast, on_main, world
from recbole_curec.settings.settings import Settings

logger = logging.getLogger(__name__)


class Pipeline:
    """Stages in order over one source of data.

    Args:
        stages: The stages; each reads only artifacts of earlier ones.
        source: The data.
        numbered_to: Total number of stages shown in log lines, where further stages run outside this pipeline.
        others: The data of stages that read other data, by their names.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        source: Source,
        numbered_to: int | None = None,
        others: Mapping[str, Source] | None = None,
    ) -> None:
        self.stages, self._source, self._others = tuple(stages), source, dict(others or {})
        self._last = numbered_to or len(self.stages)
        known: set[str] = set()
        for stage in self.stages:
            if stage.name in known:
                raise ValueError(f"Two stages are named '{stage.name}'.")
            known.add(stage.name)

    def needed(self, settings: Settings, targets: Sequence[str] | None = None) -> list[Stage]:
        """The stages whose artifacts the targets depend on, in order.

        Args:
            settings: All settings; the inputs of a stage may depend on them.
            targets: Names of stages; None stands for the last stage.
        """
        by_name = {stage.name: stage for stage in self.stages}
        wanted = list(targets) if targets is not None else [self.stages[-1].name]
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name not in found:
                found.add(name)
                wanted += by_name[name].inputs_for(settings)
        return [stage for stage in self.stages if stage.name in found]

    def plan(
        self, settings: Settings, root: Path, device: torch.device, targets: Sequence[str] | None = None
    ) -> dict[str, Artifact]:
        """The artifact of every needed stage, by name.

        A fingerprint covers the stage's revision, the settings it declares, the contents of models that these name,
        and its upstream artifacts.
        """
        artifacts: dict[str, Artifact] = {}
        for stage in self.needed(settings, targets):
            parts = stage.fingerprint_parts(settings, device)
            parts["inputs"] = {name: artifacts[name].key for name in stage.inputs_for(settings)}
            if stage.reads_source:
                parts["data"] = self._source_of(stage).fingerprint()
            else:
                parts["seed"] = settings.run.reason_seed
            artifacts[stage.name] = Artifact(stage.name, fingerprint(parts), root)
        return artifacts

    def run(
        self,
        settings: Settings,
        root: Path,
        device: torch.device,
        targets: Sequence[str] | None = None,
        *,
        show_progress: bool = True,
        before_making: Callable[[], None] | None = None,
    ) -> dict[str, Artifact]:
        """Make missing artifacts, reuse existing ones, and return all by stage name.

        Args:
            settings: All settings.
            root: Folder of the artifacts.
            device: Device that models run on.
            targets: See :meth:`needed`.
            show_progress: Whether progress bars are drawn.
            before_making: Called before the first stage, if an artifact is to be made.

        Raises:
            CURecError: A stage cannot run, or the disk is full.
        """
        artifacts = self.plan(settings, root, device, targets)
        check_same_data(artifacts)
        if before_making is not None and not all(artifact.folder.is_dir() for artifact in artifacts.values()):
            before_making()
        for number, stage in enumerate(self.stages, 1):
            if stage.name in artifacts:
                title = f"[{number}/{self._last}] {stage.name}"
                self._ensure(stage, title, artifacts, settings, device, show_progress)
        return artifacts

    def _source_of(self, stage: Stage) -> Source:
        return self._others.get(stage.name, self._source)

    def _ensure(
        self,
        stage: Stage,
        title: str,
        artifacts: Mapping[str, Artifact],
        settings: Settings,
        device: torch.device,
        show_progress: bool,
    ) -> None:
        if stage.precondition:
            stage.precondition(settings, artifacts)
        artifact = artifacts[stage.name]
        if self._reused(artifact, title):
            return
        # The lock is held only while an artifact is made: other runs may read finished ones meanwhile.
        with artifact.locked() if world().is_main else contextlib.nullcontext(), _reporting_full_disk(artifact.root):
            if self._reused(artifact, title):  # another run made it in the meantime
                return
            logger.info("%s: %s", title, "continued" if artifact.partial.is_dir() else "started")
            on_main(artifact.open)
            job = self._job(stage, artifacts, settings, device, show_progress)
            began = time.perf_counter()

            def close(result: StageResult) -> None:
                seconds = time.perf_counter() - began
                artifact.close(_facts(stage, artifacts, settings, result, seconds))
                logger.info("%s: %s (%.0f s)", title, result.summary, seconds)

            if stage.distributed:
                result = stage.run(job)
                on_main(lambda: close(result))
            else:
                on_main(lambda: close(stage.run(job)))
        release_memory()

    @staticmethod
    def _reused(artifact: Artifact, title: str) -> bool:
        complete = broadcast("complete" if on_main(artifact.is_complete) else "missing") == "complete"
        if complete:
            logger.info("%s: reused (%s)", title, artifact.manifest()["summary"])
        return complete

    def _job(
        self,
        stage: Stage,
        artifacts: Mapping[str, Artifact],
        settings: Settings,
        device: torch.device,
        show_progress: bool,
    ) -> Job:
        artifact = artifacts[stage.name]
        return Job(
            workspace=Workspace(
                folder=artifact.partial,
                scratch=artifact.scratch,
                seed=settings.run.reason_seed,
                device=device,
                show_progress=show_progress and world().is_main,
            ),
            settings=StageSettings(settings, stage),
            inputs=StageInputs({name: artifacts[name].folder for name in stage.inputs_for(settings)}, stage.name),
            _source=self._source_of(stage) if stage.reads_source else None,
            _stage=stage.name,
        )


def _facts(
    stage: Stage, artifacts: Mapping[str, Artifact], settings: Settings, result: StageResult, seconds: float
) -> dict[str, Any]:
    return {
        "summary": result.summary,
        "figures": result.figures,
        "revision": stage.revision,
        "settings": {group.section: settings.of(group).public_fields() for group in stage.groups(settings)},
        "inputs": {name: artifacts[name].key for name in stage.inputs_for(settings)},
        "seed": settings.run.reason_seed,
        "packages": package_versions(),
        "wall_seconds": round(seconds, 1),
        "peak_memory_mib": peak_memory_mib(),
    }


@contextlib.contextmanager
def _reporting_full_disk(root: Path) -> Iterator[None]:
    """Turn the various errors that libraries raise on a full disk into one ``DiskFullError``."""
    try:
        yield
    except Exception as error:
        if is_disk_full(error, root) and not isinstance(error, DiskFullError):
            raise DiskFullError(root) from error
        raise


def check_same_data(artifacts: Mapping[str, Artifact]) -> None:
    """Check that all processes read the same data and settings; otherwise they would train on a mixture.

    Raises:
        DataError: The fingerprints differ between processes.
    """
    mine = json.dumps({name: artifact.key for name, artifact in artifacts.items()})
    if broadcast(mine) != mine:
        raise DataError(
            f"Rank {world().rank} reads other data or settings than rank 0: start all with the same arguments "
            "over the same files."
        )
