"""A command line, and settings given as text, read without running them."""

import pytest
from recbole.config import Config

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.arguments import parse_arguments, parse_overrides, parse_text, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("None", None),
        ("null", None),
        ("~", None),
        ("1e-3", 1e-3),
        ("[1, 2]", [1, 2]),
        ("{'RS': [8, 1, 1]}", {"RS": [8, 1, 1]}),
        ("[0,inf)", "[0,inf)"),
        ("adam", "adam"),
        ("2*3", "2*3"),
        ("", ""),
    ],
)
def test_text_becomes_a_value(text, value):
    assert parse_text(text) == value
    assert type(parse_text(text)) is type(value)


def test_text_is_never_executed(tmp_path):
    victim = tmp_path / "touched"
    attack = f"__import__('pathlib').Path({str(victim)!r}).touch()"
    assert Config._convert_config_dict(None, {"x": attack}) == {"x": attack}
    assert not victim.exists()


def test_the_fusion_named_none_stays_a_word():
    assert Config._convert_config_dict(None, {"fusion": "none", "transform": "none"}) == {
        "fusion": "none",
        "transform": None,
    }


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("reward_floors", "{auc: 0}", {"auc": 0}),
        ("guard.floors", "{auc: 0, shuffled: 5e-1}", {"auc": 0, "shuffled": 0.5}),
        ("reward_weights", "{model: 1.0, 'my.rewards:Polite': 2}", {"model": 1.0, "my.rewards:Polite": 2}),
        ("sft_mix", " {reason: 1} ", {"reason": 1}),
        ("lora_targets", "[q_proj, v_proj]", ["q_proj", "v_proj"]),
        ("lora_targets", ".*[qv]_proj", ".*[qv]_proj"),
        ("item_text_fields", "[title]", ["title"]),
        ("eval_args", "{split: {RS: [8, 1, 1]}, order: RO}", {"split": {"RS": [8, 1, 1]}, "order": "RO"}),
        ("val_interval", "{rating: '[3,inf)'}", {"rating": "[3,inf)"}),
        ("load_col", "{inter: [user_id, item_id]}", {"inter": ["user_id", "item_id"]}),
        ("metrics", "[Recall, NDCG]", ["Recall", "NDCG"]),
        ("benchmark_filename", "[a, b, c]", ["a", "b", "c"]),
        ("own.weights", "{a: 1}", {"a": 1}),
        ("own.names", "[a, b]", ["a", "b"]),
        ("user_inter_num_interval", "[5,inf]", "[5,inf]"),
        ("openai_model", "{a: 1}", "{a: 1}"),  # text alone
        ("data_path", "{a}", "{a}"),
        ("reward_floors", "{auc: 0", "{auc: 0"),
        ("reward_floors", "{1: 0}", {1: 0}),  # what Python reads stays Python's
        ("reward_floors", "{0.7}", "{0.7}"),
        ("reward_floors", "{auc: 0, auc: 1}", "{auc: 0, auc: 1}"),
        ("reward_floors", "{auc: !!python/name:os.system }", "{auc: !!python/name:os.system }"),
        ("reward_floors", "{a: &x [*x]}", "{a: &x [*x]}"),
        ("reward_floors", "", ""),
    ],
)
def test_collections_may_be_written_as_in_a_config_file(key, text, value):
    assert parse_value(key, text) == value


def test_parse_overrides():
    given = ["--epochs=3", "--fusion=none", "--val_interval={'rating': '[3,5]'}", "--llm=a=b", "--transform=none"]
    assert parse_overrides(given) == {
        "epochs": 3,
        "fusion": "none",
        "val_interval": {"rating": "[3,5]"},
        "llm": "a=b",
        "transform": None,
    }


@pytest.mark.parametrize("argument", ["epochs=3", "--epochs", "-e=3", "--=3", "stray"])
def test_arguments_of_another_form(argument):
    with pytest.raises(ConfigurationError, match="is not of the form --key=value"):
        parse_overrides([argument])


def test_contradicting_arguments():
    with pytest.raises(ConfigurationError, match="--epochs is given twice"):
        parse_overrides(["--epochs=3", "--epochs=4"])


def test_sections_on_the_command_line():
    given = ["--align.steps=3", "--recommend.fusion=none", "--align={'batch_size': 4}", "--quantization=none"]
    assert parse_overrides(given) == {
        "align.steps": 3,
        "recommend.fusion": "none",
        "align": {"batch_size": 4},
        "quantization": "none",
    }


def test_parse_arguments():
    argv = [
        "--model=CURec",
        "--config_files=a.yaml b.yaml",
        "c.yaml",
        "--dataset=ml-100k",
        "--config_files=d.yaml",
        "--x=1",
    ]
    assert parse_arguments(argv) == ("CURec", "ml-100k", ["a.yaml", "b.yaml", "c.yaml", "d.yaml"], {"x": 1})
    assert parse_arguments([]) == (None, None, [], {})
    with pytest.raises(ConfigurationError):
        parse_arguments(["--model=CURec", "a.yaml"])
