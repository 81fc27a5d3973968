"""The documentation agrees with the code."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from recbole_curec.backbones.lookup import OUR_MODELS, model_types
from recbole_curec.cli.main import COMMANDS
from recbole_curec.pipelines.curec import STAGES
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.settings.settings import canonical, full_names, known_groups, setting_names
from tests.docs.pages import blocks

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "dataset" / "README.md",
]
# Arguments of the commands that are no settings.
ARGUMENTS = {
    "model", "dataset", "config_files", "seeds", "references", "benchmark_dir", "export_dir", "checkpoint", "users",
    "history", "top_k", "keep_history", "output", "data_path", "source", "reviews", "items", "out", "k_core",
    "duplicates", "overwrite", "reasons", "pairs", "annotators", "scales", "key", "answers", "people", "judge.model",
    "judge.writers", "encoder", "bertscore", "against", "sentences", "samples", "since", "before",
    "min_rating", "columns", "vary_reasons", "ensemble", "trials", "space", "engine", "search", "prune", "tune_dir",
    "tuned",
}  # fmt: skip
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def written_page(name: str) -> tuple[str, str]:
    """A page of ``docs`` and what its program would write today."""
    spec = importlib.util.spec_from_file_location(f"make_{name}", ROOT / "docs" / f"make_{name}.py")
    assert spec is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"), module.page()


def test_the_backbones_page_is_up_to_date() -> None:
    text, expected = written_page("backbones")
    assert text == expected, "run python docs/make_backbones.py"
    kinds = {name: kind for name, kind in model_types().items() if kind in OUR_MODELS.values()}
    rows = re.findall(r"^\| ([A-Z]\w+) \|", text, flags=re.MULTILINE)
    assert sorted(rows) == sorted(set(kinds) - set(OUR_MODELS))


def test_the_settings_page_is_up_to_date() -> None:
    text, expected = written_page("settings")
    assert text == expected, "run python docs/make_settings.py"
    named = re.findall(r"^\| `(\w+\.\w+)`", text, flags=re.MULTILINE)
    assert sorted(named) == sorted(setting_names())
    sections = re.findall(r"^## `(\w+)`", text, flags=re.MULTILINE)
    assert sections == [group.section for group in known_groups()]
    assert list(dict.fromkeys(name.partition(".")[0] for name in named)) == sections


@pages
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for target, _, anchor in re.findall(r"\]\(([^)#]*)(#([^)]+))?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            linked = page.parent / target if target else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """What headings are called in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pages
def test_settings_are_called_by_their_full_names(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    own, names = {group.section for group in known_groups()}, set(setting_names())
    for section, name in re.findall(r"`-{0,2}(\w+)\.(\w+)(?:[:=][^`]*)?`", text):
        if section in own and name not in ("py", "yaml", "json"):  # 'run.json' is a file
            assert f"{section}.{name}" in names
    fields = {name.partition(".")[2] for name in names} | known_keys() | {"llm"}
    flat = [alias for alias in full_names() if alias not in fields and re.search(rf"\b{alias}\b", text)]
    told_once = {"README.md": ["rl_steps"], "CHANGELOG.md": ["sft_steps"]}
    if page.name != "settings.md" or page.parent.name != "docs":
        assert flat == (told_once.get(page.name, []) if page.parent == ROOT else [])


@pages
def test_commands_and_config_files_know_every_setting(page: Path) -> None:
    known = {*ARGUMENTS, *known_keys(), *setting_names()}
    for block in blocks(page):
        if block.language == "bash":
            for line in block.text.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True) if re.match(r"(curec|python run_curec\.py) ", line) else []
                assert not words or words[0] == "python" or words[1] in COMMANDS, line
                unknown = [word for word in words if word[:2] == "--" and word[2:].partition("=")[0] not in known]
                assert not unknown, line
        elif block.language == "yaml" and "my_parts." not in block.text:
            found, used = canonical(yaml.safe_load(block.text), [*known_keys(), "tuned"])
            assert set(found) <= known
            assert not used


def test_the_readme_stands_on_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    run = "pip install -c constraints.txt -e . && python run_curec.py --model=CURec --dataset=ml-100k"
    check = "pip install -c constraints.txt -e '.[test]' && pytest"
    assert text.index(run) < text.index(check)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install --quiet -c constraints.txt -e '.[test]'" in script
    assert "\npytest\n" in script


def test_the_readme_names_the_stages_in_order_and_their_map() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", text, flags=re.MULTILINE)
    names = [*(stage.name for stage in STAGES), "recommend"]
    assert rows == [(str(number), name) for number, name in enumerate(names, 1)]
    for path in re.findall(r"`((?:recbole_curec|tests|docs|benchmarks|properties)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_the_architecture_page_lists_the_layers_that_are_held() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [re.findall(r"`(\w+)`", cell) for cell in re.findall(r"^\| (`[^|]+) \|", text, flags=re.MULTILINE)]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert rows == [layer.split(" : ") for layer in contracts[0]["layers"]]
    package = ROOT / "recbole_curec"
    there = [path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
    assert sorted(name for row in rows for name in row) == sorted(set(there) - {"__init__", "install"})
    for path in re.findall(r"`([\w/]+\.py)`", text):
        assert (package / path).is_file(), path
    (stage,) = [block.text for block in blocks(ROOT / "docs" / "architecture.md") if block.language == "python"]
    assert stage in (package / "stages" / "reward.py").read_text(encoding="utf-8")
