"""The YAML files that are shipped, and config files that cannot be read."""

import itertools

import pytest
import yaml

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.defaults import properties_file, properties_folder
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.settings.settings import canonical, setting_defaults


def test_curec_yaml_holds_every_setting_with_its_default():
    found, aliases = canonical(read_yaml(properties_folder() / "curec.yaml"))
    assert found == setting_defaults()
    assert aliases == {}


def test_every_line_of_curec_yaml_has_a_comment():
    lines = (properties_folder() / "curec.yaml").read_text().splitlines()
    settings = 0
    for above, line in itertools.pairwise(lines):
        if line and "#" not in line:
            assert above.strip().startswith("# "), line
            assert above.strip() != "# advanced", line
            settings += line.startswith("  ")
    assert settings == len(setting_defaults())


def test_every_shipped_key_is_known():
    known = recbole_keys.known_keys() | set(setting_defaults()) | {"tuned"}
    paths = [path for path in properties_folder().rglob("*.yaml") if path.parent.name != "accelerate"]
    assert len(paths) >= 4
    for path in paths:
        assert set(canonical(read_yaml(path), known)[0]) <= known, path


def test_missing_properties_file_is_none():
    assert properties_file("dataset", "no-such.yaml") is None
    assert properties_file("dataset", "ml-100k.yaml").is_file()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"a: [1", "is not valid YAML"),
        (b"- a\n- b\n", "must hold 'key: value' lines"),
        (b"a: \xe9\n", "is not UTF-8"),
    ],
)
def test_bad_config_files_are_named(tmp_path, content, message):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as error:
        load_config("CURec", "ml-100k", [path])
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_empty_config_file_and_names_from_it(tmp_path):
    empty, names = tmp_path / "empty.yaml", tmp_path / "names.yaml"
    empty.write_text("# nothing\n")
    names.write_text(yaml.safe_dump({"model": "SASRec", "dataset": "ml-100k"}))
    config = load_config(None, None, [empty, names])
    assert (config["model"], config["dataset"]) == ("SASRec", "ml-100k")
