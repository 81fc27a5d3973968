"""The small runs that faults are tried on, and their data: a cut of the toy data set ``reviews``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATASET = "few"
_SOURCE = Path(__file__).parents[2] / "dataset" / "reviews"
_USERS = 25
_FLOORS = {"auc": 0.0, "another_user": 0.0, "another_item": 0.0, "shuffled": 0.0}
_CUREC: dict[str, Any] = {
    "tiny": {"hidden_size": 32, "layers": 1, "vocab_size": 400},
    "llm.max_reason_tokens": 24,
    "align": {"steps": 8, "batch_size": 8, "save_steps": 2},
    "reward": {"positives": 24, "base_epochs": 1, "epochs": 2, "text_dim": 8, "hidden_size": 8, "probes": 2},
    "guard": {"floors": _FLOORS, "calibration_ceiling": 1.0},
    "reinforce": {
        "steps": 4, "prompts": 2, "generations": 2, "save_steps": 1, "probe_prompts": 4, "watch_prompts": 2,
    },
    "select.reasons_per_item": 1, "correct": {"rounds": 1, "candidates": 1}, "generate.batch_size": 8,
    "encode.feature_dim": 8,
    "epochs": 3, "hidden_size": 16, "inner_size": 16, "n_layers": 1, "n_heads": 1,
}  # fmt: skip
_RECCOT: dict[str, Any] = {
    "tiny": {"hidden_size": 32, "layers": 1, "vocab_size": 512},
    "llm.max_prompt_tokens": 128, "llm.max_reason_tokens": 32,
    "align": {"steps": 4, "batch_size": 4, "save_steps": 1},
    "reinforce": {
        "steps": 2, "prompts": 2, "generations": 2, "save_steps": 1, "probe_prompts": 4, "watch_prompts": 2,
    },
    "generate.batch_size": 32,
    "embed": {
        "epochs": 1, "dim": 8, "aspect_dim": 4, "word_dim": 4, "hidden_size": 32, "layers": 1, "vocab_size": 400,
        "max_tokens": 48,
    },
    "reccot": {"hidden_size": 8, "review_history": 4}, "epochs": 3, "train_batch_size": 64,
}  # fmt: skip


@dataclass(frozen=True)
class System:
    """One small run.

    Attributes:
        name: Its name in tables.
        model: The RecBole model.
        settings: Its settings, beside the defaults.
    """

    name: str
    model: str
    settings: dict[str, Any] = field(default_factory=dict)

    def arguments(self, **more: Any) -> list[str]:
        """Arguments of ``curec run`` in a folder of its own beside the data; paths are relative, so alike everywhere.

        Args:
            more: Further settings.
        """
        given = {**self.settings, **more, "show_progress": False, "num_threads": 1}
        return [
            f"--model={self.model}",
            f"--dataset={DATASET}",
            "--data_path=../data",
            "--checkpoint_dir=saved",
            "--run.log_dir=log",
            *(f"--{name}={_text(value)}" for name, value in given.items()),
        ]


CUREC = System("CURec", "CURec", {**_CUREC, "rank.use": "on"})
RECCOT = System("RecCoT", "RecCoT", _RECCOT)
STATEMENTS = System(
    "CURec, statements", "CURec", {**_CUREC, "collect.evidence_statements": 2, "encode.statements": True}
)
DESCRIBE = System(
    "CURec, describe",
    "CURec",
    {**_CUREC, "llm.name": "../llm", "describe": {"enabled": True, "max_tokens": 16}, "encode.reason_source": "none"},
)
SYSTEMS = (CUREC, RECCOT, STATEMENTS, DESCRIBE)


def write_data(folder: Path) -> None:
    """Write the data and the small language model that ``describe`` asks."""
    target = folder / "data" / DATASET
    target.mkdir(parents=True, exist_ok=True)
    head, *rows = (_SOURCE / "reviews.inter").read_text(encoding="utf-8").splitlines(keepends=True)
    few = [row for row in rows if int(row.split("\t")[0].removeprefix("u")) <= _USERS]
    (target / f"{DATASET}.inter").write_text("".join([head, *few]), encoding="utf-8")
    items = (_SOURCE / "reviews.item").read_text(encoding="utf-8")
    (target / f"{DATASET}.item").write_text(items, encoding="utf-8")
    _write_language_model(folder / "llm", [row.split("\t")[-1] for row in few])


def _write_language_model(folder: Path, texts: list[str]) -> None:
    """Save an untrained language model as a user's own would be saved."""
    from recbole_curec.llm.tiny_model import build_tiny
    from recbole_curec.settings.sections import TinySettings

    model, tokenizer = build_tiny(texts, [], TinySettings(hidden_size=32, layers=1, vocab_size=400), 1024, 0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
