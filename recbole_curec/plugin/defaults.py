"""Location of the YAML defaults: in the installed package, or in the checkout's ``properties/``."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from recbole_curec.errors import ConfigurationError


@lru_cache(maxsize=1)
def properties_folder() -> Path:
    """Folder of the shipped YAML files: of the installed package, else of the checkout.

    Raises:
        ConfigurationError: There is none.
    """
    package = Path(str(files("recbole_curec")))
    for folder in (package / "properties", package.parent / "properties"):
        if (folder / "curec.yaml").is_file():
            return folder
    raise ConfigurationError(f"The YAML defaults of recbole-curec are missing beside {package}: reinstall the package.")


def properties_file(*parts: str) -> Path | None:
    """Path of one YAML file of ours, e.g. ``properties_file("dataset", "ml-100k.yaml")``; None if there is none."""
    path = properties_folder().joinpath(*parts)
    return path if path.is_file() else None
