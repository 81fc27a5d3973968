"""Writes ``settings.md``: every setting of CURec, from where it is defined.

python docs/make_settings.py
"""

from __future__ import annotations

from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from recbole_curec.settings import Settings

HEADER = """\
# Settings

Every setting of CURec. They stand beside RecBole's own in config files, on the command line (`--rl_steps=80`) and in
`config_dict`; [properties/curec.yaml](../properties/curec.yaml) holds the same defaults, and
[properties/dataset/](../properties/dataset) changes some of them for a dataset. RecBole's own settings are described in
[its documentation](https://recbole.io/docs/user_guide/config_settings.html).

A stage is made again when one of its settings changes, and so is every stage after it, nothing before it.

This page is written by `python docs/make_settings.py`.
"""
_BOUNDS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "lt": "less than {}",
    "le": "at most {}",
    "multiple_of": "multiple of {}",
}
_WORDS = {bool: "true or false", int: "whole number", float: "number", str: "text", NoneType: "`~`"}


def page() -> str:
    """The text of ``settings.md``."""
    parts = [HEADER]
    for group in Settings.model_fields.values():
        kind: Any = group.annotation
        title = (kind.__doc__ or "").strip().splitlines()[0].rstrip(".")
        parts.append(f"## {title}\n")
        parts.append("| setting | default | may be | meaning |\n|---|---|---|---|")
        parts += [_row(name, field) for name, field in kind.model_fields.items()]
        parts.append("")
    return "\n".join(parts)


def _row(name: str, field: FieldInfo) -> str:
    bounds = [
        text.format(getattr(rule, key))
        for rule in field.metadata
        for key, text in _BOUNDS.items()
        if getattr(rule, key, None) is not None
    ]
    allowed = "; ".join([_kinds(field.annotation), *bounds])
    return f"| `{name}` | `{_default(field.get_default())}` | {allowed} | {_escape(field.description or '')} |"


def _default(value: Any) -> str:
    """The default as YAML has it."""
    if value is None:
        return "~"
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False).removesuffix("...\n").strip()


def _kinds(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return " or ".join(map(_kinds, parts))
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is list:
        return f"list ({_kinds(parts[0])})"
    if origin is dict:
        return f"mapping ({_kinds(parts[0])} to {_kinds(parts[1])})"
    return _WORDS[annotation]


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    (Path(__file__).parent / "settings.md").write_text(page(), encoding="utf-8")
