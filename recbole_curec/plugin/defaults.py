"""Location and reading of the YAML defaults: in the installed package, or in the checkout's ``properties/``."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

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


class NumberLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which also reads ``1e-05`` as a number, as RecBole's own loader does.

    RecBole adds its rule for numbers to PyYAML's own class with every ``Config``, which makes each one slower.
    """


NumberLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"""^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
        |\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
    list("-+0123456789."),
)


@lru_cache(maxsize=512)
def shipped_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that was installed with a package, read once; not to be changed."""
    return read_yaml(path, NumberLoader)


def read_yaml(path: str | Path, loader: type[yaml.SafeLoader] | Any = yaml.SafeLoader) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ConfigurationError: The file is missing, unreadable, not UTF-8, not YAML, or not a mapping.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"Config file '{path}' cannot be read ({error.strerror}): check the path.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"Config file '{path}' is not UTF-8: save it as UTF-8.") from error
    try:
        content = yaml.load(text, Loader=loader)  # noqa: S506 - callers pass RecBole's FullLoader, which runs no code
    except yaml.YAMLError as error:
        # Not the whole message: it quotes the line, which may hold a secret.
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise ConfigurationError(f"Config file '{path}' is not valid YAML: {reason}{place}.") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigurationError(f"Config file '{path}' must hold 'key: value' lines.")
    return content
