"""The machine: its processor, the hint about slow kernels, and memory that is given back."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from recbole_curec import hardware
from recbole_curec.hardware import (
    SLOW_KERNELS,
    cpu_computes_bfloat16,
    cpu_has_bfloat16_matrices,
    processor,
    slow_kernels,
)

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
AMD = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 7B13\nprocessor\t: 1\nmodel name\t: other\n"
INTEL = AMD.replace("AuthenticAMD", "GenuineIntel").replace("AMD EPYC 7B13", "Intel Xeon")
CURE = "int mkl_serv_intel_cpu_true(void) { return 1; }"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """``machine(cpuinfo, mkl, told)`` fakes a processor, a torch and a preloaded library."""

    def fake(cpuinfo: str | None, *, mkl: bool = True, told: bool = False) -> None:
        path = tmp_path / "cpuinfo"
        if cpuinfo is not None:
            path.write_text(cpuinfo)
        monkeypatch.setattr(hardware, "_CPUINFO", path)
        monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: mkl)
        monkeypatch.setattr(hardware, "_mkl_is_told", lambda: told)

    return fake


def test_the_hint_is_for_amd_without_the_cure(machine: Any) -> None:
    machine(AMD)
    assert slow_kernels(CPU) == SLOW_KERNELS
    assert processor() == "AMD EPYC 7B13"
    assert slow_kernels(CUDA) is None


def test_none_where_mkl_is_fast_or_absent(machine: Any) -> None:
    machine(INTEL)
    assert slow_kernels(CPU) is None
    machine(AMD, told=True)
    assert slow_kernels(CPU) is None
    machine(AMD, mkl=False)
    assert slow_kernels(CPU) is None
    machine("Hardware\t: Apple\n")
    assert slow_kernels(CPU) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("AMD64 Family 25 Model 33 Stepping 0, AuthenticAMD", SLOW_KERNELS),
     ("Intel64 Family 6 Model 85, GenuineIntel", None), ("arm", None), ("", None)],
)  # fmt: skip
def test_other_systems_name_the_processor(
    machine: Any, monkeypatch: pytest.MonkeyPatch, name: str, expected: str | None
) -> None:
    machine(None)
    monkeypatch.setattr(platform, "processor", lambda: name)
    assert slow_kernels(CPU) == expected


@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("gcc") is None, reason="needs Linux and gcc")
def test_the_documented_cure_is_recognised(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[1] / "docs" / "training.md").read_text(encoding="utf-8")
    assert CURE in docs and "**On an AMD processor**" in docs  # what the hint points to
    library = tmp_path / "fast_mkl.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=CURE.encode(), check=True)
    asked = "from recbole_curec.hardware import _mkl_is_told; print(_mkl_is_told())"
    env = {**os.environ, "LD_PRELOAD": str(library)}
    told = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
    assert not hardware._mkl_is_told() or "LD_PRELOAD" in os.environ


def test_a_run_says_it_once(machine: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    from recbole_curec.plugin import experiment

    machine(AMD)
    for name in ("log_aliases", "start"):
        monkeypatch.setattr(experiment, name, lambda *_: None)
    monkeypatch.setattr(experiment, "split_data", lambda _: ())
    monkeypatch.setattr(experiment, "_recommend", lambda *_: experiment.RunResult([]))
    caplog.set_level(logging.INFO, logger=experiment.__name__)
    experiment.run_config({"device": CPU}, lambda _: None)
    assert caplog.messages == [SLOW_KERNELS]
    machine(INTEL)
    experiment.run_config({"device": CPU}, lambda _: None)
    assert caplog.messages == [SLOW_KERNELS]


_FRAGMENTED = """
from recbole_curec.hardware import release_memory
held = lambda: int(open("/proc/self/statm").read().split()[1]) * 4 >> 10
blocks = [bytes(1 << 12) for _ in range(50_000)]  # 200 MB
kept = blocks[::500]
del blocks
before = held()
release_memory()
print(before - held())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what it can give back")
def test_gaps_between_what_is_kept_are_given_back() -> None:
    found = subprocess.run([sys.executable, "-c", _FRAGMENTED], capture_output=True, text=True, check=True)
    assert int(found.stdout) > 100  # MiB


@pytest.mark.parametrize(
    ("flags", "computes", "matrices"),
    [("fpu avx512_bf16", True, False), ("amx_bf16 amx_tile", True, True), ("fpu avx512f", False, False)],
)
def test_which_processors_compute_in_bfloat16(machine: Any, flags: str, computes: bool, matrices: bool) -> None:
    machine(f"{INTEL}flags\t\t: {flags}\n")
    assert (cpu_computes_bfloat16(), cpu_has_bfloat16_matrices()) == (computes, matrices)
