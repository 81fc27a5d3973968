"""Settings that cannot work fail before anything is loaded, in one sentence."""

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.config import load_config

NEGATIVES = {"train_neg_sample_args": {"distribution": "uniform", "sample_num": 1}}
ALL = {"train_mode": "all_positions"}
ALL_BPR = ALL | {"loss_type": "BPR"}
PREFIXES = {"train_mode": "prefixes"}


@pytest.mark.parametrize(
    ("model", "overrides", "message"),
    [
        ("CURec", {"leraning_rate": 0.1}, "Setting 'leraning_rate' is known neither to RecBole nor to CURec: did you"),
        ("CURec", {"leraning_rate": 0.1}, "did you mean 'learning_rate'?"),
        ("CURec", {"sft_stepz": 1}, "did you mean 'sft_steps'?"),
        ("SASRec", {"leraning_rate": 0.1}, "did you mean 'learning_rate'?"),
        ("SASRec", {"fusoin": "none"}, "did you mean 'fusion'?"),
        ("CURec", {"align": {"stepz": 1}}, "Setting 'align.stepz' is known neither to RecBole nor to CURec: did you"),
        ("CURec", {"align.stepz": 1}, "did you mean 'align.steps'?"),
        ("CURec", {"algin": {"steps": 1}}, "did you mean 'align.steps'?"),
        ("CURec", {"align": {"steps": 0}}, "align.steps=0 cannot be used"),
        ("CURec", {"align": {"steps": 3}, "sft_steps": 4}, "align.steps is given twice, as 3 and 4: keep one."),
        ("CURec", {"qqqqqqqqqq": 1}, "remove it."),
        ("CURec", {"learning_rate": "abc"}, "learning_rate='abc' cannot be used: it must be a number."),
        ("CURec", {"epochs": 1.5}, "epochs=1.5 cannot be used: it must be a whole number."),
        ("CURec", {"epochs": True}, "epochs=True cannot be used: it must be a whole number."),
        ("LightGCN", {"reg_weight": "abc"}, "reg_weight='abc' cannot be used: it must be a number."),
        ("CURec", {"shuffle": 1}, "shuffle=1 cannot be used: it must be true or false."),
        ("CURec", {"learner": 3}, "learner=3 cannot be used: it must be text."),
        ("CURec", {"sft_steps": "many"}, "align.steps='many' cannot be used"),
        ("CURec", {"fusion": "sum"}, "recommend.fusion: 'sum' is no fusion: use one of concat, frozen, gate,"),
        ("CURec", {"reward_floors": {"auc": 76}}, "needs shares of at least 0 and less than 1"),
        ("CURec", {"rl_loss": "ppo"}, "reinforce.loss='ppo' cannot be used: Input should be 'grpo', 'dr_grpo' or 'd"),
        ("CURec", {"rl_generations": 1}, "reinforce.generations=1 cannot be used"),
        ("CURec", {"backbone": "BPR"}, "CURec needs a sequential backbone; 'BPR' is general: use model: CURecGeneral."),
        ("CURec", NEGATIVES, "set train_neg_sample_args: ~ or loss_type: BPR."),
        ("SASRec", NEGATIVES, "set train_neg_sample_args: ~ or loss_type: BPR."),
        ("CURec", ALL | {"loss_type": "TOP1"}, "set loss_type: CE or train_mode: prefixes."),
        ("CURec", {"loss_type": "BPR", "train_neg_sample_args": None}, "needs sampled negatives: set train_neg_sample"),
        ("CURec", ALL | {"backbone": "BERT4Rec"}, "BERT4Rec is not known to be one: set train_mode: prefixes."),
        ("CURec", {"backbone": "FPMC", "loss_type": "CE"}, "trains against sampled negatives: leave loss_type out."),
        ("CURec", {"backbone": "S3Rec"}, "cannot be wrapped with train_stage: pretrain: set train_stage: finetune"),
        ("CURec", {"backbone": "KSR"}, "backbone: KSR cannot be wrapped: it starts from embeddings of a knowledge"),
        ("CURecGeneral", NEGATIVES | {"backbone": "DiffRec"}, "trained from whole users: leave train_neg_sample_args"),
        ("CURecGeneral", {"train_neg_sample_args": None}, "backbone: BPR needs sampled negatives: set train_neg"),
        ("CURec", {"backbone": "RepeatNet", "loss_type": "BPR"}, "set loss_type: CE (it knows no negatives)."),
        ("CURecGeneral", {"backbone": "EASE"}, "choose another one (docs/backbones.md lists them) or run it alone"),
        ("CURecGeneral", {"backbone": "LDiffRec", "n_cate": 2}, "cannot be wrapped with n_cate: 2: set n_cate: 1"),
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
        ("CURec", {"save_dataset": True}, "save_dataset: True cannot be used"),
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
