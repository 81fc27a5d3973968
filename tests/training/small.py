"""A training of a few steps, of a model small enough for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from trl import GRPOConfig, SFTConfig

from recbole_curec.llm.loading import save_model
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.settings.settings import Settings
from recbole_curec.training.grpo import grpo_arguments
from recbole_curec.training.sft import sft_arguments

TEXTS = ["History: none Target: facts", "<think> a</think> you may like it because it is popular."]
SMALL = {
    "tiny.hidden_size": 32, "tiny.layers": 1, "tiny.vocab_size": 384, "lora.rank": 2,
    "llm.dtype": "float32", "llm.max_prompt_tokens": 64, "llm.max_reason_tokens": 16,
    "align.steps": 2, "align.batch_size": 2, "align.save_steps": 1,
    "reinforce.steps": 2, "reinforce.prompts": 2, "reinforce.generations": 2, "reinforce.save_steps": 1,
    "reinforce.beta": 0.1,
}  # fmt: skip
LONGEST = 64 + 16


@dataclass(frozen=True)
class Training:
    """One training.

    Attributes:
        settings: All settings.
        workspace: Where it works.
    """

    settings: Settings
    workspace: Workspace

    @property
    def folder(self) -> Path:
        return self.workspace.folder

    @property
    def scratch(self) -> Path:
        return self.workspace.scratch

    @property
    def sft(self) -> SFTConfig:
        return sft_arguments(self.settings.align, self.settings.llm, self.workspace)

    def grpo(self, *weights: float) -> GRPOConfig:
        return grpo_arguments(self.settings.reinforce, self.settings.llm, self.workspace, list(weights))


def small_training(folder: Path, **given: Any) -> Training:
    """A training below a folder; settings under full names take the place of the small ones."""
    (folder / "scratch").mkdir(parents=True)
    workspace = Workspace(folder, folder / "scratch", seed=3, device=torch.device("cpu"), show_progress=False)
    return Training(Settings.from_mapping({**SMALL, **given}), workspace)


def save_small(folder: Path, terms: Sequence[str] = ()) -> Path:
    """A small model on disk."""
    model, tokenizer = build_tiny(TEXTS, terms, Settings.from_mapping(SMALL).tiny, LONGEST, 0)
    save_model(model, tokenizer, folder, None)
    return folder
