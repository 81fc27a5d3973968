"""What every text encoder does, and what it is made with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.extensions import Entry

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings


@dataclass(frozen=True)
class EncoderRequest:
    """What an encoder is made with.

    Attributes:
        name: What the setting ``encode.text_encoder`` says.
        texts: Every text that will be encoded, for encoders that are fitted.
        dim: Directions that are of use, for encoders that can choose.
        seed: Seed of every random choice.
        device: Where models run.
        folder: The artifact; an encoder that was fitted is saved there.
        language_model: Folder of the tuned language model, for encoders that read it.
        settings: Gives the encoder's own settings group by its class.
    """

    name: str
    texts: Sequence[str]
    dim: int
    seed: int
    device: torch.device
    folder: Path
    language_model: Path | None
    settings: Any


class TextEncoder(Entry, ABC):
    """Turns texts into vectors.

    Attributes:
        reads_language_model: Whether it needs the language model that the run has tuned.
    """

    reads_language_model: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def prepare(cls, request: EncoderRequest) -> TextEncoder:
        """Fit or load the encoder.

        Raises:
            ConfigurationError: It cannot be loaded.
        """

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""

    @classmethod
    def contents(cls, settings: Settings) -> Mapping[str, Any]:
        """What its vectors depend on beyond its settings, such as the contents of a model folder."""
        return {}
