"""The documentation agrees with the code."""

import importlib.util
import re
from pathlib import Path

import pytest

from recbole_curec.backbones.lookup import OUR_MODELS, model_types
from recbole_curec.settings.settings import setting_names

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "dataset" / "README.md",
]


def written_page(name):
    """A page of ``docs`` and what its program would write today."""
    spec = importlib.util.spec_from_file_location(f"make_{name}", ROOT / "docs" / f"make_{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"), module.page()


def test_the_backbones_page_is_up_to_date():
    text, expected = written_page("backbones")
    assert text == expected, "run python docs/make_backbones.py"
    kinds = {name: kind for name, kind in model_types().items() if kind in OUR_MODELS.values()}
    rows = re.findall(r"^\| ([A-Z]\w+) \|", text, flags=re.MULTILINE)
    assert sorted(rows) == sorted(set(kinds) - set(OUR_MODELS))


def test_the_settings_page_is_up_to_date():
    text, expected = written_page("settings")
    assert text == expected, "run python docs/make_settings.py"
    assert re.findall(r"^\| `(\w+)`", text, flags=re.MULTILINE) == list(setting_names())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_readme_stands_on_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    run = "pip install -c constraints.txt -e . && python run_curec.py --model=CURec --dataset=ml-100k"
    check = "pip install -c constraints.txt -e '.[test]' && pytest"
    assert text.index(run) < text.index(check)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install --quiet -c constraints.txt -e '.[test]'" in script
    assert "\npytest\n" in script
