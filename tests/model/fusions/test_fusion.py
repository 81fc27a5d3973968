"""What all fusions share, whatever they mix: the map, the scale, parts, the random stream, alignment."""

import pytest
import torch
from torch import nn

from recbole_curec.errors import ConfigurationError
from recbole_curec.model.fusions import fusion as base
from recbole_curec.model.fusions.concat import ConcatFusion
from recbole_curec.model.fusions.fusion import orthonormal_map
from recbole_curec.model.fusions.init import InitFusion
from tests.model.fusions.tables import FUSION_NAMES, H, N, features_of, fused, table_of


@pytest.mark.parametrize("dim", [4, 16])
def test_a_wide_enough_map_keeps_inner_products(dim):
    mapping = orthonormal_map(dim, H)
    assert torch.allclose(mapping @ mapping.T, torch.eye(dim), atol=1e-5)


@pytest.mark.parametrize("fusion", ["init", "concat", "frozen"])
def test_padding_row_is_zero(fusion):
    assert torch.count_nonzero(fused(fusion).weight[0]) == 0
    kept = fused(fusion, padding_idx=None).weight[0]
    assert torch.count_nonzero(kept) == (0 if fusion == "frozen" else H)


@pytest.mark.parametrize("rows", [N + 1, 100])
def test_too_many_features(rows):
    with pytest.raises(ConfigurationError, match="do not fit 40 embeddings"):
        InitFusion(table_of(), features_of(rows=rows))


def test_table_is_computed_once_within_the_context(monkeypatch):
    module = ConcatFusion(table_of(), features_of())
    calls = []
    original = module._fuse
    monkeypatch.setattr(module, "_fuse", lambda ids: calls.append(ids) or original(ids))
    with module.computed_once():
        _ = module(torch.tensor([1])), module.weight, module.weight
    assert len(calls) == 1
    _ = module(torch.tensor([1]))
    assert len(calls) == 2
    assert calls[1] is not None  # outside, a few ids cost a few rows


def test_the_random_stream_is_left_alone():
    draws = []
    for fusion in FUSION_NAMES:
        fused(fusion, alignment=True)
        draws.append(torch.rand(3))
    assert len(draws) >= 4
    assert all(torch.equal(draw, draws[0]) for draw in draws)


@pytest.mark.parametrize("fusion", ["init", "gate", "concat"])
def test_alignment_pulls_ids_towards_their_meaning(fusion):
    module = fused(fusion, alignment=True)
    ids = torch.arange(N).repeat(2)
    first = module.alignment_loss(ids).item()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        loss = module.alignment_loss(ids)
        loss.backward()
        optimizer.step()
    assert loss.item() < first / 2
    assert module.alignment_loss(torch.tensor([0, 0, 5])).item() == 0.0  # one id has no negatives


def test_alignment_must_be_asked_for():
    with pytest.raises(ConfigurationError, match="set fusion_alignment"):
        fused("init").alignment_loss(torch.tensor([1, 2]))


@pytest.mark.parametrize("fusion", ["init", "gate", "concat", "frozen"])
def test_a_large_table_is_fused_in_parts(monkeypatch, fusion):
    module = fused(fusion)
    if fusion == "gate":
        nn.init.normal_(module.experts)
    whole = module.weight.detach()
    sizes = []
    fuse = module._fuse
    monkeypatch.setattr(module, "_fuse", lambda ids: sizes.append(None if ids is None else len(ids)) or fuse(ids))
    monkeypatch.setattr(base, "_ROWS_AT_ONCE", 16)
    with torch.no_grad():
        assert torch.allclose(module.weight, whole, atol=1e-6)
    assert sizes == ([] if fusion == "init" else [16, 16, 8])
    module.weight.sum().backward()
    assert sizes[-1:] == ([] if fusion == "init" else [None]), "a gradient needs the table as a whole"
