"""``text_encoder: <path or hub name>``: any sentence-transformers model."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENCODERS
from recbole_curec.llm.identity import model_contents
from recbole_curec.settings.choices import SENTENCE_TRANSFORMERS
from recbole_curec.text.encoder import EncoderRequest, TextEncoder

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings


@ENCODERS.register
class SentenceEncoder(TextEncoder):
    """A sentence-transformers model by path or hub name.

    Args:
        name: Path or hub name.
        device: Where it runs.

    Raises:
        ConfigurationError: It cannot be loaded, or the package is missing.
    """

    name: ClassVar[str] = SENTENCE_TRANSFORMERS

    def __init__(self, name: str, device: torch.device) -> None:
        _check_package(name)
        from sentence_transformers import SentenceTransformer

        path = Path(name).expanduser()
        try:
            self._model = SentenceTransformer(str(path) if path.exists() else name, device=str(device))
        except (OSError, ValueError) as error:
            first_line = str(error).strip().splitlines()[0]
            raise ConfigurationError(f"encode.text_encoder={name!r} cannot be loaded: {first_line}") from error

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check that the package is installed and that a path leads to a model."""
        name = settings.encode.text_encoder
        path = Path(name).expanduser()
        if name == SENTENCE_TRANSFORMERS or (name.startswith((".", "~", "/")) and not path.is_dir()):
            raise ConfigurationError(
                f"encode.text_encoder={name!r} names no model: give 'lsa', 'llm', or the folder or hub name of a "
                "sentence-transformers model."
            )
        _check_package(name)

    @classmethod
    def prepare(cls, request: EncoderRequest) -> SentenceEncoder:
        """Load the model that the setting names."""
        return cls(request.name, request.device)

    @classmethod
    def contents(cls, settings: Settings) -> Mapping[str, Any]:
        """Contents of the model's folder, or the commit of its hub repository."""
        return model_contents(settings.encode.text_encoder, None, "encode.text_encoder")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""
        vectors = self._model.encode(list(texts), show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)


def _check_package(name: str) -> None:
    if importlib.util.find_spec("sentence_transformers") is None:
        raise ConfigurationError(
            f"encode.text_encoder={name!r} needs sentence-transformers: pip install sentence-transformers, or use "
            "'lsa' or 'llm'."
        )
