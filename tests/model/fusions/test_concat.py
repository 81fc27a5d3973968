"""``fusion: concat``: one linear map of ids and features side by side."""

import pytest
import torch

from recbole_curec.model.fusions.concat import ConcatFusion
from tests.model.fusions.tables import N, features_of, step, table_of


@pytest.mark.parametrize("spread", [0.02, 0.5])
def test_it_starts_at_the_features_and_ids_where_there_are_none(spread):
    original, features = table_of(spread=spread), features_of()
    features[5] = 0
    weight = ConcatFusion(original, features).weight.detach()
    others = torch.tensor([row for row in range(1, N) if row != 5])
    assert torch.allclose(weight[5], original.weight[5])
    level = original.weight.detach()[1:].std()
    assert weight[others].square().mean().sqrt() == pytest.approx(3 * level.item(), rel=1e-4)
    # Directions of zero vectors cannot be compared, so ids keep their own start for the alignment loss.
    aligned = ConcatFusion(original, features, alignment=True)
    assert torch.equal(aligned.table[others], original.weight[others])


def test_rows_without_features_keep_their_ids():
    features = features_of()
    features[7] = 0
    original = table_of()
    assert torch.allclose(ConcatFusion(original, features).weight[7], original.weight[7], atol=1e-7)


def test_ids_without_training_are_what_their_features_say():
    module = ConcatFusion(table_of(), features_of())
    module.hold_ids(torch.tensor([5, 7]))
    start = module.table.detach().clone()
    for ids in (torch.arange(N), torch.tensor([[5, 7], [8, 9]])):  # the whole table, and a few rows
        step(module, module(ids).square().sum() + (module.weight - 1).square().sum())
    assert torch.equal(module.table[[5, 7]], start[[5, 7]])
    assert not torch.allclose(module.table[[8, 9]], start[[8, 9]])
    told = module.projection(module.semantic)
    assert torch.allclose(module.weight[[5, 7]], told[[5, 7]], atol=1e-6)
    assert torch.allclose(module(torch.tensor([5])), told[[5]], atol=1e-6)
    assert not torch.allclose(module.weight[8], told[8], atol=1e-3)


def test_held_ids_start_at_zero_with_alignment_too():
    module = ConcatFusion(table_of(), features_of(), alignment=True)
    assert module.table[5].abs().sum() > 0
    module.hold_ids(torch.tensor([5]))
    assert module.table[5].abs().sum() == 0
    assert module.table[6].abs().sum() > 0
