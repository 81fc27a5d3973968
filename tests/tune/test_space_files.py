"""Files of spaces, folders of them, and the defaults of backbones and families."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.backbones.lookup import model_types
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.checks.ranges import check_range
from recbole_curec.plugin.defaults import properties_folder
from recbole_curec.tune.space_files import default_space, given_space, read_space
from recbole_curec.tune.spaces import Choice, LogUniform, Uniform

DEFAULTS = [path.stem for path in (properties_folder() / "tune").glob("*.yaml")]


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_sections_and_flat_names_of_ours_become_full_names(tmp_path: Path) -> None:
    text = "recommend: {fusion: {choice: [gate, concat]}}\nlearning_rate: {log_uniform: [1e-4, 0.1]}\n"
    space = read_space(_write(tmp_path / "a.yaml", text + "fusion_alignment: {uniform: [0, 1]}\n"))
    assert space.dimensions == {
        "recommend.fusion": Choice(("gate", "concat")),
        "learning_rate": LogUniform(0.0001, 0.1),
        "recommend.fusion_alignment": Uniform(0.0, 1.0),
    }
    assert space.source == str(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.txt", "", "must end in .yaml, .yml, .hyper"),
        ("a.yaml", "", "names no setting"),
        ("a.hyper", "# nothing\n", "names no setting"),
        ("a.yaml", "dropout: 0.5\n", "dropout must be given as one of choice, uniform"),
        ("a.yaml", "dropout: {uniform: [0, 1], choice: [1]}\n", "dropout must be given as one of"),
        ("a.yaml", "dropout: {uniform: 0.5}\n", "dropout: uniform needs a list"),
        ("a.yaml", "dropout: {uniform: [0.5, 0.1]}\n", "the first bound must be lower"),
        ("a.yaml", "fusion: {choice: [a]}\nrecommend.fusion: {choice: [b]}\n", "gives recommend.fusion twice"),
        ("a.hyper", "a choice [1]\n\xff", "is not UTF-8"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, name: str, content: str, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigurationError) as error:
        read_space(path)
    assert text in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("no.yaml", "no.hyper"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            given_space(str(tmp_path / name), ("SASRec",))


def test_a_folder_holds_a_space_per_row_or_backbone(tmp_path: Path) -> None:
    _write(tmp_path / "SASRec.hyper", "n_layers choice [1]\n")
    _write(tmp_path / "mine.yaml", "n_layers: {choice: [2]}\n")
    found = [given_space(str(tmp_path), names) for names in (("mine", "SASRec"), ("other", "SASRec"), ("x", "BPR"))]
    assert [None if space is None else space.dimensions["n_layers"] for space in found] == [
        Choice((2,)), Choice((1,)), None,
    ]  # fmt: skip


def test_a_default_space_holds_settings_of_its_backbone_with_values_in_range() -> None:
    assert {"SASRec", "GRU4Rec", "BERT4Rec", "NARM", "LightGCN", "BPR", "NeuMF", "MultiVAE", "EASE"} <= set(DEFAULTS)
    for model in DEFAULTS:
        space = default_space(model, model_types()[model], frozenset())
        assert set(space.dimensions) <= {*recbole_keys.general_defaults(), *recbole_keys.model_defaults(model)}, model
        for name, one in space.dimensions.items():
            for value in one.edges:
                assert recbole_keys.wrong_type(name, value, model) is None, (model, name)
                check_range(name, value)


def test_every_model_that_learns_by_epochs_has_a_default_space() -> None:
    for model, kind in model_types().items():
        known = frozenset({*recbole_keys.general_defaults(), *recbole_keys.model_defaults(model), "reccot.dropout"})
        if kind == "external-library":
            with pytest.raises(ConfigurationError, match="There is no default space for"):
                default_space(model, kind, known)
            continue
        space = default_space(model, kind, known)
        assert space.dimensions, model
        assert set(space.dimensions) <= known, model
        assert space.source == f"default of {model if model in DEFAULTS else f'{kind} models'}"
