"""In which numbers the language model computes, and in which its base is kept."""

from __future__ import annotations

import importlib.util
from typing import Any

import torch

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.sections import LanguageModelSettings


def choose_dtype(settings: LanguageModelSettings, device: torch.device) -> torch.dtype:
    """The ``llm.dtype`` that is set, or 16 bits on a GPU that has them and 32 bits elsewhere.

    Raises:
        ConfigurationError: 16 bits are asked for and the GPU has none.
    """
    supported = device.type == "cuda" and torch.cuda.is_bf16_supported()
    if settings.dtype is None:
        return torch.bfloat16 if supported else torch.float32
    if settings.dtype == "bfloat16" and device.type == "cuda" and not supported:
        raise ConfigurationError(
            f"llm.dtype: bfloat16 cannot be used on {torch.cuda.get_device_name(device)}, which has no such numbers: "
            "set llm.dtype: float32."
        )
    dtype: torch.dtype = getattr(torch, settings.dtype)
    return dtype


def check_quantization(quantization: str) -> None:
    """Fail early when a quantized base is asked for and cannot be had.

    Raises:
        ConfigurationError: bitsandbytes is not installed.
    """
    if quantization != "none" and importlib.util.find_spec("bitsandbytes") is None:
        raise ConfigurationError(
            f"quantization: {quantization} needs bitsandbytes: pip install 'recbole-curec[quantization]', or set "
            "quantization: none."
        )


def quantization_config(quantization: str, dtype: torch.dtype) -> Any:
    """How transformers loads the base: as it is, in int8, or in NormalFloat4 (QLoRA, Dettmers et al. 2023).

    https://arxiv.org/abs/2305.14314

    Args:
        quantization: ``nf4``, ``int8`` or ``none``.
        dtype: What the 4-bit weights are computed in.
    """
    if quantization == "none":
        return None
    from transformers import BitsAndBytesConfig

    if quantization == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
