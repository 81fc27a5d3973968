"""Hooks of MkDocs: the pages of the repository's top, what lies outside ``docs``, and links to both."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))

import links

ROOT = Path(__file__).resolve().parents[2]
_TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_ROLE = re.compile(r":(?:class|func|meth|mod|attr|data|exc):(?=<code>)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the top, and everything outside ``docs`` that a page links to.

    Raises:
        PluginError: A page links to a file that is not there.
    """
    top = {name: (ROOT / name).read_text(encoding="utf-8") for name in _TOP}
    pages = {f"docs/{file.src_uri}": file.content_string for file in files.documentation_pages()}
    try:
        for name, text in top.items():
            place = links.site_path(ROOT, name)
            files.append(File.generated(config, place, content=links.for_site(ROOT, text, name)))
        for place, made in links.outside(ROOT, {**pages, **top}).items():
            given = {"content": made} if isinstance(made, str) else {"abs_src_path": str(made)}
            files.append(File.generated(config, place, **given))
    except FileNotFoundError as error:
        raise PluginError(str(error)) from error
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links of a page of ``docs`` to what lies outside into links within the site."""
    del config, files
    own = page.file.generated_by is None
    return links.for_site(ROOT, markdown, f"docs/{page.file.src_uri}") if own else markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leave the role out of names that docstrings mark as Sphinx does."""
    del config, files
    return _ROLE.sub("", html) if page.file.src_uri == "api.md" else html
