"""Every sequential and general model of RecBole, lifted: it trains, evaluates, and comes back from a checkpoint."""

import copy

import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.utils import get_model, get_trainer, init_seed

from recbole_curec.backbones.facts import backbone_facts
from recbole_curec.backbones.lookup import OUR_MODELS, model_types
from recbole_curec.errors import ConfigurationError
from recbole_curec.model.wrapper import find_tables
from recbole_curec.plugin.loading import load_run
from recbole_curec.serving.recommender import Recommender
from tests.conftest import AtomicDataset, random_rows

KINDS = {name: kind for name, kind in model_types().items() if kind in OUR_MODELS.values() and name not in OUR_MODELS}
SUPPORTED = {name: kind for name, kind in KINDS.items() if not backbone_facts(name, kind).unsupported}
OURS = {kind: model for model, kind in OUR_MODELS.items()}
# What the small data and the test's time ask for; nothing that a user of real data must set.
SMALL = {
    "ConvNCF": {"cnn_channels": [1, 4, 4], "cnn_kernels": [4, 4], "cnn_strides": [4, 4]},
    "NNCF": {"neigh_num": 8, "num_conv_kernel": 4, "conv_kernel_size": 2, "pool_kernel_size": 2},
    "FEARec": {"n_layers": 2},
    "GCMC": {"gcn_output_dim": 8},
    "Caser": {"nv": 2, "nh": 2},
    "SASRecCPR": {"reranker_CAN_NUM": 5},
    "GRU4RecCPR": {"reranker_CAN_NUM": 5},
    "SINE": {"prototype_size": 5},
    "NCL": {"num_clusters": 5},
    "GRU4RecF": {"selected_features": ["genre"]},
    "SASRecF": {"selected_features": ["genre"]},
    "FDSA": {"selected_features": ["genre"]},
    "S3Rec": {"item_attribute": "genre", "train_stage": "finetune"},
}
# Weights with a row per item that enter no score as vectors: a bias, and a table that RecBole's NPE never reads.
NO_VECTORS = {"TransRec": {"bias"}, "NPE": {"embedding_seq_item"}}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Prime numbers of users and items, so that no other table has as many rows."""
    atomic = AtomicDataset(tmp_path_factory.mktemp("atomic"))
    atomic.interactions(random_rows(n_users=46, n_items=58, longest=14))
    columns = "item_id:token genre:token_seq"
    atomic.write("item", columns, [(f"i{k}", f"g{k % 3} g{k % 5}") for k in range(58)])
    return atomic


@pytest.fixture
def prepare(load, data, fake_pipeline, tmp_path):
    def build(name, **overrides):
        columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "genre"]}
        small = {
            "n_layers": 1, "num_layers": 1, "mlp_hidden_size": [16, 16], "epochs": 1, "load_col": columns,
            "train_batch_size": 256, "warm_up_step": 0,
        }  # fmt: skip
        model = OURS[KINDS[name]]
        settings = small | SMALL.get(name, {}) | {"backbone": name, "fusion": "gate"} | overrides
        if name == "S3Rec":
            settings["pre_model_path"] = str(pretrained(name, model, settings))
        config = load(model, data, **settings)
        init_seed(config["seed"], config["reproducibility"])
        return config, data_preparation(config, create_dataset(config))

    def pretrained(name, model, settings):
        """A checkpoint of the plain model, as its own pretraining would leave one."""
        config = load(model, data, **{**settings, "fusion": "none", "fusion_alignment": 0.0, "train_stage": "pretrain"})
        init_seed(config["seed"], config["reproducibility"])
        plain = get_model(name)(config, create_dataset(config).build()[0])
        torch.save({"state_dict": plain.state_dict()}, tmp_path / "pretrained.pth")
        return tmp_path / "pretrained.pth"

    return build


def lifted(config, train):
    init_seed(config["seed"], config["reproducibility"])
    return get_model(config["model"])(config, train.dataset)


def scores(model, batch, n_items):
    """Scores of every item, as RecBole's evaluation computes them."""
    model.eval()
    torch.manual_seed(0)
    with torch.no_grad():
        try:
            return model.full_sort_predict(batch).view(len(batch), -1)
        except NotImplementedError:
            every = batch.repeat_interleave(n_items)
            every.update(Interaction({"item_id": torch.arange(n_items).repeat(len(batch))}))
            return model.predict(every).view(len(batch), -1)


@pytest.mark.parametrize(("fusion", "learner"), [("gate", "experts"), ("concat", "projection.weight")])
@pytest.mark.parametrize("name", SUPPORTED)
def test_a_supported_backbone_is_trained_evaluated_and_restored(prepare, name, fusion, learner):
    config, (train, valid, test) = prepare(name, fusion=fusion)
    model = lifted(config, train)
    before = copy.deepcopy(model.state_dict())
    trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
    trainer.fit(train, valid, verbose=False)
    result = trainer.evaluate(test)
    assert 0 <= result["recall@10"] <= 1

    tables = {table for ids in ("item", "user", "node") for table in model.tables_of(ids)}
    kinds = {ids for ids in ("item", "user", "node") if model.tables_of(ids)}
    names = {path for path, module in model.named_modules() if module in tables}
    learned = {path for path in names if not torch.equal(before[f"{path}.table"], model.state_dict()[f"{path}.table"])}
    steered = {
        path for path in names if not torch.equal(before[f"{path}.{learner}"], model.state_dict()[f"{path}.{learner}"])
    }
    assert learned == steered == names, "gradients reach every id table and every map from the features"
    assert ("user" in kinds or "node" in kinds) == bool(KINDS[name] == "general" and expects_users(name))

    n_items = train.dataset.item_num
    batch = next(iter(test))[0]
    expected = scores(model, batch, n_items)
    assert expected.shape == (len(batch), n_items)
    fresh = lifted(config, train)
    again = get_trainer(config["MODEL_TYPE"], config["model"])(config, fresh)
    assert again.evaluate(test, model_file=trainer.saved_model_file) == result
    assert torch.equal(scores(fresh, batch, n_items), expected)

    run = load_run(trainer.saved_model_file)
    assert torch.equal(scores(run.model, batch, n_items), expected)
    lists = Recommender(run).for_users(["u1", "u2"], 5)
    assert lists.groupby("user")["item"].nunique().to_dict() == {"u1": 5, "u2": 5}

    for table in fresh.semantic_tables():
        table.semantic.neg_()
    forget(fresh)
    assert not torch.allclose(scores(fresh, batch, n_items), expected), "the features matter"


def expects_users(name):
    return bool(backbone_facts(name, "general").users or backbone_facts(name, "general").nodes)


def forget(model):
    """Drop the vectors that graph models keep between two evaluations."""
    for key in ("restore_user_e", "restore_item_e", "i_embedding"):
        if key in model.backbone.__dict__:
            setattr(model.backbone, key, None)


@pytest.mark.parametrize("name", SUPPORTED)
def test_the_gate_starts_at_the_plain_backbone_and_every_fusion_learns(prepare, name):
    seen = {}
    for fusion, weight in [("none", 0.0), ("gate", 0.1), ("init", 0.1), ("frozen", 0.0)]:
        config, (train, _, test) = prepare(name, fusion=fusion, fusion_alignment=weight)
        model = lifted(config, train)
        seen[fusion] = scores(model, next(iter(test))[0], train.dataset.item_num)
        trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
        trainer.fit(train, verbose=False, saved=False)
        for table in model.semantic_tables():
            assert all(parameter.isfinite().all() for parameter in table.parameters())
    assert torch.equal(seen["gate"], seen["none"])
    assert not torch.equal(seen["frozen"], seen["none"])


@pytest.mark.parametrize("name", SUPPORTED)
def test_every_table_of_a_supported_backbone_is_known(prepare, name):
    config, (train, _, _) = prepare(name, fusion="none")
    kind, dataset = KINDS[name], train.dataset
    backbone = lifted(config, train).backbone
    known = {path for path, _, _ in find_tables(backbone, config, kind)}
    sizes = {dataset.item_num, dataset.item_num + 1, dataset.user_num, dataset.item_num + dataset.user_num}
    if kind == "sequential":
        sizes -= {dataset.user_num, dataset.item_num + dataset.user_num}
    holders = {
        path.rpartition(".")[0]
        for path, parameter in backbone.named_parameters()
        if parameter.dim() == 2 and sizes & set(parameter.shape)
    }
    assert holders - NO_VECTORS.get(name, set()) <= known


@pytest.mark.parametrize("name", sorted(set(KINDS) - set(SUPPORTED)))
def test_an_unsupported_backbone_fails_before_anything_is_loaded(load, data, name):
    with pytest.raises(ConfigurationError, match=rf"backbone: {name} cannot be wrapped: .*; choose another one"):
        load(OURS[KINDS[name]], data, backbone=name, fusion="init")
