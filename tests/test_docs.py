"""The documentation agrees with the code."""

from __future__ import annotations

import importlib
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import recbole_curec as curec
from recbole_curec import errors
from recbole_curec.backbones.lookup import OUR_MODELS, model_types
from recbole_curec.cli.main import COMMANDS
from recbole_curec.errors import CURecError
from recbole_curec.extensions import POINTS
from recbole_curec.pipelines import reccot
from recbole_curec.pipelines.curec import STAGES
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.settings.settings import canonical, full_names, known_groups, setting_names
from tests.docs.commands import commands
from tests.docs.pages import PAGES, blocks

ROOT = Path(__file__).resolve().parents[1]
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


def written_page(name: str, file: str | None = None) -> tuple[str, str]:
    """A page or picture of ``docs`` and what its program would write today."""
    spec = importlib.util.spec_from_file_location(f"make_{name}", ROOT / "docs" / f"make_{name}.py")
    assert spec is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return (ROOT / "docs" / (file or f"{name}.md")).read_text(encoding="utf-8"), module.page()


def test_the_picture_is_up_to_date_and_names_every_stage() -> None:
    text, expected = written_page("picture", "pipeline.svg")
    assert text == expected, "run python docs/make_picture.py"
    named = re.findall(r'<text class="name"[^>]*>([^<]+)<', text)
    rows = [[stage.name for stage in stages] for stages in (STAGES, reccot.STAGES)]
    lanes = [name for row in rows for name in ("training split", *row, "recommend")]
    assert named == [*lanes, "audit", "describe", "statements"]
    arrows = [*range(len(STAGES) + 1), *range(len(reccot.STAGES) + 1)]
    assert text.count("<path d=") == len(arrows) + 6 + 3 + 1  # to the next box; over boxes; the head


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
    told_once = {"CHANGELOG.md": ["sft_steps"]}
    if page.name != "settings.md" or page.parent.name != "docs":
        assert flat == (told_once.get(page.name, []) if page.parent == ROOT else [])


@pages
def test_commands_and_config_files_know_every_setting(page: Path) -> None:
    known = {*ARGUMENTS, *known_keys(), *setting_names()}
    # Sections and keys of parts that the page itself shows.
    defined = set(re.findall(r'(?:^    section = |config\[)"(\w+)"', page.read_text(encoding="utf-8"), re.MULTILINE))
    for block in blocks(page):
        if block.language == "bash" and not block.unchecked:
            for words in commands(block.text):
                ours = words[0] == "curec" or any(word.endswith("run_curec.py") for word in words)
                assert words[0] != "curec" or words[1] in COMMANDS, words
                options = [word[2:].partition("=")[0] for word in words if ours and word[:2] == "--"]
                assert set(options) - {"config_file", "nproc_per_node"} <= known, words
        elif block.language == "yaml" and not block.unchecked:
            found, used = canonical(yaml.safe_load(block.text), [*known_keys(), "tuned"])
            assert {name for name in found if name.partition(".")[0] not in defined} <= known
            assert not used


def test_the_readme_stands_on_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    run = "pip install -c constraints.txt -e . && python run_curec.py --model=CURec --dataset=ml-100k"
    check = "pip install -c constraints.txt -e '.[test]' && pytest"
    assert text.index(run) < text.index(check)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install --quiet -c constraints.txt -e '.[test]'" in script
    assert "\npytest\n" in script


def test_the_readme_is_short_and_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 90
    assert {name for name in COMMANDS if f"`curec {name}" in text} == set(COMMANDS)
    for path in re.findall(r"`((?:recbole_curec|tests|docs|benchmarks|properties)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_what_a_run_prints_is_shown_for_all_stages_and_shortened_in_the_readme() -> None:
    (whole,) = [block.text for block in blocks(ROOT / "docs" / "sample_run.md")]
    names = [*(stage.name for stage in STAGES), "recommend"]
    told = re.findall(r"^\[(\d)/7\] (\w+):", whole, flags=re.MULTILINE)
    assert told == [(str(number), name) for number, name in enumerate(names, 1)]
    short = next(block.text for block in blocks(ROOT / "README.md") if "test split" in block.text)
    assert [line for line in short.splitlines() if line not in whole.splitlines()] == []


def test_the_architecture_page_names_the_stages_in_order() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", text, flags=re.MULTILINE)
    names = [*(stage.name for stage in STAGES), "recommend"]
    assert rows == [(str(number), name) for number, name in enumerate(names, 1)]


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


def test_the_python_reference_names_all_there_is() -> None:
    text, extending = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("api.md", "extending.md"))
    paths = re.findall(r"^::: ([\w.]+)$", text, flags=re.MULTILINE)
    for path in paths:
        module, _, name = path.rpartition(".")
        assert hasattr(importlib.import_module(module), name), path
    told = {path.rpartition(".")[2] for path in paths} | set(re.findall(r"`(register_\w+)`", text))
    assert set(curec.__all__) - {"__version__"} <= told
    bases = re.findall(r"^\| \[[^|]+\| [^|]+\| `[\w.]+\.(\w+)` \|", extending, flags=re.MULTILINE)
    assert len(bases) == len(POINTS)
    assert set(bases) <= told
    assert {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, CURecError)} <= told


def test_every_page_has_its_place_on_the_site() -> None:
    text = (ROOT / "docs" / "site" / "mkdocs.yml").read_text(encoding="utf-8")
    navigation = yaml.safe_load(text[text.index("\nnav:") :])["nav"]
    placed = re.findall(r"'([\w/.-]+\.md)'", str(navigation))
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert pages <= set(placed)
    assert len(placed) == len(set(placed))
    titles = [next(iter(one)) for one in navigation]
    assert titles[1:7] == [
        "Start in five minutes", "How it works", "Use it on your data", "Choose a model", "Read the results", "Results",
    ]  # fmt: skip
