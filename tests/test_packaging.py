"""The wheel, made from the sdist and tried away from the checkout, holds what a run needs; pins fit requirements."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

import recbole_curec
from recbole_curec.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
YAML = sorted(path.relative_to(ROOT / "properties").as_posix() for path in (ROOT / "properties").rglob("*.yaml"))

PROBE = """
import json
import sys

import recbole_curec
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.defaults import properties_file, properties_folder
from recbole_curec.plugin.yaml_files import read_yaml

loaded = {name: sorted(read_yaml(properties_file(*name.split("/")))) for name in json.loads(sys.argv[1])}
config = load_config("CURec", "ml-100k", [], {"backbone": "GRU4Rec"})
print(json.dumps({
    "package": recbole_curec.__file__,
    "version": recbole_curec.__version__,
    "folder": str(properties_folder()),
    "loaded": loaded,
    "backbone": config["recommend.backbone"],
    "valid_metric": config["valid_metric"],
    "dropout_prob": config["dropout_prob"],
}))
"""


def call(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)  # the wheel from the sdist
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    target = tmp_path_factory.mktemp("target")
    call(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", target, wheel)
    return target


def test_every_yaml_is_loaded_from_an_installed_wheel(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    output = call(sys.executable, "-c", PROBE, json.dumps(YAML), cwd=tmp_path, env=environment)
    probe = json.loads(output.splitlines()[-1])
    assert Path(probe["package"]) == installed / "recbole_curec" / "__init__.py"
    assert Path(probe["folder"]) == installed / "recbole_curec" / "properties"
    assert len(YAML) >= 4
    assert probe["loaded"].keys() == set(YAML)
    assert all(probe["loaded"].values())
    assert "recommend" in probe["loaded"]["model/CURec.yaml"]
    assert (probe["backbone"], probe["valid_metric"]) == ("GRU4Rec", "NDCG@10")
    assert probe["version"] == recbole_curec.__version__
    assert not list(tmp_path.iterdir())  # importing and configuring leave nothing behind


def test_the_command_runs_outside_the_checkout(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    usage = call(sys.executable, installed / "bin" / "curec", "--help", cwd=tmp_path, env=environment)
    assert all(f"  {name} " in usage for name in COMMANDS)
    assert not list(tmp_path.iterdir())


def test_the_sdist_holds_what_its_pages_and_tests_need(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"constraints.txt", "constraints-min.txt", ".ci/run", "docs/site/mkdocs.yml", "tests/conftest.py"} <= names
    for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        targets = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
        assert {target for target in targets if "://" not in target} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("saved", "log", "build"))]


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "recbole_curec").rglob("*.py")}
    assert modules <= names
    assert {f"recbole_curec/properties/{name}" for name in YAML} <= names
    assert {"recbole_curec/py.typed", "recbole_curec/evaluation/annotation/page.html.jinja"} <= names
    rest = {name for name in names if not name.startswith("recbole_curec/")}
    assert all(re.match(r"recbole_curec-[\d.]+\.dist-info/", name) for name in rest)
    assert any(name.endswith("LICENSE") for name in rest)


def test_metadata(installed):
    (folder,) = installed.glob("*.dist-info")
    distribution = PathDistribution(folder)
    assert distribution.metadata["Name"] == "recbole-curec"
    assert distribution.version == recbole_curec.__version__
    assert distribution.metadata["Requires-Python"] == "<3.12,>=3.11"
    assert {"test", "quantization", "ctranslate2", "vllm", "openai"} <= set(
        distribution.metadata.get_all("Provides-Extra")
    )
    assert "recbole==1.2.1" in (distribution.requires or [])


def test_pins_fit_what_is_required(installed):
    pins = _pins("constraints.txt")
    assert pins["torch"] == "2.13.0"
    (folder,) = installed.glob("*.dist-info")
    requirements = [Requirement(text) for text in PathDistribution(folder).requires or []]
    assert len(requirements) > 20
    # vLLM pins a torch of its own, other than ours.
    (unpinned,) = [requirement for requirement in requirements if requirement.name == "vllm"]
    assert str(unpinned.marker) == 'extra == "vllm"'
    assert "vllm" not in pins
    for requirement in requirements:
        if requirement is unpinned:
            continue
        version = pins[_normal(requirement.name)]
        assert requirement.specifier.contains(version), (str(requirement), version)


def test_minimum_versions_are_the_lowest_that_are_allowed():
    pins = _pins("constraints-min.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for_runs = [name for name in extras if name not in ("browser", "docs", "minilm", "test", "vllm")]
    named = [
        Requirement(text) for text in [*project["dependencies"], *(one for name in for_runs for one in extras[name])]
    ]
    for requirement in named:
        (lowest,) = [part.version for part in requirement.specifier if part.operator in (">=", "==")]
        assert Version(pins[_normal(requirement.name)]) == Version(lowest), requirement.name


def test_every_extra_but_two_is_among_what_the_tests_install():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    tested = {Requirement(text).name for text in [*project["dependencies"], *extras["test"]]}
    rest = {name for name, texts in extras.items() if not {Requirement(text).name for text in texts} <= tested}
    assert rest == {"browser", "ratings", "vllm"}


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"] == recbole_curec.__version__
    assert citation["authors"] == project["authors"]
    assert citation["authors"][0]["name"] in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert (citation["license"], citation["keywords"]) == (project["license"], project["keywords"])


def test_the_workflow_runs_the_checks_and_the_site():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    site = "mkdocs build --strict -f docs/site/mkdocs.yml"
    ran = {name: [step.get("run", "") for step in job["steps"]] for name, job in workflow["jobs"].items()}
    assert ".ci/run" in ran["checks"]
    assert site in ran["docs"]
    assert site.replace("build", "build --quiet") in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert any("-c constraints-min.txt" in text for text in ran["minimum-versions"])
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def _pins(name):
    pins = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            package, version = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9a-z.]+)", line).groups()
            pins[_normal(package)] = version
    return pins


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
