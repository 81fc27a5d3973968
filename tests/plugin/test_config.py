"""Layers of settings inside RecBole's ``Config``, and their precedence."""

import logging
import sys

import pytest
from recbole.config import Config
from recbole.utils import InputType

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.config import load_config, used_aliases
from recbole_curec.plugin.experiment import log_aliases
from recbole_curec.settings.settings import setting_defaults
from recbole_curec.settings.travel import settings_of


def test_layers_and_precedence(tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("n_heads: 4\nsft_steps: 7\nlearning_rate: 0.01\n")
    second.write_text("learning_rate: 1e-2\nhidden_dropout_prob: 0.3\n")
    config = load_config("CURec", "ml-100k", [first, second], {"sft_steps": "9"})
    assert config["inner_size"] == 256  # RecBole's SASRec.yaml, which no file of ours overrides
    assert config["train_batch_size"] == 512  # our dataset/ml-100k.yaml above RecBole's overall.yaml
    assert config["reinforce.steps"] == setting_defaults()["reinforce.steps"]  # curec.yaml
    assert config["valid_metric"] == "NDCG@10"  # model/CURec.yaml above RecBole's MRR@10
    assert config["attn_dropout_prob"] == 0.4  # our dataset/ml-100k.yaml above SASRec.yaml
    assert config["normalize_all"] is True  # RecBole's dataset/ml-100k.yaml
    assert config["hidden_dropout_prob"] == 0.3  # the second file
    assert config["learning_rate"] == 0.01
    assert config["n_heads"] == 4  # the first file
    assert config["align.steps"] == settings_of(config).align.steps == 9  # overrides above files
    assert config["MODEL_INPUT_TYPE"] == InputType.POINTWISE
    assert config["model"] == "CURec"


def test_sections_merge_setting_by_setting_whatever_they_are_called(tmp_path, caplog):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("align: {steps: 7, batch_size: 3}\nlora_rank: 8\nreward_floors: {auc: 0.8}\n")
    second.write_text("align: {steps: 8}\nlora: {rank: 4}\n")
    config = load_config("CURec", "ml-100k", [first, second], {"align.batch_size": 5, "rl_steps": 2})
    settings = settings_of(config)
    assert (settings.align.steps, settings.align.batch_size, settings.reinforce.steps) == (8, 5, 2)
    assert settings.lora.rank == 4  # the second file, though the first one has the flat name
    assert settings.guard.floors == {"auc": 0.8}
    assert settings.align.save_steps == setting_defaults()["align.save_steps"]
    assert not {"align", "lora", "lora_rank", "rl_steps"} & set(config.final_config_dict)
    used = {"lora_rank": "lora.rank", "reward_floors": "guard.floors", "rl_steps": "reinforce.steps"}
    assert used_aliases(config) == used
    with caplog.at_level(logging.INFO):
        log_aliases(config)
    assert [record.message for record in caplog.records] == [
        f"settings by flat names: {', '.join(f'{alias} is {full}' for alias, full in used.items())}"
    ]


def test_settings_are_read_once_and_travel_with_the_config():
    config = load_config("CURec", "ml-100k")
    assert settings_of(config) is settings_of(config)
    assert settings_of(config).recommend.backbone == "SASRec"


def test_a_setting_under_two_names_must_agree(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("sft_steps: 7\nalign: {steps: 8}\n")
    with pytest.raises(ConfigurationError, match=r"align\.steps is given twice, as 7 and 8: keep one\."):
        load_config("CURec", "ml-100k", [path])


def test_sections_for_other_backbones_do_not_apply():
    config = load_config("CURec", "ml-100k", [], {"backbone": "GRU4Rec"})
    assert config["dropout_prob"] == recbole_keys.model_defaults("GRU4Rec")["dropout_prob"]
    assert "hidden_dropout_prob" not in config


def test_recboles_own_config_gets_the_same_layers(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["pytest", "--durations=5", "--rl_steps=3", "--align.steps=5"])
    config = Config(model="CURec", dataset="ml-100k", config_dict={"fusion": "none"})
    assert (config["attn_dropout_prob"], config["recommend.fusion"]) == (0.4, "none")
    settings = settings_of(config)
    assert (settings.reinforce.steps, settings.align.steps, settings.recommend.fusion) == (3, 5, "none")


def test_recboles_own_config_of_plain_models_is_untouched():
    mine = {"some_key_of_mine": 1, "some_table_of_mine": {"a": 1}}
    config = Config(model="BPR", dataset="ml-100k", config_dict=mine)
    assert {key: config[key] for key in mine} == mine
    assert config["valid_metric"] == "MRR@10"
    assert config["metrics"] == ["Recall", "MRR", "NDCG", "Hit", "Precision"]
    assert not set(setting_defaults()) & set(config.final_config_dict)


def test_load_config_ignores_the_command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--epochs=3", "stray"])
    assert load_config("CURec", "ml-100k")["epochs"] == 40


def test_plain_models_get_the_same_protocol_and_tuning():
    ours, plain = load_config("CURec", "ml-100k"), load_config("SASRec", "ml-100k")
    for key in ("eval_args", "metrics", "topk", "valid_metric", "repeatable", "hidden_dropout_prob", "loss_type"):
        assert plain[key] == ours[key], key
    assert plain["train_neg_sample_args"]["distribution"] == "none"
    assert not set(setting_defaults()) & set(plain.final_config_dict)
    general = load_config("LightGCN", "ml-100k")
    assert general["valid_metric"] == "NDCG@10"
    assert general["train_neg_sample_args"]["distribution"] == "uniform"


def test_time_column_is_loaded_for_unknown_datasets(load, toy, settings_for):
    overrides = {key: value for key, value in settings_for(toy).items() if key != "load_col"}
    for model in ("CURec", "SASRec"):
        overrides = {key: value for key, value in overrides.items() if model == "CURec" or key != "fusion"}
        config = load_config(model, "toy", [], overrides)
        assert config["load_col"] == {"inter": ["user_id", "item_id", "timestamp"]}


def test_unchecked_config_skips_keys_and_files(settings_for, toy):
    config = load_config("CURec", "nowhere", [], settings_for(toy, mine=1), check=False)
    assert config["mine"] == 1


def test_missing_dataset_is_never_downloaded(settings_for, toy):
    with pytest.raises(DataError, match="does not exist"):
        load_config("SASRec", "ml-1m", [], {"data_path": str(toy.root)})
