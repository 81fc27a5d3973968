"""What the backbone decides where the user gave nothing."""

import pytest
from recbole.utils import InputType

from recbole_curec.plugin.config import load_config
from recbole_curec.settings.travel import settings_of

ALL = {"train_mode": "all_positions"}


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
    assert settings_of(config).recommend.train_mode == mode
    assert config["train_neg_sample_args"]["distribution"] == negatives
    assert config["MODEL_INPUT_TYPE"] == {"FPMC": InputType.PAIRWISE, "GRU4Rec": InputType.POINTWISE}.get(
        config["recommend.backbone"], config["MODEL_INPUT_TYPE"]
    )


@pytest.mark.parametrize(("backbone", "negatives"), [("BPR", "uniform"), ("MultiVAE", "none"), ("DMF", "uniform")])
def test_negatives_follow_a_general_backbone(backbone, negatives):
    config = load_config("CURecGeneral", "ml-100k", [], {"backbone": backbone})
    assert config["train_neg_sample_args"]["distribution"] == negatives


def test_general_backbone_decides_the_input_type():
    assert (
        load_config("CURecGeneral", "ml-100k", [], {"backbone": "LightGCN"})["MODEL_INPUT_TYPE"] == InputType.PAIRWISE
    )
    assert load_config("CURecGeneral", "ml-100k", [], {"backbone": "DMF"})["MODEL_INPUT_TYPE"] == InputType.POINTWISE
