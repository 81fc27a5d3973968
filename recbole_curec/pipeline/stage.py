"""The interface of a stage: the inputs it declares, the job it is given, and the result it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch

from recbole_curec.errors import UndeclaredReadError
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.settings.choices import Choice
from recbole_curec.settings.entry import Entry
from recbole_curec.settings.group import G, SettingsGroup
from recbole_curec.settings.settings import Settings


class Source(Protocol):
    """The data behind a pipeline, read by the stages that declare it."""

    def fingerprint(self) -> dict[str, Any]:
        """Plain data that identifies the content of the source, independent of file names."""


@dataclass(frozen=True)
class Workspace:
    """Folders, seed and device of one execution of a stage.

    Attributes:
        folder: Folder for the files of the artifact.
        scratch: Folder for checkpoints; it may still hold those of an interrupted run.
        seed: Seed of every random choice.
        device: Device that models run on.
        show_progress: Whether progress bars are drawn.
    """

    folder: Path
    scratch: Path
    seed: int
    device: torch.device
    show_progress: bool = True


class StageSettings:
    """The settings groups and extension entries that a stage declares; reading any other raises an error.

    Args:
        settings: All settings.
        stage: The stage.
    """

    def __init__(self, settings: Settings, stage: Stage) -> None:
        self._settings, self._stage = settings, stage.name
        self._groups, self._choices = stage.groups(settings), stage.choices

    def of(self, group: type[G]) -> G:
        """The settings of one group.

        Raises:
            UndeclaredReadError: The stage does not declare the group.
        """
        if group not in self._groups:
            raise UndeclaredReadError(
                f"Stage '{self._stage}' reads the settings of '{group.section}' and does not declare them: add "
                f"{group.__name__} to its settings."
            )
        return self._settings.of(group)

    def entry(self, choice: Choice) -> type[Any]:
        """The one entry that the settings choose at an extension point; :meth:`of` gives its own settings."""
        return self.entries(choice)[0]

    def entries(self, choice: Choice) -> list[type[Any]]:
        """All entries that the settings choose at an extension point.

        Raises:
            UndeclaredReadError: The stage does not declare this choice.
        """
        if choice not in self._choices:
            kind = choice.point.kind
            article = "an" if kind[0] in "aeiou" else "a"
            raise UndeclaredReadError(
                f"Stage '{self._stage}' takes {article} {kind} and does not declare it: add it to its choices."
            )
        return choice.entries(self._settings)


class StageInputs(Mapping[str, Path]):
    """Folders of the upstream artifacts that a stage declares, by stage name; reading any other raises an error."""

    def __init__(self, folders: Mapping[str, Path], stage: str) -> None:
        self._folders, self._stage = dict(folders), stage

    def __getitem__(self, name: str) -> Path:
        if name not in self._folders:
            raise UndeclaredReadError(
                f"Stage '{self._stage}' reads the artifact of '{name}' and does not declare it: add it to its inputs."
            )
        return self._folders[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


@dataclass(frozen=True)
class Job:
    """Everything the runner gives to a stage, limited to the inputs that the stage declares.

    Attributes:
        workspace: Folders, seed and device.
        settings: Settings of the stage.
        inputs: Folders of its upstream artifacts.
    """

    workspace: Workspace
    settings: StageSettings
    inputs: StageInputs
    _source: Source | None = None
    _stage: str = ""

    @property
    def source(self) -> Any:
        """The pipeline's data.

        Raises:
            UndeclaredReadError: The stage does not declare ``reads_source``.
        """
        if self._source is None:
            raise UndeclaredReadError(
                f"Stage '{self._stage}' reads the source and does not declare it: set reads_source=True."
            )
        return self._source


@dataclass(frozen=True)
class StageResult:
    """Result of a stage: a one-line summary for the log, and figures for ``run.json``."""

    summary: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One stage of a pipeline.

    Attributes:
        name: Name of the stage and of its artifact.
        run: Function that makes the artifact.
        settings: Settings groups it reads.
        choices: Extension points it takes entries from; it may read the settings of the chosen entries too.
        inputs: Names of the stages whose artifacts it reads; a function of the settings where they decide.
        reads_source: Whether it reads the pipeline's data.
        revision: Version of the code, to be raised when a change alters results; part of the fingerprint.
        resolved: Computes further parts of the fingerprint: contents of a folder that a setting names, or a number
            format chosen from the device.
        precondition: Raises an error where earlier artifacts do not allow the stage; called in every run, before the
            stage starts or is reused.
        distributed: Whether it runs on every process of the run rather than only on the first.
    """

    name: str
    run: Callable[[Job], StageResult]
    settings: tuple[type[SettingsGroup], ...] = ()
    choices: tuple[Choice, ...] = ()
    inputs: tuple[str, ...] | Callable[[Settings], tuple[str, ...]] = ()
    reads_source: bool = False
    revision: int = 1
    resolved: Callable[[Settings, torch.device], Mapping[str, Any]] | None = None
    precondition: Callable[[Settings, Mapping[str, Artifact]], None] | None = None
    distributed: bool = False

    def inputs_for(self, settings: Settings) -> tuple[str, ...]:
        """Names of the stages whose artifacts it reads under these settings."""
        return self.inputs(settings) if callable(self.inputs) else self.inputs

    def entries(self, settings: Settings) -> list[type[Entry]]:
        """The entries it takes from extension points."""
        return [entry for choice in self.choices for entry in choice.entries(settings)]

    def groups(self, settings: Settings) -> tuple[type[SettingsGroup], ...]:
        """The settings groups it may read: its own, and those of its chosen entries."""
        own = [group for entry in self.entries(settings) for group in entry.settings_groups]
        return tuple(dict.fromkeys([*self.settings, *own]))

    def fingerprint_parts(self, settings: Settings, device: torch.device) -> dict[str, Any]:
        """Everything its artifact depends on, except upstream artifacts and data."""
        parts: dict[str, Any] = {
            "revision": self.revision,
            "settings": {
                group.section: settings.of(group).fingerprint_fields()
                for group in self.groups(settings)
                if group.applies(settings)
            },
            "entries": {f"{entry.__module__}:{entry.__qualname__}": entry.revision for entry in self.entries(settings)},
        }
        if self.resolved is not None:
            parts["resolved"] = dict(self.resolved(settings, device))
        return parts
