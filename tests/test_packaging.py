"""The wheel, installed away from the checkout, holds everything a run needs; the pins fit the requirements."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import recbole_curec

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
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (path,) = folder.glob("*.whl")
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
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, version = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9a-z.]+)", line).groups()
            pins[_normal(name)] = version
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


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
