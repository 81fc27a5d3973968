"""``fusion: gate``: ids plus a mixture of experts, which starts at the id model."""

import torch

from recbole_curec.model.fusions.gate import GateFusion
from tests.model.fusions.tables import N, features_of, step, table_of


def test_it_starts_exactly_at_the_id_model_and_then_uses_the_features():
    original = table_of()
    module = GateFusion(original, features_of())
    assert torch.equal(module.weight, original.weight)
    step(module, (module(torch.arange(1, N)) - 1).square().sum())
    residual = module.weight - module.table
    assert residual[1:].abs().min() > 0
    assert torch.count_nonzero(residual[0]) == 0
    step(module, (module(torch.arange(1, N)) - 1).square().sum())
    assert torch.count_nonzero(module.router.weight.grad) > 0


def test_rows_without_features_keep_their_ids():
    features = features_of()
    features[7] = 0
    original = table_of()
    assert torch.allclose(GateFusion(original, features).weight[7], original.weight[7], atol=1e-7)


def test_ids_without_training_stay_at_their_start():
    original = table_of()
    start = original.weight.detach().clone()
    module = GateFusion(original, features_of())
    module.hold_ids(torch.tensor([5, 7]))
    assert torch.equal(module.weight[1:], start[1:])
    for ids in (torch.arange(N), torch.tensor([[5, 7], [8, 9]])):
        step(module, module(ids).square().sum() + (module.weight - 1).square().sum())
    assert torch.equal(module.table[[5, 7]], start[[5, 7]])
    assert not torch.allclose(module.table[[8, 9]], start[[8, 9]])
    assert not torch.allclose(module.weight[[5, 7]], start[[5, 7]])  # what the features say is learned
