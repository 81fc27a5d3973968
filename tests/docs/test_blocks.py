"""Code on the pages is code of today: it compiles, what it imports is there, files and extras it names exist."""

from __future__ import annotations

import ast
import importlib
import json
import re
import tomllib
from pathlib import Path

import pytest

import recbole_curec as curec
from tests.docs.commands import commands
from tests.docs.pages import PAGES, ROOT, Block, blocks

CHECKED = [
    pytest.param(block, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
    for page in PAGES
    for number, block in enumerate(blocks(page))
    if not block.unchecked
]


def of(language: str) -> pytest.MarkDecorator:
    """Every checked block in a language."""
    return pytest.mark.parametrize("block", [one for one in CHECKED if one.values[0].language == language])


def missing(tree: ast.AST) -> list[str]:
    """Names of this package that the code uses and that are not there."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("recbole"):
            module = importlib.import_module(node.module or "")
            found += [f"{node.module}.{name.name}" for name in node.names if not hasattr(module, name.name)]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "curec":
            found += [f"curec.{node.attr}"] if node.attr not in curec.__all__ else []
    return found


def test_a_missing_name_is_found() -> None:
    code = "from recbole_curec.errors import DataError, NoSuchError\ncurec.run()\ncurec.walk()"
    assert missing(ast.parse(code)) == ["recbole_curec.errors.NoSuchError", "curec.walk"]


@of("python")
def test_python_compiles_and_its_imports_are_there(block: Block) -> None:
    assert missing(ast.parse(block.text)) == []


@of("json")
def test_json_parses(block: Block) -> None:
    assert json.loads(block.text)


@of("bash")
def test_scripts_their_options_and_extras_are_there(block: Block) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for words in commands(block.text):
        for named in re.findall(r"(?:recbole-curec|\.)\[([\w,-]+)\]", " ".join(words)):
            assert set(named.split(",")) <= set(extras)
        if words[0] == "python" and words[1].endswith(".py"):
            assert (ROOT / words[1]).is_file()
        if words[:2] == ["pytest", "-n"]:
            assert all((ROOT / word).exists() for word in words if "/" in word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curec run --a=1 \\\n  --b=2  # two lines", [["curec", "run", "--a=1", "--b=2"]]),
        ("X=1 Y=$Z/a curec run && pytest -q | cat", [["curec", "run"], ["pytest", "-q"], ["cat"]]),
        ("# nothing\n\n", []),
    ],
)
def test_commands_of_a_block(text: str, expected: list[list[str]]) -> None:
    assert commands(text) == expected


def test_a_block_says_that_it_is_not_checked(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n<!-- not checked: pseudocode -->\n```python\nx =\n```\n\n```python\ny = 1\n```\n")
    assert [(block.heading, block.unchecked) for block in blocks(page)] == [("A", "pseudocode"), ("A", "")]
