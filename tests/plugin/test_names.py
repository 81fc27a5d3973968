import pytest
from recbole.data import dataset as recbole_dataset
from recbole.model.sequential_recommender import GRU4Rec
from recbole.utils import ModelType, get_model, get_trainer

from recbole_curec.backbones import lookup as registry
from recbole_curec.errors import ConfigurationError


def test_recbole_finds_models_trainers_and_datasets():
    assert get_model("CURec").__module__ == "recbole_curec.model.sequential_recommender.curec"
    assert get_model("CURecGeneral").type == ModelType.GENERAL
    assert get_model("SASRec").__module__ == "recbole.model.sequential_recommender.sasrec"
    assert get_trainer(ModelType.SEQUENTIAL, "CURec").__name__ == "CURecTrainer"
    assert get_trainer(ModelType.GENERAL, "CURecGeneral").__name__ == "CURecGeneralTrainer"
    assert recbole_dataset.CURecDataset.__module__ == "recbole_curec.plugin.datasets"
    assert recbole_dataset.CURecGeneralDataset.__module__ == "recbole_curec.plugin.datasets"


def test_every_listed_model_name_has_its_kind():
    kinds = registry.model_types()
    assert kinds["SASRec"] == kinds["CURec"] == "sequential"
    assert kinds["LightGCN"] == kinds["CURecGeneral"] == kinds["Pop"] == "general"
    assert kinds["FM"] == "context-aware"
    assert len(kinds) > 80


def test_backbone_class():
    assert registry.backbone_class("GRU4Rec", "sequential") is GRU4Rec


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
        ("sasrec", "sequential", "backbone: 'sasrec' is no model of RecBole (nearest: 'SASRec')."),
        ("GRU4Re", "sequential", "backbone: 'GRU4Re' is no model of RecBole (nearest: 'GRU4Rec')."),
        ("CURec", "sequential", "backbone: 'CURec' is no model of RecBole"),
        (None, "general", "backbone: None is no model of RecBole"),
    ],
)
def test_wrong_backbones(name, kind, message):
    with pytest.raises(ConfigurationError) as error:
        registry.backbone_class(name, kind)
    assert str(error.value).startswith(message.rstrip("."))


def test_unknown_model_names_the_nearest():
    with pytest.raises(ConfigurationError, match=r"There is no model named 'CURecc' \(nearest: 'CURec'\)"):
        registry.model_class("CURecc")
