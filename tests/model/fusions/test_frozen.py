"""``fusion: frozen``: projected features alone."""

import torch

from recbole_curec.model.fusions.frozen import FrozenFusion
from tests.model.fusions.tables import N, features_of, step, table_of


def test_nothing_is_learned_per_item():
    module = FrozenFusion(table_of(), features_of())
    assert [name for name, _ in module.named_parameters()] == ["projection.weight"]
    assert module.table is None


def test_special_tokens_at_the_end_keep_vectors_of_their_own_and_learn():
    module = FrozenFusion(table_of(rows=N + 2), features_of())
    assert torch.equal(module.weight[N:], table_of(rows=N + 2).weight[N:])
    step(module, (module(torch.tensor([3, N])) - 1).square().sum())
    assert not torch.allclose(module.weight[N], table_of(rows=N + 2).weight[N])
    assert torch.equal(module.weight[N + 1], table_of(rows=N + 2).weight[N + 1])


def test_ids_without_training_are_trained_like_the_others():
    module, other = (FrozenFusion(table_of(), features_of()) for _ in range(2))
    module.hold_ids(torch.tensor([5]))
    for table in (module, other):
        step(table, (table.weight - 1).square().sum())
    assert torch.equal(module.weight, other.weight)
