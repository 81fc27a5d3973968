import sys

import pytest
import yaml
from recbole.config import Config
from recbole.utils import InputType

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.config import load_config, parse_arguments, parse_overrides
from recbole_curec.plugin.defaults import properties_file, properties_folder, read_yaml
from recbole_curec.settings.settings import setting_defaults

NEGATIVES = {"train_neg_sample_args": {"distribution": "uniform", "sample_num": 1}}
ALL = {"train_mode": "all_positions"}
ALL_BPR = ALL | {"loss_type": "BPR"}
PREFIXES = {"train_mode": "prefixes"}


def test_curec_yaml_holds_every_setting_with_its_default():
    assert read_yaml(properties_folder() / "curec.yaml") == setting_defaults()


def test_every_line_of_curec_yaml_has_a_comment():
    lines = (properties_folder() / "curec.yaml").read_text().splitlines()
    assert all("# " in line for line in lines if line)


def test_every_shipped_key_is_known():
    known = recbole_keys.known_keys() | set(setting_defaults()) | {"tuned"}
    paths = [path for path in properties_folder().rglob("*.yaml") if path.parent.name != "accelerate"]
    assert len(paths) >= 4
    for path in paths:
        assert set(read_yaml(path)) <= known, path


def test_missing_properties_file_is_none():
    assert properties_file("dataset", "no-such.yaml") is None
    assert properties_file("dataset", "ml-100k.yaml").is_file()


def test_layers_and_precedence(tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("n_heads: 4\nsft_steps: 7\nlearning_rate: 0.01\n")
    second.write_text("learning_rate: 1e-2\nhidden_dropout_prob: 0.3\n")
    config = load_config("CURec", "ml-100k", [first, second], {"sft_steps": "9"})
    assert config["inner_size"] == 256  # RecBole's SASRec.yaml, which no file of ours overrides
    assert config["train_batch_size"] == 512  # our dataset/ml-100k.yaml above RecBole's overall.yaml
    assert config["rl_steps"] == setting_defaults()["rl_steps"]  # curec.yaml
    assert config["valid_metric"] == "NDCG@10"  # model/CURec.yaml above RecBole's MRR@10
    assert config["attn_dropout_prob"] == 0.4  # our dataset/ml-100k.yaml above SASRec.yaml
    assert config["normalize_all"] is True  # RecBole's dataset/ml-100k.yaml
    assert config["hidden_dropout_prob"] == 0.3  # the second file
    assert config["learning_rate"] == 0.01
    assert config["n_heads"] == 4  # the first file
    assert config["sft_steps"] == 9  # overrides above files
    assert config["MODEL_INPUT_TYPE"] == InputType.POINTWISE
    assert config["model"] == "CURec"


def test_sections_for_other_backbones_do_not_apply():
    config = load_config("CURec", "ml-100k", [], {"backbone": "GRU4Rec"})
    assert config["dropout_prob"] == recbole_keys.model_defaults("GRU4Rec")["dropout_prob"]
    assert "hidden_dropout_prob" not in config


def test_recboles_own_config_gets_the_same_layers(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["pytest", "--durations=5", "--rl_steps=3"])
    config = Config(model="CURec", dataset="ml-100k", config_dict={"fusion": "none"})
    assert (config["rl_steps"], config["attn_dropout_prob"], config["fusion"]) == (3, 0.4, "none")


def test_recboles_own_config_of_plain_models_is_untouched():
    config = Config(model="BPR", dataset="ml-100k", config_dict={"some_key_of_mine": 1})
    assert config["valid_metric"] == "MRR@10"
    assert config["metrics"] == ["Recall", "MRR", "NDCG", "Hit", "Precision"]
    assert "fusion" not in config


def test_load_config_ignores_the_command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--epochs=3", "stray"])
    assert load_config("CURec", "ml-100k")["epochs"] == 40


def test_plain_models_get_the_same_protocol_and_tuning():
    ours, plain = load_config("CURec", "ml-100k"), load_config("SASRec", "ml-100k")
    for key in ("eval_args", "metrics", "topk", "valid_metric", "repeatable", "hidden_dropout_prob", "loss_type"):
        assert plain[key] == ours[key], key
    assert plain["train_neg_sample_args"]["distribution"] == "none"
    assert "fusion" not in plain
    general = load_config("LightGCN", "ml-100k")
    assert general["valid_metric"] == "NDCG@10"
    assert general["train_neg_sample_args"]["distribution"] == "uniform"


def test_general_backbone_decides_the_input_type():
    assert (
        load_config("CURecGeneral", "ml-100k", [], {"backbone": "LightGCN"})["MODEL_INPUT_TYPE"] == InputType.PAIRWISE
    )
    assert load_config("CURecGeneral", "ml-100k", [], {"backbone": "DMF"})["MODEL_INPUT_TYPE"] == InputType.POINTWISE


def test_time_column_is_loaded_for_unknown_datasets(load, toy, settings_for):
    overrides = {key: value for key, value in settings_for(toy).items() if key != "load_col"}
    for model in ("CURec", "SASRec"):
        overrides = {key: value for key, value in overrides.items() if model == "CURec" or key != "fusion"}
        config = load_config(model, "toy", [], overrides)
        assert config["load_col"] == {"inter": ["user_id", "item_id", "timestamp"]}


@pytest.mark.parametrize(
    ("model", "overrides", "message"),
    [
        ("CURec", {"leraning_rate": 0.1}, "Setting 'leraning_rate' is known neither to RecBole nor to CURec: did you"),
        ("CURec", {"leraning_rate": 0.1}, "did you mean 'learning_rate'?"),
        ("CURec", {"sft_stepz": 1}, "did you mean 'sft_steps'?"),
        ("SASRec", {"leraning_rate": 0.1}, "did you mean 'learning_rate'?"),
        ("SASRec", {"fusoin": "none"}, "did you mean 'fusion'?"),
        ("CURec", {"qqqqqqqqqq": 1}, "remove it."),
        ("CURec", {"learning_rate": "abc"}, "learning_rate='abc' cannot be used: it must be a number."),
        ("CURec", {"epochs": 1.5}, "epochs=1.5 cannot be used: it must be a whole number."),
        ("CURec", {"epochs": True}, "epochs=True cannot be used: it must be a whole number."),
        ("LightGCN", {"reg_weight": "abc"}, "reg_weight='abc' cannot be used: it must be a number."),
        ("CURec", {"shuffle": 1}, "shuffle=1 cannot be used: it must be true or false."),
        ("CURec", {"learner": 3}, "learner=3 cannot be used: it must be text."),
        ("CURec", {"sft_steps": "many"}, "sft_steps='many' cannot be used"),
        ("CURec", {"fusion": "sum"}, "fusion='sum' cannot be used"),
        ("CURec", {"reward_floors": {"auc": 76}}, "needs shares of at least 0 and less than 1"),
        ("CURec", {"rl_loss": "ppo"}, "rl_loss='ppo' cannot be used: Input should be 'grpo', 'dr_grpo' or 'dapo'."),
        ("CURec", {"rl_generations": 1}, "rl_generations=1 cannot be used"),
        ("CURec", {"backbone": "BPR"}, "CURec needs a sequential backbone; 'BPR' is general: use model: CURecGeneral."),
        ("CURec", NEGATIVES, "set train_neg_sample_args: ~ or loss_type: BPR."),
        ("SASRec", NEGATIVES, "set train_neg_sample_args: ~ or loss_type: BPR."),
        ("CURec", ALL | {"loss_type": "TOP1"}, "set loss_type: CE or train_mode: prefixes."),
        ("CURec", {"loss_type": "BPR", "train_neg_sample_args": None}, "needs sampled negatives: set train_neg_sample"),
        ("CURec", ALL | {"backbone": "BERT4Rec"}, "BERT4Rec is not known to be one: set train_mode: prefixes."),
        ("CURec", {"backbone": "FPMC", "loss_type": "CE"}, "trains against sampled negatives: leave loss_type out."),
        ("CURec", {"backbone": "S3Rec"}, "cannot be lifted with train_stage: pretrain: set train_stage: finetune"),
        ("CURec", {"backbone": "KSR"}, "backbone: KSR cannot be lifted, for it starts from embeddings of a knowledge"),
        ("CURecGeneral", NEGATIVES | {"backbone": "DiffRec"}, "trained from whole users: leave train_neg_sample_args"),
        ("CURecGeneral", {"train_neg_sample_args": None}, "backbone: BPR needs sampled negatives: set train_neg"),
        ("CURec", {"backbone": "RepeatNet", "loss_type": "BPR"}, "set loss_type: CE (it knows no negatives)."),
        ("CURecGeneral", {"backbone": "EASE"}, "choose another one (docs/backbones.md lists them) or run it alone"),
        ("CURecGeneral", {"backbone": "LDiffRec", "n_cate": 2}, "cannot be lifted with n_cate: 2: set n_cate: 1"),
        ("CURec", ALL_BPR | NEGATIVES, "draws sampled_negatives itself: set train_neg_sample_args: ~ or train_mode"),
        ("CURec", {"loss": "BPR", "loss_type": "CE"}, "loss: BPR and loss_type: CE contradict each other: remove"),
        ("CURec", {"loss": "sampled"}, "loss='sampled' cannot be used: Input should be 'CE', 'sampled_CE' or 'BPR'."),
        ("CURec", {"sampled_negatives": 0}, "sampled_negatives=0 cannot be used"),
        ("CURec", {"loss": "sampled_CE", "train_mode": "prefixes"}, "set train_mode: all_positions or loss: CE."),
        ("CURec", {"loss": "sampled_CE", "learner": "sgd"}, "learner: sgd cannot be used with loss: sampled_CE at all"),
        ("CURec", ALL_BPR | {"weight_decay": 0.1}, "weight_decay: 0.1 cannot be used with loss_type: BPR at all"),
        ("CURec", {"loss": "BPR", "clip_grad_norm": {"max_norm": 1}}, "clip_grad_norm: {'max_norm': 1} cannot be used"),
        ("CURecGeneral", {"loss": "CE"}, "loss: CE cannot be used with CURecGeneral, whose backbones bring their own"),
        ("CURec", PREFIXES | {"loss": "BPR", "train_neg_sample_args": None}, "SASRec needs sampled negatives: set tr"),
        ("CURec", NEGATIVES | {"loss": "BPR"}, "set train_neg_sample_args: ~ or train_mode: prefixes."),
        ("CURec", NEGATIVES | {"loss": "sampled_CE"}, "draws sampled_negatives itself: set train_neg_sample_args: ~."),
        ("CURec", NEGATIVES | {"loss": "CE"}, "loss: CE, which scores every item: set train_neg_sample_args: ~."),
        ("CURec", {"loss": "sampled_CE", "loss_type": "BPR"}, "loss: sampled_CE and loss_type: BPR contradict each"),
        ("CURec", ALL_BPR | {"learner": "sgd"}, "set learner: adam or loss_type: CE."),
        ("CURec", {"loss": "sampled_CE", "backbone": "BERT4Rec"}, "loss: sampled_CE needs a causal backbone (FDSA, G"),
        ("CURec", {"loss": "sampled_CE", "backbone": "BERT4Rec"}, "to be one: set train_mode: prefixes and loss: CE."),
        ("CURec", ALL | {"loss": "BPR", "backbone": "BERT4Rec"}, "is not known to be one: set train_mode: prefixes."),
        ("CURec", {"loss": "sampled_CE", "transform": "crop_itemseq"}, "set train_mode: prefixes and loss: CE."),
        ("CURec", {"loss": "sampled_CE", "backbone": "FPMC"}, "trains against sampled negatives: leave loss out."),
        ("CURec", {"loss": "CE", "backbone": "FPMC"}, "trains against sampled negatives: leave loss out."),
        ("CURec", {"loss": "BPR", "backbone": "RepeatNet"}, "with loss: BPR: set loss: CE (it knows no negatives)."),
        ("CURec", {"loss": ["CE"]}, "loss=['CE'] cannot be used"),
        ("CURec", {"eval_args": {"order": "RO"}}, "eval_args.order: RO cannot be used with CURec"),
        ("CURec", ALL | {"transform": "crop_itemseq"}, "set train_mode: prefixes."),
        ("CURec", {"save_dataset": True}, "save_dataset: True cannot be used with CURec"),
        ("CURec", {"benchmark_filename": ["a", "b", "c"]}, "benchmark_filename cannot be used with CURec"),
        ("CURec", {"fusion": "frozen", "fusion_alignment": 0.1}, "set fusion_alignment: 0 or fusion: init."),
        ("CURecc", {}, "There is no model named 'CURecc' (nearest: 'CURec')."),
        (None, {}, "No model is given"),
        ("CURec", {"metrics": ["NDCG", "Recal"]}, "There is no metric named 'Recal'"),
        ("CURec", {"valid_metric": "NDCG@20"}, "has a cut-off outside topk: [10]: add 20 to topk."),
        ("LightGCN", {"valid_metric": "Hit@10"}, "is not measured by metrics"),
        ("CURec", {"topk": [10, 0]}, "topk must be a positive integer"),
    ],
)  # fmt: skip
def test_wrong_settings_fail_before_anything_is_loaded(model, overrides, message):
    with pytest.raises(ConfigurationError) as error:
        load_config(model, "ml-100k", [], overrides)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("model", "overrides"),
    [
        ("CURec", {"user_inter_num_interval": "[5,10]", "gpu_id": 0, "learning_rate": 1, "topk": [5, 10]}),
        ("CURec", {"loss_type": "BPR", "train_mode": "prefixes", "train_neg_sample_args": {"distribution": "uniform"}}),
        ("CURec", {"backbone": "BERT4Rec", "train_mode": "prefixes"}),
        ("CURec", {"backbone": "RepeatNet"}),
        ("CURecGeneral", {"backbone": "DiffRec"}),
        ("CURecGeneral", {"backbone": "NeuMF", "train_neg_sample_args": None}),
        ("SGL", {"ssl_tau": 1, "drop_ratio": 0.2}),
        ("FPMC", {"epochs": 3}),
        ("Pop", {}),
    ],
)
def test_settings_that_must_pass(model, overrides):
    assert load_config(model, "ml-100k", [], overrides)["model"] == model


@pytest.mark.parametrize(
    ("overrides", "mode", "negatives"),
    [
        ({}, "all_positions", "none"),
        ({"train_mode": None}, "all_positions", "none"),
        ({"train_mode": "prefixes"}, "prefixes", "none"),
        ({"transform": "crop_itemseq"}, "prefixes", "none"),
        ({"loss_type": "BPR"}, "prefixes", "uniform"),
        (ALL | {"loss_type": "BPR"}, "all_positions", "none"),
        ({"loss": "BPR"}, "all_positions", "none"),
        ({"loss": "BPR", "loss_type": "BPR"}, "all_positions", "none"),
        ({"loss": "BPR", "train_mode": None}, "all_positions", "none"),
        ({"loss": "BPR", "train_mode": "prefixes"}, "prefixes", "uniform"),
        ({"loss": "BPR", "transform": "crop_itemseq"}, "prefixes", "uniform"),
        ({"loss": "BPR", "backbone": "BERT4Rec"}, "prefixes", "uniform"),
        ({"loss": "BPR", "backbone": "FPMC"}, "prefixes", "uniform"),
        ({"loss": "CE"}, "all_positions", "none"),
        ({"loss": "CE", "backbone": "BERT4Rec"}, "prefixes", "none"),
        ({"loss": "sampled_CE"}, "all_positions", "none"),
        ({"loss": "sampled_CE", "backbone": "FDSA"}, "all_positions", "none"),
        ({"backbone": "GRU4RecF"}, "all_positions", "none"),
        ({"backbone": "BERT4Rec"}, "prefixes", "none"),
        ({"backbone": "BERT4Rec", "train_mode": None}, "prefixes", "none"),
        ({"backbone": "HGN"}, "prefixes", "none"),
        ({"backbone": "FPMC"}, "prefixes", "uniform"),
        ({"backbone": "DIN"}, "prefixes", "uniform"),
    ],
)
def test_training_follows_the_backbone(overrides, mode, negatives):
    config = load_config("CURec", "ml-100k", [], overrides)
    assert config["train_mode"] == mode
    assert config["train_neg_sample_args"]["distribution"] == negatives
    assert config["MODEL_INPUT_TYPE"] == {"FPMC": InputType.PAIRWISE, "GRU4Rec": InputType.POINTWISE}.get(
        config["backbone"], config["MODEL_INPUT_TYPE"]
    )


@pytest.mark.parametrize(("backbone", "negatives"), [("BPR", "uniform"), ("MultiVAE", "none"), ("DMF", "uniform")])
def test_negatives_follow_a_general_backbone(backbone, negatives):
    config = load_config("CURecGeneral", "ml-100k", [], {"backbone": backbone})
    assert config["train_neg_sample_args"]["distribution"] == negatives


def test_unchecked_config_skips_keys_and_files(settings_for, toy):
    config = load_config("CURec", "nowhere", [], settings_for(toy, mine=1), check=False)
    assert config["mine"] == 1


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


def test_missing_dataset_is_never_downloaded(settings_for, toy):
    with pytest.raises(DataError, match="does not exist"):
        load_config("SASRec", "ml-1m", [], {"data_path": str(toy.root)})


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
