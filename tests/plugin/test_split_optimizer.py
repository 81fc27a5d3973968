import copy

import torch
from torch import nn

from recbole_curec.plugin.split_optimizer import SplitOptimizer


def build():
    torch.manual_seed(0)
    table, layer = nn.Embedding(6, 3, sparse=True), nn.Linear(3, 1)
    sparse = torch.optim.SparseAdam(table.parameters(), lr=0.1)
    return table, layer, SplitOptimizer(torch.optim.Adam(layer.parameters(), lr=0.1), sparse)


def step(table, layer, optimizer):
    optimizer.zero_grad()
    layer(table(torch.tensor([1, 4]))).sum().backward()
    optimizer.step()


def test_both_parts_step_and_untouched_rows_stay():
    table, layer, optimizer = build()
    rows, weight = table.weight.detach().clone(), layer.weight.detach().clone()
    step(table, layer, optimizer)
    moved = (table.weight != rows).any(dim=1)
    assert moved.tolist() == [False, True, False, False, True, False]
    assert (layer.weight != weight).all()
    optimizer.zero_grad()
    assert table.weight.grad is None
    assert layer.weight.grad is None
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.1]


def test_a_restored_state_goes_on_the_same_way():
    table, layer, optimizer = build()
    step(table, layer, optimizer)
    other_table, other_layer, other = build()
    other_table.load_state_dict(table.state_dict())
    other_layer.load_state_dict(layer.state_dict())
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    step(table, layer, optimizer)
    step(other_table, other_layer, other)
    assert torch.equal(table.weight, other_table.weight)
    assert torch.equal(layer.weight, other_layer.weight)
