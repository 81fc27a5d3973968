"""A small dataset of reviews, and settings with which RecCoT's stages run over it in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recbole_curec.plugin.config import load_config
from tests.atomic_dataset import AtomicDataset

HEADER = "user_id:token item_id:token rating:float timestamp:float summary:token_seq review:token_seq"
FAST: dict[str, Any] = {
    "tiny": {"hidden_size": 32, "layers": 1, "vocab_size": 512},
    "llm": {"max_prompt_tokens": 128, "max_reason_tokens": 32},
    "align": {"steps": 4, "batch_size": 4, "save_steps": 2},
    "reinforce": {
        "steps": 2, "prompts": 2, "generations": 2, "save_steps": 1, "probe_prompts": 4, "watch_prompts": 2,
    },
    "generate.batch_size": 32,
    "embed": {
        "epochs": 1, "dim": 8, "aspect_dim": 4, "word_dim": 4, "hidden_size": 32, "layers": 1, "vocab_size": 400,
        "max_tokens": 48,
    },
    "reccot": {"hidden_size": 8, "review_history": 4},
    "epochs": 2, "train_batch_size": 64, "show_progress": False, "state": "ERROR", "num_threads": 1,
}  # fmt: skip
GOOD, BAD = "great tone and easy to play", "the cable broke after a week"
HELD_OUT = "zebrafinch"
USERS, REVIEWS = 10, 6


def rows(held_out: str = HELD_OUT) -> list[tuple[Any, ...]]:
    """Six reviews of every user in time order; the last two, which are held out, hold a word of their own."""
    found = []
    for user in range(USERS):
        for time in range(REVIEWS):
            rating = 1 + (user + 2 * time) % 5
            mood = GOOD if rating > 3 else BAD
            last = time >= REVIEWS - 2
            word = f" {held_out}" if last else ""
            rating = (rating + len(held_out)) % 5 + 1 if last else rating
            text = f"It has {mood} in my hands{word}, number {user} of {time}."
            found.append((f"u{user}", f"i{(user + time) % 8}", rating, 100 * time + user, f"Told {user}{word}", text))
    return found


def write(folder: Path, table: list[tuple[Any, ...]]) -> AtomicDataset:
    """The dataset as files, with a title per item."""
    data = AtomicDataset(folder, "told")
    data.write("inter", HEADER, table)
    data.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Strap {k}") for k in range(8)])
    return data


def config_of(folder: Path, data: AtomicDataset, model: str = "RecCoT", **given: Any) -> Any:
    """The config of a run whose files lie below a folder."""
    places = {"data_path": str(data.root), "checkpoint_dir": str(folder / "saved"), "run.log_dir": str(folder / "log")}
    return load_config(model, data.name, [], {**FAST, **places, **given})
