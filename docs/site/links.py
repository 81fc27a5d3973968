"""Where a file of the repository stands on the site, and the links of a page that lead there.

Pages are written for the repository: they link to sources, config files and results that lie outside ``docs``. These
come along under ``repository/``: text as a page, JSON and pictures as they are, a folder as the list of its files.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

_TOP_PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
_AS_THEY_ARE = {".json", ".jsonl", ".png", ".svg"}
_FENCES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}
_LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")
_UNSEARCHED = "---\nsearch: {exclude: true}\n---\n"
_UNLISTED = re.compile(r"__pycache__|\..*|.*\.egg-info")


def site_path(root: Path, path: str) -> str:
    """Where a file or folder of the repository is on the site.

    Args:
        root: The repository.
        path: Path within it.

    Raises:
        FileNotFoundError: It is not there.
    """
    file = root / path
    if not file.exists():
        raise FileNotFoundError(f"a page links to '{path}', which is not in the repository")
    if path in _TOP_PAGES:
        return _TOP_PAGES[path]
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    as_it_is = file.is_file() and file.suffix in {*_AS_THEY_ARE, ".md"}
    return f"repository/{path}" if as_it_is else f"repository/{path}.md"


def linked(text: str, path: str) -> list[str]:
    """Paths within the repository that a page links to.

    Args:
        text: The page.
        path: Its own path within the repository.
    """
    found = [target for _, target, _ in _LINK.findall(text) if not _is_address(target)]
    return [posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) for target in found]


def for_site(root: Path, text: str, path: str) -> str:
    """A page with its links as the site needs them; arguments as for :func:`site_path` and :func:`linked`."""
    here = posixpath.dirname(site_path(root, path))

    def moved(match: re.Match[str]) -> str:
        if _is_address(match[2]):
            return match[0]
        target = site_path(root, posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2])))
        return f"{match[1]}{posixpath.relpath(target, here or '.')}{match[3]}"

    return _LINK.sub(moved, text)


def outside(root: Path, pages: dict[str, str]) -> dict[str, str | Path]:
    """What comes along with pages, by its path on the site: the text of a page, or a file to copy.

    Args:
        root: The repository.
        pages: Text of every page of ``docs`` and of the top, by its path within the repository.
    """
    told_in: dict[str, list[str]] = {}
    for page, text in pages.items():
        for path in linked(text, page):
            told_in.setdefault(path, []).append(page)
    made: dict[str, str | Path] = {}
    waiting = list(told_in)
    while waiting:
        path = waiting.pop()
        place, file = site_path(root, path), root / path
        if place in made or not place.startswith("repository/"):
            continue
        if file.is_dir():
            within = [f"{path}/{one.name}" for one in sorted(file.iterdir()) if not _UNLISTED.fullmatch(one.name)]
            told = {one: told_in.get(one) or _naming(pages, one) for one in within}
            made[place] = _UNSEARCHED + _folder_page(root, path, told)
            waiting += within
        elif file.suffix in _AS_THEY_ARE:
            made[place] = file
        elif file.suffix == ".md":
            text = file.read_text(encoding="utf-8")
            made[place] = for_site(root, text, path)
            waiting += linked(text, path)
        else:
            made[place] = _UNSEARCHED + _source_page(file, path)
    return made


def _naming(pages: dict[str, str], path: str) -> list[str]:
    """Pages that name a stored result without a link."""
    name = posixpath.basename(path)
    return [page for page, text in pages.items() if name.endswith(".json") and name in text]


def _folder_page(root: Path, folder: str, told: dict[str, list[str]]) -> str:
    here = posixpath.dirname(site_path(root, folder))

    def link(path: str) -> str:
        return f"[{posixpath.basename(path)}]({posixpath.relpath(site_path(root, path), here)})"

    rows = [f"| {link(path)} | {', '.join(map(link, sorted(set(pages))))} |" for path, pages in told.items()]
    return "\n".join([f"# {folder}", "", "| file | pages that tell of it |", "|---|---|", *rows, ""])


def _source_page(file: Path, path: str) -> str:
    return f"# {path}\n\n`````{_FENCES.get(file.suffix, 'text')}\n{file.read_text(encoding='utf-8').rstrip()}\n`````\n"


def _is_address(target: str) -> bool:
    return "://" in target or target.startswith("mailto:")
