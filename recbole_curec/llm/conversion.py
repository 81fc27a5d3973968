"""Models that are one GGUF file, written once as the ordinary folder that everything else reads.

A GGUF file holds configuration, tokenizer and (mostly quantized) weights. transformers reads it slowly, and undoes its
quantization, so the weights are written back in 32 bits, into a folder named by the file's content.
"""

from __future__ import annotations

import json
import logging
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from recbole_curec.atomic_write import check_folder, is_disk_full
from recbole_curec.errors import ConfigurationError, DiskFullError
from recbole_curec.llm.gguf_files import check_gguf, gguf_file
from recbole_curec.llm.pretrained import check_vocabulary, read_model, read_tokenizer, reason_of
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.fingerprint import cached_file_hash
from recbole_curec.pipeline.hashes import file_state

logger = logging.getLogger(__name__)

_KEY_LENGTH = 16
_LAYER = re.compile(r"blk\.(\d+)\.")
_BROUGHT = "<|endoftext|>"


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
    layers = _layers(file, asked)
    tokenizer = read_tokenizer(file.parent, asked, gguf_file=file.name)
    model: Any = read_model(file.parent, asked, gguf_file=file.name)
    _check_layers(layers, model.config.get_text_config().num_hidden_layers, asked)
    _remove_brought_token(tokenizer, model.get_input_embeddings().weight.shape[0])
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


def _layers(file: Path, asked: str) -> int:
    """Number of layers that a GGUF file holds weights of.

    Raises:
        ConfigurationError: The file is not whole.
    """
    from gguf import GGUFReader

    try:
        tensors = GGUFReader(file).tensors
    except Exception as error:  # whatever numpy and struct raise where bytes are missing or make no sense
        raise ConfigurationError(
            f"{asked} is a damaged GGUF file, or cut off ({reason_of(error)}): download it again."
        ) from error
    return max((int(found[1]) + 1 for tensor in tensors if (found := _LAYER.match(tensor.name))), default=0)


def _check_layers(found: int, described: int, asked: str) -> None:
    """Check that no layer is left over, which transformers would ignore; it reports those that are missing.

    Raises:
        ConfigurationError: There are more than the file describes.
    """
    if found > described:
        raise ConfigurationError(
            f"{asked} is not the model it describes ({found} layers in its weights, {described} in its description): "
            "download it again."
        )


def _remove_brought_token(tokenizer: Any, rows: int) -> None:
    """Remove the token that transformers adds to byte-level tokenizers, where the model has no vector for it.

    Args:
        tokenizer: Tokenizer read from a GGUF file; it is changed.
        rows: Number of the model's token vectors.
    """
    content = json.loads(tokenizer.backend_tokenizer.to_str())
    kept = [token for token in content["added_tokens"] if token["content"] != _BROUGHT or token["id"] < rows]
    if len(kept) < len(content["added_tokens"]):
        tokenizer._tokenizer = Tokenizer.from_str(json.dumps({**content, "added_tokens": kept}))


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
    files = [path for path in sorted(artifact.folder.iterdir()) if path.is_file()]
    return _fault_of(artifact, tuple((path.name, file_state(path)) for path in files))


@lru_cache(maxsize=64)
def _fault_of(artifact: Artifact, _states: tuple[tuple[str, tuple[int, ...]], ...]) -> str | None:
    return artifact.fault()
