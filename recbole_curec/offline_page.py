"""Pages: one HTML file from a template, its style and its script, which loads nothing and runs nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup


def offline_page(package: str, name: str, *, frame: str | None = None, **values: Any) -> str:
    """A page made of ``<name>.html.jinja``, ``<name>.css`` and ``<name>.js`` of a package.

    The template finds ``style``, ``script`` and ``policy``, the content of a ``Content-Security-Policy`` that allows
    these two by their hashes and nothing else. Everything else is escaped, and the filter ``tojson`` writes data that
    no browser can take for code.

    Args:
        package: Name of the package with the files.
        name: Their name.
        frame: Name of the files that several pages share: their template is one that others extend, and their style
            and script stand before the page's own.
        values: What the template shows.
    """
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda file: _text(package, file)),
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "ensure_ascii": False}
    parts = [name] if frame is None else [frame, name]
    style, script = ("\n".join(_text(package, f"{part}.{kind}") for part in parts) for kind in ("css", "js"))
    return environment.get_template(f"{name}.html.jinja").render(
        # These files are part of this package, and escaping would break them.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
            "form-action 'none'"
        ),
        **values,
    )


def _text(package: str, file: str) -> str:
    return files(package).joinpath(file).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
