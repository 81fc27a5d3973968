"""Config files: plain data only, every line counts, and nothing hangs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.yaml_files import read_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: &a [*a, *a]\n", "line 1: the value contains itself"),
        ("a: &a {b: *a}\n", "contains itself"),
        (BOMB, "repeat into more than 100,000 values"),
        ("epochs: 3\nseed: 1\nepochs: 30\n", "line 3: 'epochs' is given twice"),
        ("align:\n  steps: 1\n  steps: 2\n", "line 3: 'steps' is given twice"),
        ("a: !!python/object/apply:os.system ['touch touched']\n", "is not valid YAML"),
        ("a: !!python/name:os.system\n", "is not valid YAML"),
        ("a: !!python/object:pathlib.Path {}\n", "is not valid YAML"),
        ("a: !own 3\n", "is not valid YAML"),
        ("a: 2020-99-99\n", "is not valid YAML"),
        ("a: " + "9" * 5000 + "\n", "is not valid YAML"),
        ("a: " + "[" * 3000 + "]" * 3000 + "\n", "nested too deeply"),
        ("a: b\0c\n", "is not valid YAML"),
        ("a: 1\n---\na: 2\n", "is not valid YAML"),
        ("[1]: 2\n", "is not valid YAML"),
        ("1: 2\n", "must hold 'key: value' lines"),
        ("- a\n", "must hold 'key: value' lines"),
        ("just text\n", "must hold 'key: value' lines"),
        ("\x7fELF\x01\x01", "is not valid YAML"),
    ],
)
def test_files_that_cannot_be_settings(content: str, said: str) -> None:
    Path("mine.yaml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"Config file 'mine.yaml'") as error:
        read_yaml("mine.yaml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not Path("touched").exists()


def test_paths_that_are_no_file() -> None:
    Path("folder").mkdir()
    for path, said in [("folder", "Is a directory"), ("nowhere.yaml", "No such file"), ("/dev/zero", "larger than 10")]:
        with pytest.raises(ConfigurationError, match=said):
            read_yaml(path)
    for wrong in (5, None, ["a.yaml"], "a\0b", "~no-such-user-at-all/a.yaml"):
        with pytest.raises(ConfigurationError, match=r"config_files=.*cannot be used"):
            read_yaml(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", {}),
        ("# nothing\n", {}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  x: 3\n", {"base": {"x": 1, "y": 2}, "mine": {"x": 3, "y": 2}}),
        ("a: 1e-5\nb: 3E+2\nc: 1.5e3\nd: .5e1\n", {"a": 1e-5, "b": 300.0, "c": 1500.0, "d": 5.0}),
        ("a: ~\nb: '1e-5'\nc: e5\nd: [1, 2.5, no]\n", {"a": None, "b": "1e-5", "c": "e5", "d": [1, 2.5, False]}),
    ],
)
def test_files_that_are_read(content: str, expected: dict[str, Any]) -> None:
    Path("mine.yaml").write_text(content, encoding="utf-8")
    assert read_yaml("mine.yaml") == expected
