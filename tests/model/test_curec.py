import sys

import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, init_seed
from recbole_curec.model.semantic_embedding import SemanticEmbedding
from torch import nn

from recbole_curec.backbones import facts as backbones
from recbole_curec.backbones.facts import CAUSAL_BACKBONES
from recbole_curec.errors import ConfigurationError
from recbole_curec.model.sequential_recommender import curec
from recbole_curec.plugin.experiment import new_trainer, split_data
from recbole_curec.plugin.trainers import window_loader
from tests.conftest import random_rows

FUSIONS = ["init", "gate", "concat", "frozen"]


@pytest.fixture
def prepare(load, toy, fake_pipeline):
    """``prepare(model, **settings)`` gives config, training loader, test loader and model."""

    def build(model, **overrides):
        if overrides.get("backbone") in CAUSAL_BACKBONES - {"SASRec", "GRU4Rec"}:
            columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "title"]}
            overrides |= {"selected_features": ["title"], "load_col": columns}
        config = load(model, toy, **overrides)
        init_seed(config["seed"], config["reproducibility"])
        train, _, test = data_preparation(config, create_dataset(config))
        init_seed(config["seed"], config["reproducibility"])
        return config, train, test, get_model(model)(config, train.dataset)

    return build


@pytest.mark.parametrize("fusion", ["none", "gate", "concat"])
@pytest.mark.parametrize("backbone", sorted(CAUSAL_BACKBONES))
def test_hidden_states_equal_the_prefix_forward(prepare, backbone, fusion):
    config, train, _, model = prepare("CURec", backbone=backbone, fusion=fusion)
    model.eval()
    checked = 0
    for batch in window_loader(config, train.dataset):
        items, lengths, targets = (batch[name] for name in ("item_id_list", "item_length", "item_id_targets"))
        states = model.hidden_states(items, lengths)
        for row, step in torch.nonzero(targets).tolist():
            prefix = torch.zeros(1, config["MAX_ITEM_LIST_LENGTH"], dtype=torch.long)
            prefix[0, : step + 1] = items[row, : step + 1]
            expected = model.backbone(prefix, torch.tensor([step + 1]))[0]
            assert torch.allclose(states[row, step], expected, atol=1e-5)
            checked += 1
    assert checked == len(train.dataset)


@pytest.mark.parametrize("backbone", sorted(CAUSAL_BACKBONES))
def test_trimmed_histories_are_scored_like_padded_ones(prepare, backbone, monkeypatch):
    config, _, test, model = prepare("CURec", backbone=backbone, fusion="concat")
    model.eval()
    monkeypatch.setattr(curec, "_SCORED_TOGETHER", 3)
    batch = next(iter(test))[0]
    expected = model.backbone.full_sort_predict(batch)
    widths, forward = [], model.backbone.forward
    monkeypatch.setattr(
        model.backbone, "forward", lambda seq, *rest: (widths.append(seq.shape), forward(seq, *rest))[1]
    )
    scores = model.full_sort_predict(batch)
    assert scores.shape == (len(batch), model.n_items)
    assert torch.allclose(scores, expected, atol=1e-5)
    lengths = batch["item_length"].sort().values
    assert widths == [(len(part), int(part.max())) for part in lengths.split(3)]
    assert min(width for _, width in widths) < config["MAX_ITEM_LIST_LENGTH"]


@pytest.mark.parametrize("fusion", ["none", "gate"])
@pytest.mark.parametrize("backbone", sorted(CAUSAL_BACKBONES))
def test_all_positions_loss_is_the_mean_prefix_loss(prepare, backbone, fusion):
    longest = 20  # no history is cut, so both ways see the same contexts
    config, train, _, model = prepare("CURec", backbone=backbone, fusion=fusion, MAX_ITEM_LIST_LENGTH=longest)
    model.eval()
    config["train_batch_size"] = 10_000
    (windows,) = window_loader(config, train.dataset)
    prefixes = train.dataset[slice(0, len(train.dataset))]
    assert model.calculate_loss(windows).item() == pytest.approx(model.calculate_loss(prefixes).item(), abs=1e-5)


@pytest.mark.parametrize("backbone", sorted(CAUSAL_BACKBONES))
def test_fusion_none_with_prefixes_is_the_plain_backbone(prepare, backbone):
    config, train, test, lifted = prepare("CURec", backbone=backbone, train_mode="prefixes")
    init_seed(config["seed"], config["reproducibility"])
    plain = get_model(backbone)(config, train.dataset)
    lifted.train()
    plain.train()
    for batch in list(train)[:3]:
        losses = []
        for model in (lifted, plain):
            torch.manual_seed(5)  # the same dropout
            losses.append(model.calculate_loss(batch).item())
        assert losses[0] == losses[1]
    lifted.eval()
    plain.eval()
    batch = next(iter(test))[0]
    assert torch.equal(lifted.full_sort_predict(batch), plain.full_sort_predict(batch))
    assert torch.equal(lifted.predict(batch), plain.predict(batch))


@pytest.mark.parametrize("backbone", ["BPR", "LightGCN"])
def test_general_fusion_none_is_the_plain_backbone(prepare, load, toy, backbone):
    _, train, test, lifted = prepare("CURecGeneral", backbone=backbone)
    config = load("CURecGeneral", toy, backbone=backbone)
    init_seed(config["seed"], config["reproducibility"])
    plain = get_model(backbone)(config, train.dataset)
    batch = next(iter(train))
    assert lifted.calculate_loss(batch).item() == plain.calculate_loss(batch).item()
    users = next(iter(test))[0]
    assert torch.equal(lifted.full_sort_predict(users), plain.full_sort_predict(users))


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
    assert isinstance(lifted.backbone.item_embedding, SemanticEmbedding)
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


def test_negatives_of_the_history_are_other_items(prepare):
    _, train, _, model = prepare("CURec", backbone="DIEN")
    batch = model._completed(next(iter(train)))
    items, negatives = batch["item_id_list"], batch["neg_item_id_list"]
    assert torch.equal(items == 0, negatives == 0)
    assert (items != negatives)[items > 0].all()
    assert negatives[items > 0].min() > 0
    assert negatives.max() < model.n_items


@pytest.mark.parametrize("fusion", ["none", *FUSIONS])
@pytest.mark.parametrize("loss", ["sampled_CE", "BPR"])
def test_sampled_losses_never_make_the_whole_table(prepare, monkeypatch, loss, fusion):
    alignment = 0.0 if fusion in ("none", "frozen") else 0.1
    settings = {"loss": loss, "sampled_negatives": 300, "fusion": fusion, "fusion_alignment": alignment}
    config, train, _, model = prepare("CURec", **settings)
    assert config["loss_type"] == ("CE" if loss == "sampled_CE" else "BPR")
    rows = []
    if fusion not in ("none", "init"):  # the table of 'init' is its parameter: there is nothing to make
        table, fuse = model.backbone.item_embedding, model.backbone.item_embedding._fuse
        monkeypatch.setattr(table, "_fuse", lambda ids: rows.append(ids) or fuse(ids))
    batch = next(iter(window_loader(config, train.dataset)))
    model.calculate_loss(batch).backward()
    assert all(ids is not None for ids in rows)
    assert [parameter.grad.is_sparse for parameter in model.sparse_parameters()] == [True] * (fusion != "frozen")
    others = {id(parameter) for parameter in model.sparse_parameters()}
    assert not any(p.grad.is_sparse for p in model.parameters() if id(p) not in others and p.grad is not None)
    assert "negatives" not in " ".join(model.state_dict())


@pytest.mark.parametrize("fusion", ["none", "concat"])
def test_sampled_loss_comes_near_the_full_one(prepare, fusion):
    config, train, _, full = prepare("CURec", fusion=fusion)
    *_, sampled = prepare("CURec", fusion=fusion, loss="sampled_CE", sampled_negatives=100_000)
    sampled.load_state_dict(full.state_dict())
    full.eval()
    sampled.eval()
    batch = next(iter(window_loader(config, train.dataset)))
    # The full softmax counts the padding row too: one of 26 near-equal scores.
    expected = full.calculate_loss(batch).item()
    assert sampled.calculate_loss(batch).item() == pytest.approx(expected, abs=0.06)


def test_gate_starts_at_the_id_model(prepare):
    *_, ids = prepare("CURec", fusion="none")
    _, _, test, gate = prepare("CURec", fusion="gate")
    batch = next(iter(test))[0]
    assert torch.equal(ids.eval().full_sort_predict(batch), gate.eval().full_sort_predict(batch))


def test_alignment_is_added_with_its_weight(prepare):
    settings = {"fusion": "init", "train_mode": "prefixes", "hidden_dropout_prob": 0.0, "attn_dropout_prob": 0.0}
    _, train, _, model = prepare("CURec", fusion_alignment=0.3, **settings)
    batch = next(iter(train))
    whole, alone = model.calculate_loss(batch), model.backbone.calculate_loss(batch)
    table = model.backbone.item_embedding
    assert (whole - alone).item() == pytest.approx(0.3 * table.alignment_loss(batch["item_id"]).item(), abs=1e-5)


def test_a_backbone_without_a_table_fails_before_the_stages(prepare, fake_pipeline, monkeypatch):
    monkeypatch.setitem(backbones._KNOWN, "NeuMF", backbones.Backbone())
    with pytest.raises(ConfigurationError, match="NeuMF keeps no item table in item_embedding, so features cannot"):
        prepare("CURecGeneral", backbone="NeuMF", fusion="init")
    assert fake_pipeline == []


@pytest.mark.parametrize("backbone", ["LightSANs", "FEARec"])
def test_states_that_depend_on_later_items_are_not_trained_in_one_pass(prepare, backbone):
    assert backbone not in CAUSAL_BACKBONES
    *_, model = prepare("CURec", backbone=backbone)
    model.eval()
    items = torch.tensor([[3, 5, 7, 9, 11], [3, 5, 7, 2, 4]])
    states = model.hidden_states(items, torch.tensor([5, 5]))
    assert not torch.allclose(states[0, 2], states[1, 2], atol=1e-5)


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        (
            "CURec",
            {"backbone": "S3Rec", "train_stage": "finetune"},
            "reads the item column 'class' (item_attribute), which is not loaded: name it in load_col",
        ),
        ("CURec", {"backbone": "GRU4RecCPR", "loss_type": "BPR"}, "GRU4RecCPR cannot be built: SystemExit"),
        ("CURecGeneral", {"backbone": "NNCF", "neigh_info_method": "louvain"}, "NNCF cannot be built: ModuleNotFound"),
        ("CURecGeneral", {"backbone": "NeuMF", "mlp_hidden_size": 5}, "NeuMF cannot be built: TypeError"),
    ],
)
def test_settings_a_backbone_cannot_take_fail_before_the_stages(
    prepare, fake_pipeline, monkeypatch, model, settings, message
):
    monkeypatch.setitem(sys.modules, "community", None)  # as if python-louvain were missing
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


def test_a_dataset_that_is_not_ours_is_named(prepare):
    config, train, _, model = prepare("CURec")
    config["fusion"] = "init"
    with pytest.raises(ConfigurationError, match="set fusion: none"):
        type(model)(config, train.dataset)


def test_other_parameters_are_the_backbones(prepare):
    _, _, test, model = prepare("CURecGeneral", backbone="LightGCN", fusion="gate")
    with torch.no_grad():
        model.full_sort_predict(next(iter(test))[0])
    saved = model.other_parameter()
    assert set(saved) == {"restore_user_e", "restore_item_e"}
    model.load_other_parameter({"restore_user_e": None, "restore_item_e": None})
    assert model.backbone.restore_user_e is None


def test_replaced_table_is_no_plain_embedding(prepare):
    *_, model = prepare("CURec", fusion="concat")
    assert not isinstance(model.backbone.item_embedding, nn.Embedding)
    assert "fusion=concat" in str(model)


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
