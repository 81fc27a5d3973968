"""``CURecGeneral`` without features is its backbone."""

import pytest
import torch
from recbole.utils import get_model, init_seed


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
