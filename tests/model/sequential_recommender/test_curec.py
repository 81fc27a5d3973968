"""``CURec``: hidden states, all-position losses, trimmed scoring, sampled losses."""

import pytest
import torch
from recbole.utils import get_model, init_seed

from recbole_curec.backbones.facts import CAUSAL_BACKBONES
from recbole_curec.model.sequential_recommender import curec
from recbole_curec.plugin.trainers import window_loader

FUSIONS = ["init", "gate", "concat", "frozen"]


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


@pytest.mark.parametrize("backbone", ["LightSANs", "FEARec"])
def test_states_that_depend_on_later_items_are_not_trained_in_one_pass(prepare, backbone):
    assert backbone not in CAUSAL_BACKBONES
    *_, model = prepare("CURec", backbone=backbone)
    model.eval()
    items = torch.tensor([[3, 5, 7, 9, 11], [3, 5, 7, 2, 4]])
    states = model.hidden_states(items, torch.tensor([5, 5]))
    assert not torch.allclose(states[0, 2], states[1, 2], atol=1e-5)
