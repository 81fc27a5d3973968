"""The hardware and the package versions that a result was computed with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

import torch

_PACKAGES = (
    "recbole-curec", "recbole", "torch", "transformers", "trl", "peft", "numpy", "scipy", "scikit-learn", "ctranslate2",
    "vllm", "openai", "sacrebleu", "rouge-score",
)  # fmt: skip


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
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


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


def peak_memory_mib() -> int:
    """Peak resident memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
