"""Dtype of the language model's computations, and quantization of its base weights."""

from __future__ import annotations

import importlib.util
from typing import Any

import torch

from recbole_curec.errors import ConfigurationError
from recbole_curec.hardware import cpu_computes_bfloat16
from recbole_curec.settings.sections import TINY, LanguageModelSettings


def choose_dtype(settings: LanguageModelSettings, device: torch.device) -> torch.dtype:
    """The dtype set by ``llm.dtype``; by default bfloat16 where the device computes in it, else float32.

    On a CPU this is for pretrained models only: the tiny one gains nothing by it.

    Raises:
        ConfigurationError: bfloat16 is set and the GPU does not support it.
    """
    if settings.dtype is None:
        return suited_dtype(device, pretrained=settings.name != TINY)
    if settings.dtype == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise ConfigurationError(
            f"llm.dtype: bfloat16 cannot be used on {torch.cuda.get_device_name(device)}, which has no such numbers: "
            "set llm.dtype: float32."
        )
    dtype: torch.dtype = getattr(torch, settings.dtype)
    return dtype


def suited_dtype(device: torch.device, *, pretrained: bool) -> torch.dtype:
    """bfloat16 where a device computes in it, on a CPU for pretrained models only; else float32."""
    if device.type == "cuda":
        suited = torch.cuda.is_bf16_supported()
    else:
        suited = device.type == "cpu" and pretrained and cpu_computes_bfloat16()
    return torch.bfloat16 if suited else torch.float32


def check_quantization(quantization: str) -> None:
    """Check before loading that quantization is possible if it is set.

    Raises:
        ConfigurationError: bitsandbytes is not installed.
    """
    if quantization != "none" and importlib.util.find_spec("bitsandbytes") is None:
        raise ConfigurationError(
            f"quantization: {quantization} needs bitsandbytes: pip install 'recbole-curec[quantization]', or set "
            "quantization: none."
        )


def quantization_config(quantization: str, dtype: torch.dtype) -> Any:
    """Quantization of the base for transformers: none, int8, or NormalFloat4 (QLoRA, Dettmers et al. 2023).

    https://arxiv.org/abs/2305.14314

    Args:
        quantization: ``nf4``, ``int8`` or ``none``.
        dtype: Dtype of computations with the 4-bit weights.
    """
    if quantization == "none":
        return None
    from transformers import BitsAndBytesConfig

    if quantization == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
