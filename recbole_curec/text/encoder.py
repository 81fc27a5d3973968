"""The interface of text encoders, which turn texts into vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.settings.entry import Entry

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings


@dataclass(frozen=True)
class EncoderRequest:
    """Arguments for preparing a text encoder.

    Attributes:
        name: Value of the setting ``encode.text_encoder``.
        texts: Every text that will be encoded, for encoders that are fitted.
        dim: Largest useful dimension, for encoders that can choose theirs.
        seed: Seed of every random choice.
        device: Device that models run on.
        folder: Folder of the artifact, in which a fitted encoder is saved.
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
        reads_language_model: Whether it needs the tuned language model of the run.
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
        """Additional parts of the fingerprint, such as a hash of a model folder."""
        return {}
