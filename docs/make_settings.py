"""Writes ``settings.md`` and ``properties/curec.yaml``: every setting of CURec, from where it is defined.

python docs/make_settings.py
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from recbole_curec.settings.group import SettingsGroup, fact
from recbole_curec.settings.settings import known_groups

HEADER = """\
# Settings

Every setting of CURec, by section. They stand beside RecBole's own in config files, on the command line and in
`config_dict`, as a section or by full name:

```yaml
align: {steps: 400}
reinforce:
  steps: 80
```

```bash
python run_curec.py --model=CURec --dataset=ml-100k --align.steps=400 --reinforce.steps=80
```

Layers (files, dict, command line) are merged setting by setting: a section in one does not lose what another layer says
in the same section. The flat names that settings had before they had sections (`sft_steps`, `rl_steps`) still work, and
the log says what they are called now. [properties/curec.yaml](../properties/curec.yaml) holds the same defaults, and
[properties/dataset/](../properties/dataset) changes some of them for a dataset. RecBole's own settings are described in
[its documentation](https://recbole.io/docs/user_guide/config_settings.html).

A stage is made again when a setting changes that can change its result, and so is every stage after it, nothing before
it; those marked with * make nothing again by themselves. (Where one of them names a model or an encoder, its contents
count and not its name.) A section's advanced settings, which nobody needs first, stand below the others.
[extending.md](extending.md) tells how a class of your own gets a section.

This page is written by `python docs/make_settings.py`.
"""
YAML_HEADER = """\
# Defaults of CURec, by section; docs/settings.md describes them. Written by python docs/make_settings.py.
"""
_BOUNDS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "lt": "less than {}",
    "le": "at most {}",
    "multiple_of": "multiple of {}",
}
_WORDS = {bool: "true or false", int: "whole number", float: "number", str: "text", NoneType: "`~`"}
_HEAD = "| setting | flat name | default | may be | meaning |\n|---|---|---|---|---|"
_WIDTH = 120


def page() -> str:
    """The text of ``settings.md``."""
    parts = [HEADER]
    for group in known_groups():
        parts.append(f"## `{group.section}`: {_title(group)}\n")
        everyday, advanced = (_rows(group, wanted) for wanted in (False, True))
        if everyday:
            parts += [_HEAD, *everyday, ""]
        if advanced:
            parts += ["Advanced:\n", _HEAD, *advanced, ""]
    return "\n".join(parts)


def defaults() -> str:
    """The text of ``properties/curec.yaml``."""
    parts = [YAML_HEADER]
    for group in known_groups():
        parts.append(f"# {_title(group)}".replace("``", ""))
        parts.append(f"{group.section}:")
        for wanted in (False, True):
            named = [(name, field) for name, field in group.model_fields.items() if fact(field, "advanced") is wanted]
            if wanted and named:
                parts.append("  # advanced")
            for name, field in named:
                parts += textwrap.wrap(
                    field.description or "", _WIDTH - 4, initial_indent="  # ", subsequent_indent="  # "
                )
                parts.append(f"  {name}: {_default(field.get_default())}")
        parts.append("")
    return "\n".join(parts)


def _title(group: type[SettingsGroup]) -> str:
    return (group.__doc__ or "").strip().splitlines()[0].rstrip(".")


def _rows(group: type[SettingsGroup], advanced: bool) -> list[str]:
    named = group.model_fields.items()
    return [_row(group, name, field) for name, field in named if fact(field, "advanced") is advanced]


def _row(group: type[SettingsGroup], name: str, field: FieldInfo) -> str:
    bounds = [
        text.format(getattr(rule, key))
        for rule in field.metadata
        for key, text in _BOUNDS.items()
        if getattr(rule, key, None) is not None
    ]
    allowed = "; ".join([_kinds(field.annotation), *bounds])
    full = f"{group.section}.{name}"
    star = " *" if fact(field, "changes_result") is False else ""
    return (
        f"| `{full}`{star} | `{group.aliases()[full]}` | `{_default(field.get_default())}` | {allowed} | "
        f"{_escape(field.description or '')} |"
    )


def _default(value: Any) -> str:
    """The default as YAML has it."""
    if value is None:
        return "~"
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).removesuffix("...\n").strip()


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
    docs = Path(__file__).resolve().parent
    (docs / "settings.md").write_text(page(), encoding="utf-8")
    (docs.parent / "properties" / "curec.yaml").write_text(defaults(), encoding="utf-8")
