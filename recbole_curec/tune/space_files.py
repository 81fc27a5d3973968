"""Where a row's space comes from: a file of the user's, or the default of its backbone or of the backbone's family."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.defaults import properties_file
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.settings.settings import full_names
from recbole_curec.tune.hyper_files import parse_hyper
from recbole_curec.tune.spaces import KINDS, Dimension, Space, dimension

_SUFFIXES = (".yaml", ".yml", ".hyper")
_FOLDER, _FAMILIES = "tune", "family"
_LARGEST = 1 << 20


def read_space(path: Path) -> Space:
    """The space of a YAML file or of RecBole's ``.hyper``.

    Raises:
        ConfigurationError: The file cannot be read, or a line of it cannot be used.
    """
    if path.suffix not in _SUFFIXES:
        raise ConfigurationError(f"space: '{path}' must end in {', '.join(_SUFFIXES)}: rename it.")
    found = _hyper(path) if path.suffix == ".hyper" else _yaml(path)
    if not found:
        raise ConfigurationError(f"Space '{path}' names no setting: give one in a line at least.")
    named: dict[str, Dimension] = {}
    for name, one in found.items():
        full = full_names()[name] if name in full_names() and name not in known_keys() else name
        if full in named:
            raise ConfigurationError(f"Space '{path}' gives {full} twice: remove one.")
        named[full] = one
    return Space(named, str(path))


def given_space(place: str, names: tuple[str, ...]) -> Space | None:
    """The space that ``--space`` gives a row: of the file, or of the folder's file with one of the row's names.

    Args:
        place: A file, or a folder of files.
        names: Names of the row and of its backbone.

    Returns:
        The space; None where a folder has no file for the row.

    Raises:
        ConfigurationError: There is no such file or folder, or the space cannot be used.
    """
    path = user_path("space", place)
    if not path.is_dir():
        return read_space(path)
    files = (path / f"{name}{suffix}" for name in names for suffix in _SUFFIXES)
    return next((read_space(file) for file in files if file.is_file()), None)


def default_space(backbone: str, kind: str, known: frozenset[str]) -> Space:
    """The space shipped for a backbone, else what its family is usually tuned by.

    Args:
        backbone: Name of the model that is trained.
        kind: ``sequential``, ``general`` or another of RecBole's kinds.
        known: Settings that the backbone knows; a family's space is cut down to them.

    Raises:
        ConfigurationError: There is none for such a model.
    """
    own = properties_file(_FOLDER, f"{backbone}.yaml")
    if own is not None:
        return Space(read_space(own).dimensions, f"default of {backbone}")
    family = properties_file(_FOLDER, _FAMILIES, f"{kind}.yaml")
    wanted = {} if family is None else read_space(family).dimensions
    found = {name: one for name, one in wanted.items() if name in known}
    if not found:
        raise ConfigurationError(f"There is no default space for {backbone}: give one with --space=<file>.")
    return Space(found, f"default of {kind} models")


def _hyper(path: Path) -> dict[str, Dimension]:
    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"Space '{path}' cannot be read ({error.strerror}): check the path.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"Space '{path}' is not UTF-8: save it as UTF-8.") from error
    if len(text) > _LARGEST:
        raise ConfigurationError(f"Space '{path}' is larger than {_LARGEST >> 20} MiB: give a file of settings.")
    return parse_hyper(text, str(path))


def _yaml(path: Path) -> dict[str, Dimension]:
    flat: dict[str, Any] = {}
    for key, value in read_yaml(path).items():
        # A section of ours holds settings; a setting holds one kind.
        is_section = isinstance(value, Mapping) and not set(value) & set(KINDS) and all(
            isinstance(inner, Mapping) for inner in value.values()
        )  # fmt: skip
        flat.update({f"{key}.{name}": inner for name, inner in value.items()} if is_section else {key: value})
    found = {}
    for name, value in flat.items():
        if not isinstance(value, Mapping) or len(value) != 1:
            raise ConfigurationError(
                f"Space '{path}': {name} must be given as one of {', '.join(KINDS)}, such as 'uniform: [0.1, 0.5]'."
            )
        ((kind, arguments),) = value.items()
        if not isinstance(arguments, list):
            raise ConfigurationError(f"Space '{path}': {name}: {kind} needs a list, such as [0.1, 0.5].")
        try:
            found[name] = dimension(name, str(kind), arguments)
        except ConfigurationError as error:
            raise ConfigurationError(f"Space '{path}': {error}") from None
    return found
