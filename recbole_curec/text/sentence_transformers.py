"""``text_encoder: <path or hub name>``: any sentence-transformers model."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENCODERS
from recbole_curec.llm.identity import model_contents
from recbole_curec.llm.name import check_near
from recbole_curec.llm.pretrained import WITHOUT_WEIGHTS, check_report, expanded, reason_of
from recbole_curec.settings.choices import SENTENCE_TRANSFORMERS
from recbole_curec.text.encoder import EncoderRequest, TextEncoder

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings

# The head over the first token, which many checkpoints lack and mean pooling does not read.
_UNREAD = "pooler."
# One of these is in every folder of a model; without it, every file below the folder would be hashed first.
_DESCRIBED_BY = ("modules.json", "config.json")
# What names the model, unless another setting does.
_SETTING = "encode.text_encoder"
# Device of a model without weights.
_NO_WEIGHTS = "meta"


@ENCODERS.register
class SentenceEncoder(TextEncoder):
    """A sentence-transformers model by path or hub name.

    Args:
        name: Path or hub name.
        device: Where it runs.
        setting: What named it, for messages.

    Raises:
        ConfigurationError: It cannot be loaded, or the package is missing.
    """

    name: ClassVar[str] = SENTENCE_TRANSFORMERS

    def __init__(self, name: str, device: torch.device, setting: str = _SETTING) -> None:
        self._model = _load(name, str(device), setting)

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check that the package is installed, that a path leads to a model, and that no word is misspelt."""
        name = settings.encode.text_encoder
        path = Path(name).expanduser()
        if name == SENTENCE_TRANSFORMERS or (name.startswith((".", "~", "/")) and not path.is_dir()):
            raise ConfigurationError(
                f"encode.text_encoder={name!r} names no model: give 'lsa', 'llm', or the folder or hub name of a "
                "sentence-transformers model."
            )
        check_near(name, [word for word in ENCODERS.entries() if word != SENTENCE_TRANSFORMERS], "encode.text_encoder")
        _check_package(name)
        if path.is_dir() and not any((path / file).is_file() for file in _DESCRIBED_BY):
            raise ConfigurationError(
                f"encode.text_encoder={name!r} holds no {' or '.join(_DESCRIBED_BY)}: give the folder of a "
                "sentence-transformers model."
            )

    @classmethod
    def check_files(cls, settings: Settings) -> None:
        """Check that the model can be loaded, without reading its weights."""
        _load(settings.encode.text_encoder, _NO_WEIGHTS)

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


def _check_package(name: str, setting: str = _SETTING) -> None:
    if importlib.util.find_spec("sentence_transformers") is None:
        others = "'lsa' or 'llm'" if setting == _SETTING else "'lsa'"
        raise ConfigurationError(
            f"{setting}={name!r} needs sentence-transformers: pip install sentence-transformers, or use {others}."
        )


def _load(name: str, device: str, setting: str = _SETTING) -> Any:
    """A sentence-transformers model whose weights are all there; transformers draws what is missing at random."""
    _check_package(name, setting)
    from sentence_transformers import SentenceTransformer

    asked = f"{setting}={name!r}"
    options: dict[str, Any] = {"ignore_mismatched_sizes": True}  # reported below instead, with names
    if device == _NO_WEIGHTS:
        options |= WITHOUT_WEIGHTS
    try:
        model = SentenceTransformer(expanded(name), device=device, trust_remote_code=False, model_kwargs=options)
        reports = [
            _report(module.auto_model, place)
            for module, place in zip(model, _places(expanded(name)), strict=False)
            if hasattr(module, "auto_model")
        ]
    except Exception as error:  # whatever the readers of JSON, safetensors, pickles and modules raise
        raise ConfigurationError(f"{asked} cannot be loaded: {reason_of(error)}.") from error
    for report in reports:
        check_report(report, asked)
    return model


def _places(source: str) -> list[str]:
    """Subfolder of every module of a model; a plain transformers model is one module without subfolder."""
    from sentence_transformers.util import load_file_path

    path = load_file_path(source, "modules.json")
    return [""] if path is None else [entry["path"] for entry in json.loads(Path(path).read_text(encoding="utf-8"))]


def _report(model: Any, place: str) -> dict[str, Any]:
    """What is missing from the weights of a module, or left over in them and not the head of another task."""
    found: dict[str, Any]
    _, found = type(model).from_pretrained(
        model.config._name_or_path,
        config=model.config,
        subfolder=place,
        trust_remote_code=False,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
        **WITHOUT_WEIGHTS,
    )
    return without_unread_parts(model, found)


def without_unread_parts(model: Any, report: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a loading without what may differ: a missing pooler, and left-over heads of another task."""
    parts = {name for name, _ in model.named_children()}
    unexpected = [key for key in report["unexpected_keys"] if key.partition(".")[0] in parts]
    missing = [key for key in report["missing_keys"] if not key.startswith(_UNREAD)]
    return {**report, "unexpected_keys": unexpected, "missing_keys": missing}
