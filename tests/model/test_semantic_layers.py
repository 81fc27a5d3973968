import pytest
import torch
from torch import nn

from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.concat import ConcatFusion
from recbole_curec.model.fusions.gate import GateFusion
from recbole_curec.model.semantic_layers import SemanticLinear, SemanticParameters, fuse

FEATURES = torch.nn.functional.pad(torch.randn(9, 4, generator=torch.Generator().manual_seed(0)), (0, 0, 1, 0))


@pytest.mark.parametrize(("layer", "columns"), [(nn.Linear(10, 6), True), (nn.Linear(6, 10, bias=False), False)])
def test_a_linear_layer_starts_as_it_was_and_its_ids_get_features(layer, columns):
    fused = fuse(layer, FEATURES, GateFusion, False, columns)
    inputs = torch.randn(3, layer.in_features)
    assert isinstance(fused, SemanticLinear)
    assert torch.equal(fused.weight, layer.weight)
    assert torch.allclose(fused(inputs), layer(inputs), atol=1e-6)
    assert (fused.table.num_embeddings, fused.table.embedding_dim) == (10, 6)
    assert fused.bias is layer.bias
    moved = fuse(layer, FEATURES, ConcatFusion, False, columns)
    changed = (moved.weight != layer.weight).any(dim=0 if columns else 1)
    assert changed.tolist() == [False] + [True] * 9


@pytest.mark.parametrize("fusion", ["init", "gate", "concat", "frozen"])
def test_inputs_beyond_the_items_keep_their_weights(fusion):
    layer = nn.Linear(13, 6)
    fused = fuse(layer, FEATURES, FUSIONS.find(fusion), False, columns=True)
    assert torch.equal(fused.weight[:, 10:], layer.weight[:, 10:])
    fused(torch.randn(3, 13)).sum().backward()
    learned = fused.table.special if fusion == "frozen" else fused.table.table[10:]
    assert learned.requires_grad
    ids = torch.tensor([0, 4, 12])
    if fusion == "concat":  # a product of 3 rows and one of 13 round apart on some processors
        torch.testing.assert_close(fused.table(ids), fused.table.weight[ids])
    else:
        assert torch.equal(fused.table(ids), fused.table.weight[ids])


def test_a_list_of_one_matrix():
    matrix = nn.Parameter(torch.randn(10, 6))
    fused = fuse(nn.ParameterList([matrix]), FEATURES, GateFusion, False)
    assert isinstance(fused, SemanticParameters)
    assert torch.equal(fused[0], matrix)
    with pytest.raises(IndexError):
        fused[1]


def test_what_does_not_learn_stays_so():
    fused = fuse(nn.Embedding(10, 6).requires_grad_(False), FEATURES, ConcatFusion, False)
    assert isinstance(fused, ConcatFusion)
    assert not any(parameter.requires_grad for parameter in fused.parameters())


def test_other_modules_have_no_stand_in():
    with pytest.raises(TypeError, match="no stand-in for GRU"):
        fuse(nn.GRU(4, 4), FEATURES, ConcatFusion, False)


def test_the_random_stream_is_left_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    for module in (nn.Linear(10, 6), nn.Embedding(10, 6), nn.ParameterList([torch.zeros(10, 6)])):
        torch.manual_seed(3)
        fuse(module, FEATURES, ConcatFusion, True, columns=True)
        assert torch.equal(torch.rand(1), expected)
