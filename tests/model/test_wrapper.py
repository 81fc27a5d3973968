"""What both models share: features enter every table of a backbone and learn; what cannot work fails early."""

import json

import pytest
import torch
from recbole.data.dataset import SequentialDataset
from recbole.model.general_recommender import NNCF
from recbole.utils import get_model, init_seed
from torch import nn

from recbole_curec.backbones import facts
from recbole_curec.errors import ConfigurationError
from recbole_curec.model.fusions.fusion import Fusion
from recbole_curec.plugin.new_trainers import new_trainer
from recbole_curec.plugin.trained_model import split_data
from recbole_curec.plugin.trainers import window_loader
from tests.conftest import random_rows

FUSIONS = ["init", "gate", "concat", "frozen"]


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize(
    ("model", "backbone"),
    [("CURec", "SASRec"), ("CURec", "GRU4Rec"), ("CURecGeneral", "BPR"), ("CURecGeneral", "LightGCN")],
)
def test_features_enter_every_table_and_learn(prepare, model, backbone, fusion):
    alignment = 0.0 if fusion == "frozen" else 0.1
    config, train, test, lifted = prepare(model, backbone=backbone, fusion=fusion, fusion_alignment=alignment)
    tables = lifted.semantic_tables()
    assert len(tables) == (1 if model == "CURec" else 2)
    assert isinstance(lifted.backbone.item_embedding, Fusion)
    batch = next(iter(window_loader(config, train.dataset) if model == "CURec" else train))
    optimizer = torch.optim.Adam(lifted.parameters(), lr=0.01)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = lifted.calculate_loss(batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert all(parameter.grad is not None for table in tables for parameter in table.parameters())
    lifted.eval()
    with torch.no_grad():
        batch = next(iter(test))[0]
        scores = lifted.full_sort_predict(batch).view(len(batch), -1)
        assert scores.shape == (len(batch), train.dataset.item_num)
        if model == "CURec":
            chosen = scores[torch.arange(len(batch)), batch["item_id"]]
            assert torch.allclose(lifted.predict(batch), chosen, atol=1e-5)


def test_a_backbone_without_a_table_fails_before_the_stages(prepare, fake_pipeline, monkeypatch):
    monkeypatch.setitem(facts._KNOWN, "NeuMF", facts.Backbone())
    with pytest.raises(ConfigurationError, match="NeuMF keeps no item table in item_embedding, so features cannot"):
        prepare("CURecGeneral", backbone="NeuMF", fusion="init")
    assert fake_pipeline == []


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        (
            "CURec",
            {"backbone": "S3Rec", "train_stage": "finetune"},
            "item_attribute: there is no column 'class': loaded are user_id, item_id, timestamp.",
        ),
        ("CURec", {"backbone": "GRU4RecCPR", "loss_type": "BPR"}, "GRU4RecCPR cannot be built: SystemExit"),
        ("CURecGeneral", {"backbone": "NNCF", "neigh_info_method": "louvain"}, "NNCF cannot be built: ModuleNotFound"),
        ("CURecGeneral", {"backbone": "NeuMF", "mlp_hidden_size": 5}, "mlp_hidden_size=5 cannot be used: it must be a"),
        ("CURec", {"backbone": "SASRec", "hidden_act": "loud"}, "SASRec cannot be built: KeyError: 'loud'"),
    ],
)
def test_settings_a_backbone_cannot_take_fail_before_the_stages(
    prepare, fake_pipeline, monkeypatch, model, settings, message
):
    def missing(_model):
        raise ModuleNotFoundError("No module named 'community'")

    monkeypatch.setattr(NNCF, "get_neigh_louvain", missing)  # as where python-louvain is not installed
    with pytest.raises(ConfigurationError) as error:
        prepare(model, fusion="init", **settings)
    assert message in str(error.value)
    assert fake_pipeline == []


def test_a_backbone_that_cannot_be_built_fails_before_the_stages(prepare, fake_pipeline):
    with pytest.raises(
        ConfigurationError, match=r"SASRec cannot be built: .*multiple of the number of attention heads"
    ):
        prepare("CURec", hidden_size=10, n_heads=3, fusion="init")
    assert fake_pipeline == []


def test_a_dataset_that_is_not_ours_is_named(load, toy, fake_pipeline):
    config = load("CURec", toy, fusion="init")
    train = SequentialDataset(config).build()[0]
    with pytest.raises(ConfigurationError, match="set fusion: none"):
        get_model("CURec")(config, train)


def test_replaced_table_is_no_plain_embedding(prepare):
    *_, model = prepare("CURec", fusion="concat")
    assert not isinstance(model.backbone.item_embedding, nn.Embedding)
    assert "fusion=concat" in str(model)


def test_other_parameters_are_the_backbones(prepare):
    _, _, test, model = prepare("CURecGeneral", backbone="LightGCN", fusion="gate")
    with torch.no_grad():
        model.full_sort_predict(next(iter(test))[0])
    saved = model.other_parameter()
    assert set(saved) == {"backbone", "curec"}
    assert set(saved["backbone"]) == {"restore_user_e", "restore_item_e"}
    model.load_other_parameter({"backbone": {"restore_user_e": None, "restore_item_e": None}})
    assert model.backbone.restore_user_e is None


def test_what_travels_with_the_weights_names_the_data(prepare):
    _, train, _, model = prepare("CURec", fusion="gate")
    told = model.other_parameter()["curec"]
    history = train.dataset.train_history()
    assert told == {
        "dim": 12,
        "user_tokens": json.dumps(history.user_tokens.tolist()),
        "item_tokens": json.dumps(history.item_tokens.tolist()),
        "training": history.digest(),
    }


@pytest.mark.parametrize(
    ("model", "overrides"),
    [
        ("CURec", {}),
        ("CURec", {"loss": "sampled_CE"}),
        ("CURec", {"backbone": "GRU4Rec", "train_mode": "prefixes"}),
        ("CURecGeneral", {"backbone": "BPR"}),
    ],
)
def test_an_item_without_training_interactions_is_what_its_features_say(load, atomic, fake_pipeline, model, overrides):
    # The very last interaction of one user is the only one of the new item: it is that user's test item.
    atomic.interactions([*random_rows(), ("u0", "new", 10**7)])
    atomic.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Title {k}") for k in range(25)])
    config = load(model, atomic, fusion="concat", **overrides)
    init_seed(config["seed"], config["reproducibility"])
    train, valid, _ = split_data(config)
    trainer = new_trainer(config, train)
    trainer.fit(train, valid, verbose=False, saved=False)
    (table,) = trainer.model.tables_of("item")
    new, known = train.dataset.token2id("item_id", ["new", "i3"])
    told = table.projection(table.semantic)
    assert torch.allclose(table.weight[new], told[new], atol=1e-6)
    assert not torch.allclose(table.weight[known], told[known], atol=1e-4)
