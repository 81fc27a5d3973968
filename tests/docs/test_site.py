"""What the hooks of the site make of a page's links."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT


@pytest.fixture(scope="module")
def links() -> ModuleType:
    """``docs/site/links.py``."""
    spec = importlib.util.spec_from_file_location("links", DOCS / "site" / "links.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository."""
    for path, text in {
        "README.md": "[a](docs/a.md#top)",
        "docs/a.md": "[json](../results/one.json) [code](../results/code.py#L1) [all](../results) `two.json`",
        "results/one.json": "{}",
        "results/code.py": "x = '```'\n",
        "results/two.json": "{}",
        "results/notes/README.md": "[up](../../docs/a.md) [beside](two.yaml)",
        "results/notes/two.yaml": "a: 1",
        "results/__pycache__/code.pyc": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_places(links: ModuleType) -> None:
    places = {
        "README.md": "index.md",
        "CHANGELOG.md": "changelog.md",
        "docs/lift.md": "lift.md",
        "docs/explanations.png": "explanations.png",
        "dataset/README.md": "repository/dataset/README.md",
        "benchmarks/results": "repository/benchmarks/results.md",
        "benchmarks/results/lift_ml-100k.json": "repository/benchmarks/results/lift_ml-100k.json",
        "benchmarks/ratings.py": "repository/benchmarks/ratings.py.md",
    }
    assert {path: links.site_path(ROOT, path) for path in places} == places
    with pytest.raises(FileNotFoundError, match=r"^a page links to 'docs/nowhere\.md'"):
        links.site_path(ROOT, "docs/nowhere.md")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("README.md", "[a](docs/lift.md#answer), [b](LICENSE)", "[a](lift.md#answer), [b](repository/LICENSE.md)"),
        ("docs/lift.md", "[a](../README.md) [b](#answer)", "[a](index.md) [b](#answer)"),
        ("docs/lift.md", "![p](explanations.png) <https://a.b> [c](https://a.b/../c)", None),
        ("dataset/README.md", "[a](../docs/data.md)", "[a](../../data.md)"),
    ],
)
def test_links(links: ModuleType, path: str, text: str, expected: str | None) -> None:
    assert links.for_site(ROOT, text, path) == (text if expected is None else expected)


def test_what_comes_along(links: ModuleType, repository: Path) -> None:
    pages = {path: (repository / path).read_text(encoding="utf-8") for path in ("README.md", "docs/a.md")}
    made = links.outside(repository, pages)
    assert sorted(made) == [
        "repository/results.md",
        "repository/results/code.py.md",
        "repository/results/notes.md",
        "repository/results/notes/README.md",
        "repository/results/notes/two.yaml.md",
        "repository/results/one.json",
        "repository/results/two.json",
    ]
    assert made["repository/results/one.json"] == repository / "results" / "one.json"
    assert "`````python\nx = '```'\n`````" in made["repository/results/code.py.md"]
    assert "| [one.json](results/one.json) | [a.md](../a.md) |" in made["repository/results.md"]
    assert "| [two.json](results/two.json) | [a.md](../a.md) |" in made["repository/results.md"]
    assert "| [notes](results/notes.md) |  |" in made["repository/results.md"]
    assert made["repository/results/notes/README.md"] == "[up](../../../a.md) [beside](two.yaml.md)"


def test_every_link_of_every_page_has_a_place(links: ModuleType) -> None:
    pages = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
    made = links.outside(ROOT, pages)
    assert "repository/benchmarks/results.md" in made
    for path, text in pages.items():
        for target in links.linked(text, path):
            place = links.site_path(ROOT, target)
            assert not place.startswith("repository/") or place in made
