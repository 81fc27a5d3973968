import copy

import pytest
import torch
from recbole_curec.model.semantic_embedding import SemanticEmbedding, orthonormal_map
from torch import nn

from recbole_curec.errors import ConfigurationError
from recbole_curec.model import semantic_embedding

FUSIONS = ["init", "gate", "concat", "frozen"]
N, H = 40, 16


def table_of(padding_idx=0, rows=N, spread=0.02):
    torch.manual_seed(1)
    table = nn.Embedding(rows, H, padding_idx=padding_idx)
    nn.init.normal_(table.weight, std=spread)
    return table


def features_of(dim=12, rows=N):
    generator = torch.Generator().manual_seed(2)
    features = nn.functional.normalize(torch.randn(rows, dim, generator=generator), dim=1)
    features[0] = 0
    return features


def step(module, loss):
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@pytest.mark.parametrize("dim", [4, 16, 30])
@pytest.mark.parametrize("fusion", FUSIONS)
def test_ids_and_weight_agree_before_and_after_training(fusion, dim):
    module = SemanticEmbedding(table_of(), features_of(dim), fusion)
    ids = torch.tensor([[0, 3], [39, 3]])
    for _ in range(2):
        assert module.weight.shape == (N, H)
        assert module(ids).shape == (2, 2, H)
        assert torch.allclose(module(ids), module.weight[ids], atol=1e-6)
        with module.computed_once():
            assert torch.allclose(module(ids), module.weight[ids], atol=1e-6)
        before = module.weight.detach().clone()
        step(module, (module(ids) - 1).square().sum())
        assert not torch.allclose(module.weight[3], before[3])
    assert (module.num_embeddings, module.embedding_dim, module.padding_idx) == (N, H, 0)


@pytest.mark.parametrize("fusion", ["init", "concat", "frozen"])
def test_padding_row_is_zero(fusion):
    assert torch.count_nonzero(SemanticEmbedding(table_of(), features_of(), fusion).weight[0]) == 0
    kept = SemanticEmbedding(table_of(padding_idx=None), features_of(), fusion).weight[0]
    assert torch.count_nonzero(kept) == (0 if fusion == "frozen" else H)


def test_gate_starts_exactly_at_the_id_model_and_then_uses_the_features():
    original = table_of()
    module = SemanticEmbedding(original, features_of(), "gate")
    assert torch.equal(module.weight, original.weight)
    step(module, (module(torch.arange(1, N)) - 1).square().sum())
    residual = module.weight - module.table
    assert residual[1:].abs().min() > 0
    assert torch.count_nonzero(residual[0]) == 0
    step(module, (module(torch.arange(1, N)) - 1).square().sum())
    assert torch.count_nonzero(module.router.weight.grad) > 0


@pytest.mark.parametrize("spread", [0.02, 0.5])
def test_concat_starts_at_the_features_and_ids_where_there_are_none(spread):
    original, features = table_of(spread=spread), features_of()
    features[5] = 0
    weight = SemanticEmbedding(original, features, "concat").weight.detach()
    others = torch.tensor([row for row in range(1, N) if row != 5])
    assert torch.allclose(weight[5], original.weight[5])
    level = original.weight.detach()[1:].std()
    assert weight[others].square().mean().sqrt() == pytest.approx(3 * level.item(), rel=1e-4)
    # Directions of zero vectors cannot be compared, so ids keep their own start for the alignment loss.
    aligned = SemanticEmbedding(original, features, "concat", alignment=True)
    assert torch.equal(aligned.table[others], original.weight[others])


@pytest.mark.parametrize("spread", [0.02, 0.5])
@pytest.mark.parametrize("dim", [4, 16, 30])
def test_init_matches_the_scale_and_keeps_the_angles(dim, spread):
    features = features_of(dim)
    weight = SemanticEmbedding(table_of(spread=spread), features, "init").weight.detach()[1:]
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
    weight = SemanticEmbedding(table_of(), features, "init").weight.detach()[1:]
    got, want = (nn.functional.normalize(rows, dim=1) for rows in (weight, features[1:, :H]))
    assert torch.allclose(got, want, atol=1e-5)


@pytest.mark.parametrize("dim", [4, 16])
def test_a_wide_enough_map_keeps_inner_products(dim):
    mapping = orthonormal_map(dim, H)
    assert torch.allclose(mapping @ mapping.T, torch.eye(dim), atol=1e-5)


def test_rows_without_features_keep_their_ids():
    features = features_of()
    features[7] = 0
    original = table_of()
    for fusion in ("init", "gate", "concat"):
        module = SemanticEmbedding(original, features, fusion)
        assert torch.allclose(module.weight[7], original.weight[7], atol=1e-7)


def test_frozen_learns_nothing_per_item():
    module = SemanticEmbedding(table_of(), features_of(), "frozen")
    assert [name for name, _ in module.named_parameters()] == ["projection.weight"]
    assert module.table is None


def test_special_tokens_at_the_end_have_no_features():
    module = SemanticEmbedding(table_of(rows=N + 2), features_of(), "init")
    assert torch.equal(module.weight[N:], table_of(rows=N + 2).weight[N:])


@pytest.mark.parametrize("rows", [N + 1, 100])
def test_too_many_features(rows):
    with pytest.raises(ConfigurationError, match="do not fit 40 embeddings"):
        SemanticEmbedding(table_of(), features_of(rows=rows), "init")


def test_table_is_computed_once_within_the_context(monkeypatch):
    module = SemanticEmbedding(table_of(), features_of(), "concat")
    calls = []
    original = module._fuse
    monkeypatch.setattr(module, "_fuse", lambda ids: calls.append(ids) or original(ids))
    with module.computed_once():
        _ = module(torch.tensor([1])), module.weight, module.weight
    assert len(calls) == 1
    _ = module(torch.tensor([1]))
    assert len(calls) == 2
    assert calls[1] is not None  # outside, a few ids cost a few rows


def test_state_round_trip_restores_the_features_too():
    module = SemanticEmbedding(table_of(), features_of(), "concat")
    other = SemanticEmbedding(table_of(), features_of().flip(0), "concat")
    assert not torch.allclose(other.weight, module.weight)
    other.load_state_dict(module.state_dict())
    assert torch.equal(other.weight, module.weight)
    assert torch.equal(copy.deepcopy(module).weight, module.weight)


def test_the_random_stream_is_left_alone():
    draws = []
    for fusion in FUSIONS:
        table = table_of()
        SemanticEmbedding(table, features_of(), fusion, alignment=True)
        draws.append(torch.rand(3))
    assert all(torch.equal(draw, draws[0]) for draw in draws)


@pytest.mark.parametrize("fusion", ["init", "gate", "concat"])
def test_alignment_pulls_ids_towards_their_meaning(fusion):
    module = SemanticEmbedding(table_of(), features_of(), fusion, alignment=True)
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
        SemanticEmbedding(table_of(), features_of(), "init").alignment_loss(torch.tensor([1, 2]))


def test_ids_without_training_are_what_their_features_say():
    module = SemanticEmbedding(table_of(), features_of(), "concat")
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


def test_gate_holds_ids_at_their_start_and_starts_at_the_id_model():
    original = table_of()
    start = original.weight.detach().clone()
    module = SemanticEmbedding(original, features_of(), "gate")
    module.hold_ids(torch.tensor([5, 7]))
    assert torch.equal(module.weight[1:], start[1:])
    for ids in (torch.arange(N), torch.tensor([[5, 7], [8, 9]])):
        step(module, module(ids).square().sum() + (module.weight - 1).square().sum())
    assert torch.equal(module.table[[5, 7]], start[[5, 7]])
    assert not torch.allclose(module.table[[8, 9]], start[[8, 9]])
    assert not torch.allclose(module.weight[[5, 7]], start[[5, 7]])  # what the features say is learned


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_large_table_is_fused_in_parts(monkeypatch, fusion):
    module = SemanticEmbedding(table_of(), features_of(), fusion)
    if fusion == "gate":
        nn.init.normal_(module.experts)
    whole = module.weight.detach()
    sizes = []
    fuse = module._fuse
    monkeypatch.setattr(module, "_fuse", lambda ids: sizes.append(None if ids is None else len(ids)) or fuse(ids))
    monkeypatch.setattr(semantic_embedding, "_ROWS_AT_ONCE", 16)
    with torch.no_grad():
        assert torch.allclose(module.weight, whole, atol=1e-6)
    assert sizes == ([] if fusion == "init" else [16, 16, 8])
    module.weight.sum().backward()
    assert sizes[-1:] == ([] if fusion == "init" else [None]), "a gradient needs the table as a whole"


def test_held_ids_start_at_zero_in_concat_with_alignment_too():
    module = SemanticEmbedding(table_of(), features_of(), "concat", alignment=True)
    assert module.table[5].abs().sum() > 0
    module.hold_ids(torch.tensor([5]))
    assert module.table[5].abs().sum() == 0
    assert module.table[6].abs().sum() > 0


@pytest.mark.parametrize("fusion", ["init", "frozen"])
def test_the_other_fusions_train_every_id_as_before(fusion):
    module, other = (SemanticEmbedding(table_of(), features_of(), fusion) for _ in range(2))
    module.hold_ids(torch.tensor([5]))
    for table in (module, other):
        step(table, (table.weight - 1).square().sum())
    assert torch.equal(module.weight, other.weight)
