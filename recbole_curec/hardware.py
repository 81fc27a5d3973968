"""The hardware and the package versions that a result was computed with, and whether it could compute faster."""

from __future__ import annotations

import ctypes
import gc
import importlib.metadata
import os
import platform
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

_PACKAGES = (
    "recbole-curec", "recbole", "torch", "transformers", "trl", "peft", "numpy", "scipy", "scikit-learn", "ctranslate2",
    "vllm", "openai", "sacrebleu", "rouge-score",
)  # fmt: skip

_CPUINFO = Path("/proc/cpuinfo")
_AMD = "AuthenticAMD"
# What MKL asks before it chooses kernels. Its own answer is hidden in torch; a preloaded library that says 1 cures it.
_ASKED_BY_MKL = "mkl_serv_intel_cpu_true"
SLOW_KERNELS = (
    "This is an AMD processor, on which torch's MKL takes slow kernels: matrix products can run about twice as fast, "
    "see 'On an AMD processor' in docs/training.md."
)


def hardware(device: torch.device) -> dict[str, Any]:
    """The machine and the number of threads in use, to be stored with a result.

    Args:
        device: Device that the model runs on.
    """
    return {
        "system": platform.platform(),
        "processor": processor(),
        "cores": available_cores(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
    }


def available_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """Name of the processor; Python's ``platform`` does not know it on Linux, ``/proc/cpuinfo`` does."""
    return _described("model name") or platform.processor() or platform.machine()


def cpu_computes_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers by instructions of its own (AVX512-BF16 or AMX)."""
    flags = _described("flags").split()
    return "avx512_bf16" in flags or "amx_bf16" in flags


def cpu_has_bfloat16_matrices() -> bool:
    """Whether this processor multiplies matrices of bfloat16 numbers by a unit of its own (AMX)."""
    return "amx_bf16" in _described("flags").split()


def slow_kernels(device: torch.device) -> str | None:
    """A hint where torch's MKL takes slow kernels on the processor that computes; None where it does not.

    Nothing is changed: the cure is a library that must be loaded before the process starts, and it changes rounding.

    Args:
        device: Device that models run on.
    """
    amd = (_described("vendor_id") or platform.processor()).endswith(_AMD)
    has_mkl: bool = torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
    return SLOW_KERNELS if device.type == "cpu" and amd and has_mkl and not _mkl_is_told() else None


def _described(key: str) -> str:
    """What Linux says of the first processor; empty where it says nothing."""
    lines = _CPUINFO.read_text(encoding="utf-8").splitlines() if _CPUINFO.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _mkl_is_told() -> bool:
    """Whether a library that was loaded before MKL tells it to take its fast kernels."""
    asked = None if sys.platform == "win32" else getattr(ctypes.CDLL(None), _ASKED_BY_MKL, None)
    return asked is not None and bool(asked())


def package_versions() -> dict[str, str]:
    """Versions of the packages a result depends on."""
    versions = {"python": sys.version.split()[0]}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def memory_bytes() -> int:
    """Memory of the machine, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@contextmanager
def torch_threads(number: int) -> Iterator[None]:
    """A context with a number of torch's threads, after which there are as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def release_memory() -> None:
    """Give memory that is no longer used back to the system.

    Large tensors that come and go among small objects that stay leave the C library with gigabytes of gaps, which it
    keeps; the next stage would need as much again.
    """
    gc.collect()
    trim = None if sys.platform == "win32" else getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim is not None:
        trim(0)


def peak_memory_mib() -> int:
    """Peak resident memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
