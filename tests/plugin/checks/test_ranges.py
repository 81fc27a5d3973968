"""The ranges of RecBole's settings; none refuses what RecBole or this package ships."""

import math
from pathlib import Path

import pytest
import recbole
import yaml

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checks.ranges import check_finite, check_range, gpu_text
from recbole_curec.plugin.defaults import properties_folder
from recbole_curec.plugin.recbole_keys import model_defaults, wrong_type
from recbole_curec.plugin.yaml_files import read_yaml

SHIPPED = sorted(
    path
    for folder in (Path(recbole.__file__).parent / "properties", properties_folder())
    for path in folder.rglob("*.yaml")
    if not path.stem.endswith("url") and "tune" not in path.parts[-3:]  # spaces of values, not values
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_shipped_value_is_refused(path):
    for key, value in read_yaml(path).items():
        check_finite(key, value)
        check_range(key, value)


def test_a_models_lists_are_lists():
    assert wrong_type("mlp_hidden_size", 64, "NeuMF") == "a list of numbers"
    assert wrong_type("mlp_hidden_size", [64], "NeuMF") is None
    assert wrong_type("mlp_hidden_size", [], "NeuMF") is None
    assert isinstance(model_defaults("NeuMF")["mlp_hidden_size"], list)


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("gpu_id", ["0", "0,1", "0, 1", 3, "", "-1", (0, 1), [0, 1], "GPU-8932f937", "MIG-GPU-1/2/0"],
         ["cpu", None, True, 1.5, "0;1", {"a": 1}, "0,", [0, "x"]]),
        ("seed", [0, 2020, 2**32 - 1], [-1, 2**32, 1.0, True, None, "1"]),
        ("state", ["INFO", "debug", "Error", None], ["LOUD", "notset", 3]),
        ("learner", ["adam", "AdamW", "sparse_adam"], ["adamx", "lion", ""]),
        ("clip_grad_norm", [None, {"max_norm": 5}, {"max_norm": 1, "norm_type": 1}],
         [5, {}, {"max_norm": 0}, {"norm": 1}]),
        ("hidden_dropout_prob", [0, 0.5, 0.999], [1, 1.5, -0.1, "0.5", math.nan]),
        ("dropout_probs", [[0.25, 0.5]], [[0.25, 2]]),
        ("n_heads", [1, 2], [0, 1.5]),
        ("num_layers", [0, 3], [-1, 0.5]),
        ("reg_weights", [[0, 1e-3], 0.1], [[0, -1e-3], "x"]),
        ("ssl_temp", [0.1], [0, -1]),
        ("tail_ratio", [None, 0.1, 20], [0, -1]),
        ("metric_decimal_place", [1, 4], [0, -2]),
        ("benchmark_filename", [None, ["a", "b", "c"]], [["a"], "abc"]),
    ],
)  # fmt: skip
def test_ranges(key, good, bad):
    for value in good:
        check_range(key, value)
    for value in bad:
        with pytest.raises(ConfigurationError, match=f"^{key}=.* cannot be used: it must be "):
            check_range(key, value)


def test_infinity_is_found_inside_of_anything():
    check_finite("a", {"b": [1, 2.5, "inf", None], "c": math.pi})
    for value in (math.inf, -math.inf, math.nan, [1, math.inf], {"b": {"c": (math.nan,)}}):
        with pytest.raises(ConfigurationError, match="it must be a finite number"):
            check_finite("a", value)
    with pytest.raises(ConfigurationError, match=r"^a\.b\.c=nan cannot"):
        check_finite("a", yaml.safe_load("{b: {c: [1, .nan]}}"))


def test_gpus_as_recbole_reads_them():
    assert [gpu_text(value) for value in ("0,1", (0, 1), [2, 3], 0, "")] == ["0,1", "0,1", "2,3", "0", ""]
