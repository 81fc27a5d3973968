"""``fusion: init``: the id table starts at the features."""

import pytest
import torch
from torch import nn

from recbole_curec.model.fusions.init import InitFusion
from tests.model.fusions.tables import H, N, features_of, step, table_of


@pytest.mark.parametrize("spread", [0.02, 0.5])
@pytest.mark.parametrize("dim", [4, 16, 30])
def test_it_matches_the_scale_and_keeps_the_angles(dim, spread):
    features = features_of(dim)
    weight = InitFusion(table_of(spread=spread), features).weight.detach()[1:]
    assert weight.square().mean().sqrt().item() == pytest.approx(
        table_of(spread=spread).weight[1:].std().item(), rel=1e-4
    )
    got, want = (nn.functional.normalize(rows, dim=1) for rows in (weight, features[1:]))
    if dim <= H:
        assert torch.allclose(got @ got.T, want @ want.T, atol=1e-4)
    else:  # the leading 16 of 30 directions: the angles are kept on the whole
        assert torch.corrcoef(torch.stack([(got @ got.T).flatten(), (want @ want.T).flatten()]))[0, 1] > 0.8


def test_truncation_keeps_the_first_columns():
    features = features_of(30)
    weight = InitFusion(table_of(), features).weight.detach()[1:]
    got, want = (nn.functional.normalize(rows, dim=1) for rows in (weight, features[1:, :H]))
    assert torch.allclose(got, want, atol=1e-5)


def test_rows_without_features_keep_their_ids():
    features = features_of()
    features[7] = 0
    original = table_of()
    assert torch.allclose(InitFusion(original, features).weight[7], original.weight[7], atol=1e-7)


def test_special_tokens_at_the_end_have_no_features():
    module = InitFusion(table_of(rows=N + 2), features_of())
    assert torch.equal(module.weight[N:], table_of(rows=N + 2).weight[N:])


def test_ids_without_training_are_trained_like_the_others():
    module, other = (InitFusion(table_of(), features_of()) for _ in range(2))
    module.hold_ids(torch.tensor([5]))
    for table in (module, other):
        step(table, (table.weight - 1).square().sum())
    assert torch.equal(module.weight, other.weight)


def test_features_are_not_kept_where_nothing_reads_them():
    assert InitFusion(table_of(), features_of()).semantic.shape == (0, 12)
    assert InitFusion(table_of(), features_of(), alignment=True).semantic.shape == (N, 12)
