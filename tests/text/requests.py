"""What a text encoder is prepared with, in tests."""

from __future__ import annotations

from pathlib import Path

import torch

from recbole_curec.settings.settings import Settings
from recbole_curec.text.encoder import EncoderRequest

TEXTS = [
    '"Heat" crime',
    '"Fargo" crime snow',
    "animation for children",
    "children and toys",
    "space war",
    "war in space",
]


def request_for(
    name: str, folder: Path, language_model: Path | None = None, texts: list[str] = TEXTS, seed: int = 0
) -> EncoderRequest:
    """What the stage ``encode`` hands over where ``encode.text_encoder`` says ``name``."""
    folder.mkdir(parents=True, exist_ok=True)
    return EncoderRequest(
        name=name, texts=texts, dim=4, seed=seed, device=torch.device("cpu"), folder=folder,
        language_model=language_model, settings=Settings.from_mapping({"encode.text_encoder": name}),
    )  # fmt: skip
