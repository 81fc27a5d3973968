"""Checks of the base language model before the first stage: all that its files tell without its weights being read."""

from __future__ import annotations

from typing import Any

import torch
from peft import get_peft_model

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.loading import BaseModel
from recbole_curec.llm.pretrained import WITHOUT_WEIGHTS, check_vocabulary, read_model, reason_of
from recbole_curec.settings.sections import LanguageModelSettings, LoraSettings
from recbole_curec.settings.settings import Settings
from recbole_curec.training.sft import lora_config


def check_base_model(settings: Settings) -> None:
    """Check that the base can be loaded, holds the longest prompt and completion, and takes the adapter.

    A GGUF model is converted here, before the first stage.

    Raises:
        ConfigurationError: One of these fails.
    """
    llm = settings.llm
    base = BaseModel.of(llm, torch.device("cpu"))
    if base is None:
        return
    tokenizer = base.read_tokenizer()
    model = read_model(base.source, base.asked, revision=base.revision, **WITHOUT_WEIGHTS)
    check_vocabulary(model, tokenizer, base.asked)
    check_context(model.config, llm)
    check_targets(model, settings.lora)


def check_context(config: Any, llm: LanguageModelSettings) -> None:
    """Check that the model has positions for the longest prompt and its completion.

    Raises:
        ConfigurationError: It has fewer.
    """
    positions = getattr(config.get_text_config(), "max_position_embeddings", None)
    longest = llm.max_prompt_tokens + llm.longest_reason
    if isinstance(positions, int) and positions < longest:
        raise ConfigurationError(
            f"llm={llm.name!r} has {positions} positions, fewer than llm.max_prompt_tokens ({llm.max_prompt_tokens}) + "
            f"llm.max_reason_tokens ({llm.longest_reason}): lower these two, or give a model with a longer context."
        )


def check_targets(model: Any, settings: LoraSettings) -> None:
    """Check that every target of the adapter is a module of the model that can get one.

    Args:
        model: The base; it is changed.
        settings: Settings of the adapter.

    Raises:
        ConfigurationError: A target matches nothing, or a module that no adapter fits.
    """
    names = [name for name, _ in model.named_modules()]
    targets = settings.targets if isinstance(settings.targets, list) else []
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in names):
            raise ConfigurationError(f"lora.targets: {target!r} is no module of the language model{_known(model)}.")
    try:
        get_peft_model(model, lora_config(settings))
    except Exception as error:  # also what re and the modules of an architecture raise
        raise ConfigurationError(
            f"lora.targets: {settings.targets!r} cannot get an adapter ({reason_of(error)}){_known(model)}."
        ) from error


def _known(model: Any) -> str:
    linear = {name.rpartition(".")[2] for name, module in model.named_modules() if "Linear" in type(module).__name__}
    examples = sorted(linear - {"lm_head"})[:8]
    return f": give 'all-linear'{f', or some of {examples}' if examples else ''}"
