"""Language models in the form that CTranslate2 reads, from a folder or from memory."""

from __future__ import annotations

import copy
import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import GenerationConfig, PreTrainedTokenizerBase

from recbole_curec.errors import in_one_line
from recbole_curec.llm.head import unwrapped
from recbole_curec.llm.loading import BaseModel, checked_generation, load_tokenizer, merged, save_merged


class NotConvertible(Exception):  # noqa: N818 - caught where an engine is opened, never shown to the user
    """CTranslate2 does not support the architecture of the language model."""


def convert(folder: Path, target: Path, compute_type: str) -> GenerationConfig:
    """Convert the model of an artifact; an adapter is merged into its base first.

    Args:
        folder: Folder written by :func:`~recbole_curec.llm.loading.save_model`.
        target: Folder for the converted model.
        compute_type: ``float32`` or ``int8``.

    Returns:
        The model's generation settings.

    Raises:
        NotConvertible: CTranslate2 does not support the architecture.
    """
    generation = checked_generation(folder)  # the converter reads the weights without a report
    if BaseModel.read(folder) is None:
        _convert(folder, target, compute_type)
        return generation
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="merged-") as merged:
        save_merged(folder, Path(merged))
        _convert(Path(merged), target, compute_type)
    return generation


def convert_in_memory(
    model: Any, tokenizer: PreTrainedTokenizerBase, target: Path, compute_type: str
) -> GenerationConfig:
    """Convert a copy of a model in memory, such as one in training; an adapter is merged into the copy.

    Args:
        model: Causal language model or adapter without a trainer's wrappers.
        tokenizer: Its tokenizer.
        target: Folder for the converted model.
        compute_type: ``float32`` or ``int8``.

    Returns:
        The model's generation settings.

    Raises:
        NotConvertible: CTranslate2 does not support the architecture, or the base is quantized.
    """
    if getattr(unwrapped(model), "is_quantized", False):  # an adapter cannot be merged into so few bits
        raise NotConvertible("its base is quantized")
    whole = merged(copy.deepcopy(model)).cpu()
    generation: GenerationConfig = whole.generation_config
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="configuration-") as folder:
            whole.config.save_pretrained(folder)
            _convert(Path(folder), target, compute_type, whole, tokenizer)
    finally:
        # A trainer's forward method makes a cycle of the copy, which would keep its weights until garbage is collected.
        whole.to("meta")
    return generation


def _convert(
    folder: Path,
    target: Path,
    compute_type: str,
    model: Any = None,
    tokenizer: PreTrainedTokenizerBase | None = None,
) -> None:
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]
        """Takes a model and a tokenizer that are in memory, in place of those of the folder."""

        def load_model(self, *args: Any, **kwargs: Any) -> Any:
            return super().load_model(*args, **kwargs) if model is None else model

        def load_tokenizer(self, *args: Any, **kwargs: Any) -> Any:
            return load_tokenizer(folder) if tokenizer is None else tokenizer

    try:
        with _old_objects_kept():
            Converter(str(folder), trust_remote_code=False).convert(
                str(target), quantization=None if compute_type == "float32" else compute_type
            )
    except (ValueError, NotImplementedError) as error:  # raised for unknown architectures and unknown parts of one
        raise NotConvertible(in_one_line(str(error).partition("(supported")[0])) from error


@contextmanager
def _old_objects_kept() -> Iterator[None]:
    """Keep the collections of garbage that the converter asks for, one per layer, from going through all objects."""
    if gc.get_freeze_count():  # somebody else's, which would be undone
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
