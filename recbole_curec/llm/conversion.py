"""Models that are one GGUF file, written once as the ordinary folder that everything else reads.

A GGUF file holds configuration, tokenizer and (mostly quantized) weights. transformers reads it slowly, and undoes its
quantization, so the weights are written back in 32 bits, into a folder named by the file's content.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from recbole_curec.atomic_write import check_folder, is_disk_full
from recbole_curec.errors import ConfigurationError, DiskFullError
from recbole_curec.llm.gguf_files import check_gguf, gguf_file
from recbole_curec.llm.pretrained import check_vocabulary, read_model, read_tokenizer
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.fingerprint import cached_file_hash

logger = logging.getLogger(__name__)

_KEY_LENGTH = 16


def converted_folder(file: Path, models: Path) -> Path:
    """Where the ordinary folder made from a GGUF file lies, whether it exists or not; its name tells the content.

    Args:
        file: The GGUF file.
        models: Folder of all models made from such files.
    """
    stem = re.sub(r"[^\w.-]+", "-", file.stem).strip(".-") or "model"
    return _artifact(models.absolute() / f"{stem}-{cached_file_hash(file)[:_KEY_LENGTH]}").folder


def convert(name: str, folder: Path) -> Path:
    """Make the ordinary folder of a GGUF model, unless it is there and undamaged.

    The folder holds ``config.json``, ``model.safetensors`` in 32 bits and the tokenizer. It appears under its name when
    it is complete; a second process waits for the first.

    Args:
        name: What ``llm.name`` says.
        folder: Its :func:`converted_folder`.

    Returns:
        The folder.

    Raises:
        ConfigurationError: The file is gone, has changed, or is no causal language model that transformers reads.
        DiskFullError: The disk is full.
    """
    artifact = _artifact(folder)
    if _fault(artifact) is None:
        return folder
    file = gguf_file(name)
    if file is None or cached_file_hash(file)[:_KEY_LENGTH] != artifact.key:
        raise ConfigurationError(
            f"llm={name!r} is no longer the model that '{folder}' was made from, which is gone or damaged: bring the "
            "file back, or run the command that made it again."
        )
    check_gguf(name, file)
    check_folder(artifact.root)
    with artifact.locked():
        if _fault(artifact) is not None:
            _write(name, file, artifact)
    return folder


def _write(name: str, file: Path, artifact: Artifact) -> None:
    logger.info("llm %s: %s is converted into %s, once", name, file.name, artifact.folder)
    asked = f"llm={name!r}"
    tokenizer = read_tokenizer(file.parent, asked, gguf_file=file.name)
    model: Any = read_model(file.parent, asked, gguf_file=file.name)
    check_vocabulary(model, tokenizer, asked)
    _forget_quantization(model)
    try:
        artifact.open()
        model.save_pretrained(artifact.partial)
        tokenizer.save_pretrained(artifact.partial)
        artifact.close({"summary": f"made from {file.name}", "figures": {"parameters": model.num_parameters()}})
    except Exception as error:
        if is_disk_full(error, artifact.root):
            raise DiskFullError(artifact.root) from error
        raise


def _forget_quantization(model: Any) -> None:
    """Let transformers save the weights as they now are; it takes them for quantized ones, which it cannot save."""
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer, model.is_quantized = None, False


def _artifact(folder: Path) -> Artifact:
    stem, _, key = folder.name.rpartition("-")
    return Artifact(stem, key, folder.parent)


def _fault(artifact: Artifact) -> str | None:
    """Damage to a finished folder; its files are not read again while their sizes and times stay the same."""
    if not artifact.folder.is_dir():
        return artifact.fault()
    states = [(path.name, path.stat()) for path in sorted(artifact.folder.iterdir()) if path.is_file()]
    return _fault_of(artifact, tuple((name, state.st_size, state.st_mtime_ns) for name, state in states))


@lru_cache(maxsize=64)
def _fault_of(artifact: Artifact, _states: tuple[tuple[str, int, int], ...]) -> str | None:
    return artifact.fault()
