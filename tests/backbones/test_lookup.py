"""RecBole's models, ours and a user's own, found by name or by path."""

import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.model.sequential_recommender import GRU4Rec
from recbole.utils import init_seed

import recbole_curec
from recbole_curec.backbones import facts, lookup
from recbole_curec.backbones.facts import Backbone, Table, backbone_facts
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.loading import load_run
from recbole_curec.plugin.new_trainers import new_trainer
from tests.backbones import own

HERE = "tests.backbones.own"


def test_every_listed_model_name_has_its_kind():
    kinds = lookup.model_types()
    assert kinds["SASRec"] == kinds["CURec"] == "sequential"
    assert kinds["LightGCN"] == kinds["CURecGeneral"] == kinds["Pop"] == "general"
    assert kinds["FM"] == "context-aware"
    assert len(kinds) > 80


def test_backbone_class():
    assert lookup.backbone_class("GRU4Rec", "sequential") is GRU4Rec


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("BPR", "sequential", "CURec needs a sequential backbone; 'BPR' is general: use model: CURecGeneral."),
        ("SASRec", "general", "CURecGeneral needs a general backbone; 'SASRec' is sequential: use model: CURec."),
        (
            "FM",
            "sequential",
            "CURec needs a sequential backbone; 'FM' is context-aware: use for example backbone: SASRec.",
        ),
        ("sasrec", "sequential", "backbone: 'sasrec' is no model of RecBole (nearest: 'SASRec')"),
        ("GRU4Re", "sequential", "backbone: 'GRU4Re' is no model of RecBole (nearest: 'GRU4Rec')"),
        ("CURec", "sequential", "backbone: 'CURec' is no model of RecBole"),
        (None, "general", "backbone: None is no model of RecBole"),
    ],
)
def test_wrong_backbones(name, kind, message):
    with pytest.raises(ConfigurationError) as error:
        lookup.backbone_class(name, kind)
    assert str(error.value).startswith(message)


def test_unknown_model_names_the_nearest():
    with pytest.raises(ConfigurationError, match=r"There is no model named 'CURecc' \(nearest: 'CURec'\)"):
        lookup.model_class("CURecc")


@pytest.fixture
def train(load, toy, fake_pipeline):
    """Trains CURec or CURecGeneral over a backbone; gives the trainer and a test batch."""

    def build(model, backbone, **overrides):
        config = load(model, toy, backbone=backbone, fusion="gate", **overrides)
        init_seed(config["seed"], config["reproducibility"])
        train, valid, test = data_preparation(config, create_dataset(config))
        trainer = new_trainer(config, train)
        trainer.fit(train, valid, verbose=False)
        assert 0 <= trainer.evaluate(test)["recall@10"] <= 1
        return trainer, next(iter(test))[0]

    return build


@pytest.fixture
def forgotten(monkeypatch):
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(facts, "_REGISTERED", {})


OWN = [
    ("CURec", own.MeanOfItems, {"item_embedding"}),
    ("CURec", own.MyGRU, {"item_embedding"}),
    ("CURecGeneral", own.DotProduct, {"things", "people"}),
]


@pytest.mark.parametrize("registered", [False, True])
@pytest.mark.parametrize(("model", "backbone", "tables"), OWN)
def test_a_model_of_ones_own_is_lifted(train, forgotten, model, backbone, tables, registered):
    if registered:
        assert recbole_curec.register_backbone(backbone) is backbone
    name = backbone.__name__ if registered else f"{HERE}:{backbone.__name__}"
    trainer, batch = train(model, name)
    lifted = trainer.model
    assert type(lifted.backbone) is backbone
    assert {path for path, _ in lifted.backbone.named_children() if path in tables} == tables
    assert len(lifted.semantic_tables()) == len(tables)
    for table in lifted.semantic_tables():
        assert table.experts.abs().sum() > 0, "the features are learned from"

    assert load_plain(trainer.saved_model_file)["config"]["recommend.backbone"] == name
    again = load_run(trainer.saved_model_file).model
    assert torch.equal(again.full_sort_predict(batch), lifted.eval().full_sort_predict(batch))


def test_its_defaults_stand_below_what_is_given(load, toy, settings_for):
    path = f"{HERE}:MeanOfItems"
    assert load("CURec", toy, backbone=path)["mean_size"] == 8
    assert load("CURec", toy, backbone=path, mean_size=24)["mean_size"] == 24
    given = {key: value for key, value in settings_for(toy).items() if key != "train_batch_size"}
    config = recbole_curec.plugin.config.load_config("CURec", "toy", [], {**given, "backbone": path})
    assert config["train_batch_size"] == 48  # above RecBole's own default
    with pytest.raises(ConfigurationError, match="Setting 'mean_size' is known neither to RecBole nor to CURec"):
        load("CURec", toy, mean_size=24)  # no setting of SASRec


def test_what_it_says_of_itself_decides_how_it_trains(load, toy):
    assert load("CURec", toy, backbone=f"{HERE}:MyGRU")["recommend.train_mode"] == "all_positions"
    assert load("CURec", toy, backbone=f"{HERE}:MeanOfItems")["recommend.train_mode"] == "prefixes"
    with pytest.raises(ConfigurationError, match="MeanOfItems is not known to be one: set train_mode: prefixes"):
        load("CURec", toy, backbone=f"{HERE}:MeanOfItems", train_mode="all_positions")


def test_facts_can_be_given_where_it_is_registered(load, toy, fake_pipeline, forgotten):
    class Renamed(own.DotProduct):
        pass

    recbole_curec.register_backbone(Renamed, Backbone(items=(Table("things"),), defaults={"dot_size": 4}))
    assert backbone_facts("Renamed", "general") is Renamed.curec_facts
    config = load("CURecGeneral", toy, backbone="Renamed", fusion="init")
    split, *_ = data_preparation(config, create_dataset(config))
    model = new_trainer(config, split).model
    assert [table.embedding_dim for table in model.semantic_tables()] == [4]  # users have no table in these facts


def test_a_checkpoint_of_a_model_that_is_no_longer_registered_says_so(train, forgotten, monkeypatch):
    recbole_curec.register_backbone(own.DotProduct)
    trainer, _ = train("CURecGeneral", "DotProduct")
    monkeypatch.setattr(facts, "_REGISTERED", {})
    with pytest.raises(ConfigurationError, match="backbone: 'DotProduct' is no model of RecBole; your own class is"):
        load_run(trainer.saved_model_file)


@pytest.mark.parametrize(
    ("model", "backbone", "message"),
    [
        ("CURec", "tests.no_such:Model", "cannot be imported (No module named 'tests.no_such'): install the package"),
        (
            "CURec",
            f"{HERE}:Nothing",
            f"recommend.backbone: {HERE}:Nothing: the module {HERE} holds no Nothing",
        ),
        ("CURec", f"{HERE}:NoModel", "NoModel is no RecBole model: derive it from recbole.model.abstract_recommender."),
        ("CURec", f"{HERE}:Any", "Any is no RecBole model: derive it from recbole.model.abstract_recommender."),
        ("CURec", f"{HERE}:DotProduct", "CURec needs a sequential backbone; "),
        ("CURecGeneral", f"{HERE}:MeanOfItems", "CURecGeneral needs a general backbone; "),
        ("CURecGeneral", f"{HERE}:WrongTables", "WrongTables keeps no item table in item_embedding, so features cann"),
        ("CURecGeneral", f"{HERE}:WithoutDefaults", "WithoutDefaults cannot be built: TypeError: "),
    ],
)
def test_a_model_of_ones_own_that_cannot_be_used_is_one_sentence(load, toy, fake_pipeline, model, backbone, message):
    with pytest.raises(ConfigurationError) as error:
        config = load(model, toy, backbone=backbone, fusion="gate")
        split, *_ = data_preparation(config, create_dataset(config))
        new_trainer(config, split)
    assert message in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
    assert fake_pipeline == [], "before the long stages"
