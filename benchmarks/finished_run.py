"""A run's stages, made or reused, and what their parts are opened with: for benchmarks of what stages are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from recbole.utils import init_seed

from recbole_curec.data.collected import Collected
from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.plugin.datasets import CURecDataset
from recbole_curec.plugin.features import run_stages
from recbole_curec.reasoner import Reasoner, ReasonerParts
from recbole_curec.reasons.store import STORE, ReasonRecord, read_records
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of


@dataclass(frozen=True)
class FinishedRun:
    """The artifacts of stages 1 to 6.

    Attributes:
        config: RecBole's config.
        artifacts: Every stage's artifact.
        collected: What stage 1 collected.
        scratch: Where parts keep files while they are measured.
        seed: Seed of what is measured.
        device: Where models run.
    """

    config: Any
    artifacts: Mapping[str, Artifact]
    collected: Collected
    scratch: Path
    seed: int
    device: torch.device

    @classmethod
    def of(cls, config: Any, scratch: Path, seed: int, device: torch.device) -> FinishedRun:
        """Run the stages of a config of ``CURec`` that are not there yet."""
        init_seed(config["seed"], config["reproducibility"])
        artifacts = run_stages(config, CURecDataset(config).build()[0].train_history())
        return cls(config, artifacts, Collected.load(artifacts["collect"].folder), scratch, seed, device)

    @property
    def settings(self) -> Settings:
        """The run's settings."""
        return settings_of(self.config)

    @property
    def records(self) -> list[ReasonRecord]:
        """The reasons that stage 5 stored."""
        return read_records(self.artifacts["correct"].folder / STORE)

    def changed(self, **sections: Mapping[str, Any]) -> Settings:
        """The run's settings with some others, by section."""
        given = {f"{section}.{name}": value for section, fields in sections.items() for name, value in fields.items()}
        return Settings.from_mapping({**self.config.final_config_dict, **given})

    def workspace(self, name: str) -> Workspace:
        """A place of its own for something that trains."""
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return Workspace(folder=folder, scratch=folder, seed=self.seed, device=self.device, show_progress=False)

    def engine(self, name: str, settings: Settings, weights: Path | None = None, model: str = "reinforce") -> Engine:
        """The engine that the settings choose, over the model that RL left or another one.

        Args:
            name: Name of the folder where it may keep files.
            settings: The settings.
            weights: Folder of the other model.
            model: What made the model.
        """
        (chosen,) = ENGINE.entries(settings)
        request = EngineRequest(
            weights=weights or self.artifacts["reinforce"].folder,
            model=model,
            scratch=self.workspace(name).scratch,
            seed=self.seed,
            device=self.device,
            settings=settings,
        )
        opened: Engine = chosen.open(request)
        return opened

    def reasoner(self) -> Reasoner:
        """What stage 5 wrote and corrected with."""
        (engine,) = ENGINE.entries(self.settings)
        return Reasoner.open(
            ReasonerParts(
                collect=self.artifacts["collect"].folder,
                reward=self.artifacts["reward"].folder,
                reinforce=self.artifacts["reinforce"].folder,
                scratch=self.workspace("reasoner").scratch,
                settings=self.settings,
                engine=engine,
                seed=self.settings.run.reason_seed,
                device=self.device,
            )
        )
