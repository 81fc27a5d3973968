"""Loading and saving the language model: the tiny one, or any Hugging Face causal LM with a LoRA adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from recbole_curec.llm.chat import ensure_template
from recbole_curec.llm.conversion import convert, converted_folder
from recbole_curec.llm.dtypes import check_quantization, choose_dtype, quantization_config
from recbole_curec.llm.gguf_files import gguf_file
from recbole_curec.llm.name import check_language_model
from recbole_curec.llm.pretrained import (
    WITHOUT_WEIGHTS,
    check_vocabulary,
    expanded,
    read_adapter,
    read_model,
    read_tokenizer,
)
from recbole_curec.settings.sections import TINY, LanguageModelSettings

_BASE_FILE = "base_model.json"
_ADAPTER = "default"


@dataclass(frozen=True)
class BaseModel:
    """The base model of an adapter, with the dtype and quantization that the adapter was trained with.

    Without an adapter it stands for the base alone, the model before it was tuned.

    Attributes:
        base: What ``llm.name`` says: a path, a hub name, or a word for a model from PyPI.
        dtype: ``bfloat16`` or ``float32``.
        quantization: ``nf4``, ``int8`` or ``none``.
        revision: Branch, tag or commit of a hub model.
        converted: Folder that a GGUF model is converted into; None for a base that is an ordinary model itself.
        adapter: Whether there is an adapter beside its name.
    """

    base: str
    dtype: str = "float32"
    quantization: str = "none"
    revision: str | None = None
    converted: str | None = None
    adapter: bool = True

    @classmethod
    def of(cls, settings: LanguageModelSettings, device: torch.device) -> BaseModel | None:
        """The base model that the settings name; None for the tiny model, which is trained and saved in full."""
        if settings.name == TINY:
            return None
        dtype = str(choose_dtype(settings, device)).removeprefix("torch.")
        file = gguf_file(settings.name)
        converted = None if file is None else str(converted_folder(file, settings.models_folder))
        return cls(settings.name, dtype, settings.quantization, settings.revision, converted)

    @classmethod
    def read(cls, folder: Path) -> BaseModel | None:
        """The base of a saved adapter; None for a folder with a full model."""
        path = folder / _BASE_FILE
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    @property
    def source(self) -> str:
        """Path or hub name, for transformers; a GGUF model is converted first if its folder is not there.

        Raises:
            ConfigurationError: It cannot be converted.
        """
        return expanded(self.base) if self.converted is None else str(convert(self.base, Path(self.converted)))

    @property
    def asked(self) -> str:
        """What names it in messages."""
        return f"llm={self.base!r}"

    def read_tokenizer(self) -> PreTrainedTokenizerBase:
        """Its tokenizer, with a template that shows the messages.

        Raises:
            ConfigurationError: It cannot be read or used.
        """
        tokenizer = read_tokenizer(self.source, self.asked, revision=self.revision)
        ensure_template(tokenizer, self.base)
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    def write(self, folder: Path) -> None:
        """Write the file that :meth:`read` reads."""
        facts = asdict(self)
        if self.adapter:  # the file of an adapter says nothing of it
            del facts["adapter"]
        (folder / _BASE_FILE).write_text(json.dumps(facts), encoding="utf-8")

    def adapted(self, model: Any, folder: Path, *, trainable: bool = False) -> Any:
        """Its weights with the adapter of a folder on them, or as they are if it stands for the base alone."""
        return read_adapter(model, folder, trainable=trainable) if self.adapter else model


def load_pretrained(
    base: BaseModel, device: torch.device | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a causal LM and its tokenizer.

    Args:
        base: Model to load, with dtype and quantization.
        device: Device of a quantized model; others are loaded to the CPU and moved later.

    Raises:
        ConfigurationError: The model cannot be loaded.
    """
    if base.converted is None:  # else its folder is all that is needed
        check_language_model(base.base)
    check_quantization(base.quantization)
    dtype = getattr(torch, base.dtype)
    quantized = quantization_config(base.quantization, dtype)
    placed = {} if quantized is None else {"quantization_config": quantized, "device_map": {"": device or "cpu"}}
    tokenizer = base.read_tokenizer()
    model = read_model(base.source, base.asked, revision=base.revision, dtype=dtype, **placed)
    check_vocabulary(model, tokenizer, base.asked)
    return model, tokenizer


def place(model: Any, device: torch.device) -> Any:
    """Move a model to a device; a quantized one was loaded there and cannot be moved."""
    return model if getattr(model, "is_quantized", False) else model.to(device)


def save_model(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    base: BaseModel | None,
    state: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Save a full model, or its adapter with the name of its base, and the tokenizer.

    Args:
        model: Trained model.
        tokenizer: Its tokenizer.
        folder: Folder to write to.
        base: Base of the adapter; None for a full model.
        state: Weights gathered from all processes, if the model itself holds only a shard of them.
    """
    given = {} if state is None else {"state_dict": state}
    if base is None:
        model.save_pretrained(folder, **given)
    else:
        # During GRPO the model also holds a frozen copy of the aligned adapter, which is not saved.
        model.save_pretrained(folder, selected_adapters=[_ADAPTER], **given)
        base.write(folder)
    tokenizer.save_pretrained(folder)


def save_untuned(base: BaseModel, folder: Path) -> None:
    """Write a folder that :func:`load_model` and the engines read as the base model before it is tuned.

    It holds the tokenizer and the name of the base, not its weights.

    Raises:
        ConfigurationError: The tokenizer cannot be read or used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base.read_tokenizer().save_pretrained(folder)
    replace(base, adapter=False).write(folder)


def load_model(
    folder: Path, *, trainable: bool = False, device: torch.device | None = None
) -> tuple[Any, PreTrainedTokenizerBase]:
    """Load a model saved by :func:`save_model`: a full model, a base model with its adapter, or the base alone.

    Args:
        folder: Folder of the model.
        trainable: Whether the adapter will be trained further.
        device: Device of a quantized base.
    """
    tokenizer, base = load_tokenizer(folder), BaseModel.read(folder)
    if base is None:
        return read_model(folder, f"The model in '{folder}'"), tokenizer
    model, _ = load_pretrained(base, device)
    return base.adapted(model, folder, trainable=trainable), tokenizer


def merged(model: Any) -> Any:
    """The model with its adapter merged into the base; a quantized base keeps its adapter beside it."""
    is_adapter = hasattr(model, "merge_and_unload") and not getattr(model, "is_quantized", False)
    return model.merge_and_unload() if is_adapter else model


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer saved by :func:`save_model`."""
    return read_tokenizer(folder, f"The model in '{folder}'")


def checked_generation(folder: Path) -> GenerationConfig:
    """The generation settings of a model saved by :func:`save_model`, for engines that read its weights themselves.

    Raises:
        ConfigurationError: Weights and configuration of the model, its base or its adapter do not agree.
    """
    base = BaseModel.read(folder)
    if base is None:
        model = read_model(folder, f"The model in '{folder}'", **WITHOUT_WEIGHTS)
    else:
        model = read_model(base.source, base.asked, revision=base.revision, **WITHOUT_WEIGHTS)
        base.adapted(model, folder)
    generation: GenerationConfig = model.generation_config
    return generation


def save_merged(folder: Path, target: Path) -> None:
    """Merge a saved adapter into its base and write the full model, for inference servers.

    The base is loaded in the adapter's dtype, never in 4 or 8 bits: rounding the sum to so few bits would lose most of
    what the adapter learned.

    Args:
        folder: Folder written by :func:`save_model`; a full model is copied.
        target: Folder for the model and its tokenizer.
    """
    base = BaseModel.read(folder)
    if base is None:
        model, tokenizer = load_model(folder)
    else:
        whole, _ = load_pretrained(replace(base, quantization="none"))
        tokenizer = load_tokenizer(folder)
        model = merged(base.adapted(whole, folder))
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
