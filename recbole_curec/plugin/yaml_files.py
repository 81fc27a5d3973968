"""Reading of config files: YAML checked before it is built, so that no file runs code, hangs or loses a line."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path

_LARGEST = 10 << 20
_MOST_VALUES = 100_000


class NumberLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which also reads ``1e-05`` as a number, as RecBole's own loader does.

    RecBole adds its rule for numbers to PyYAML's own class with every ``Config``, which makes each one slower.
    """


NumberLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"""^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
        |\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
    list("-+0123456789."),
)


@lru_cache(maxsize=512)
def shipped_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that was installed with a package, read once; not to be changed."""
    return read_yaml(path)


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        ConfigurationError: The file is missing, unreadable, too large, not UTF-8, not YAML, not a mapping, gives a key
            twice, or repeats itself without end.
    """
    file = user_path("config_files", path)
    what = f"Config file '{path}'"
    try:
        with file.open(encoding="utf-8") as stream:  # not read_text: a device such as /dev/zero has no end
            text = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{what} cannot be read ({error.strerror}): check the path.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{what} is not UTF-8: save it as UTF-8.") from error
    if len(text) > _LARGEST:
        raise ConfigurationError(f"{what} is larger than {_LARGEST >> 20} MiB: give a file of settings.")
    try:
        loader = NumberLoader(text)
        node = loader.get_single_node()
        if node is None:
            return {}
        _check_node(node, what, {}, ())
        content = loader.construct_document(node)
    except ConfigurationError:
        raise
    except yaml.YAMLError as error:
        # Not the whole message: it quotes the line, which may hold a secret.
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise ConfigurationError(f"{what} is not valid YAML: {reason}{place}.") from None
    except (ValueError, OverflowError) as error:  # a date such as 2020-99-99, a number of 5,000 digits
        raise ConfigurationError(f"{what} is not valid YAML: {str(error).partition(':')[0]}.") from None
    except RecursionError as error:
        raise ConfigurationError(f"{what} is nested too deeply: settings are two levels deep.") from error
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigurationError(f"{what} must hold 'key: value' lines.")
    return content


def flow_value(text: str) -> Any:
    """A mapping or list as one line of a config file has it, ``{auc: 0, shuffled: 0.5}``; None if the text is none."""
    ends = {"{": "}", "[": "]"}
    if ends.get(text[:1]) != text[-1:]:
        return None
    try:
        loader = NumberLoader(text)
        node: Any = loader.get_single_node()
        _check_node(node, "the value", {}, ())
        value = loader.construct_document(node)
    except (yaml.YAMLError, ConfigurationError, ValueError, OverflowError, RecursionError):
        return None  # whoever reads the setting says what it must be
    return value if isinstance(value, list) or all(isinstance(key, str) for key in value) else None


def _check_node(node: yaml.Node, what: str, sizes: dict[int, int], within: tuple[int, ...]) -> int:
    """Check a value for doubled keys, and for aliases that make it contain itself or grow without end.

    Args:
        node: The value.
        what: Start of the message.
        sizes: Number of values in each node that was checked before.
        within: The nodes around this one.

    Returns:
        Number of values in it, those of aliases counted each time.
    """
    if id(node) in within:
        raise ConfigurationError(f"{what}, line {_line(node)}: the value contains itself: remove the alias.")
    if id(node) in sizes or isinstance(node, yaml.ScalarNode):
        return sizes.get(id(node), 1)
    within = (*within, id(node))
    parts = list(node.value)
    if isinstance(node, yaml.MappingNode):
        seen: set[tuple[str, str]] = set()
        for key, _ in parts:
            name = (key.tag, str(key.value))
            if name in seen and isinstance(key, yaml.ScalarNode):
                raise ConfigurationError(f"{what}, line {_line(key)}: '{key.value}' is given twice: keep one.")
            seen.add(name)
        parts = [one for pair in parts for one in pair]
    sizes[id(node)] = 1 + sum(_check_node(part, what, sizes, within) for part in parts)
    if sizes[id(node)] > _MOST_VALUES:
        raise ConfigurationError(
            f"{what}, line {_line(node)}: its aliases repeat into more than {_MOST_VALUES:,} values: remove them."
        )
    return sizes[id(node)]


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
