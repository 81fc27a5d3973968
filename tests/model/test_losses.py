import math

import pytest
import torch
from torch.nn import functional

from recbole_curec.model import losses
from recbole_curec.model.losses import Negatives, NegativeSampler, cross_entropy, pairwise, sampled_cross_entropy

N, T, H = 50, 23, 8


def example(scale=1.0):
    generator = torch.Generator().manual_seed(3)
    states = scale * torch.randn(T, H, generator=generator)
    table = scale * torch.randn(N, H, generator=generator)
    return states.requires_grad_(), table.requires_grad_(), torch.randint(1, N, (T,), generator=generator)


def gradients(loss, *tensors):
    return torch.autograd.grad(loss * 3, tensors)  # a factor, as a weighted sum of losses has one


@pytest.mark.parametrize("rows", [1, 7, 10, 64])
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_chunked_cross_entropy_is_torchs(monkeypatch, rows, scale):
    monkeypatch.setattr(losses, "_SCORES", {"cpu": rows * N})
    monkeypatch.setattr(losses, "_FEWEST_ROWS", 1)
    states, table, targets = example(scale)
    loss, expected = cross_entropy(states, table, targets), functional.cross_entropy(states @ table.T, targets)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for got, want in zip(gradients(loss, states, table), gradients(expected, states, table), strict=True):
        assert torch.allclose(got, want, rtol=1e-4, atol=1e-6)


def test_chunked_cross_entropy_of_fixed_items_or_states():
    states, table, targets = example()
    expected = functional.cross_entropy(states @ table.T, targets)
    state_grads, table_grads = gradients(expected, states, table)
    (got,) = gradients(cross_entropy(states, table.detach(), targets), states)
    assert torch.allclose(got, state_grads, atol=1e-6)
    (got,) = gradients(cross_entropy(states.detach(), table, targets), table)
    assert torch.allclose(got, table_grads, atol=1e-6)
    with torch.no_grad():
        assert cross_entropy(states, table, targets).item() == pytest.approx(expected.item(), rel=1e-5)


def test_scores_are_never_held_whole(monkeypatch):
    monkeypatch.setattr(losses, "_SCORES", {"cpu": 0})
    monkeypatch.setattr(losses, "_FEWEST_ROWS", 4)
    seen = []
    original = losses._loss_and_slope
    monkeypatch.setattr(losses, "_loss_and_slope", lambda s, t: seen.append(tuple(s.shape)) or original(s, t))
    cross_entropy(*example())
    assert seen == [(4, N)] * 5 + [(3, N)]


def test_half_precision_states_are_scored_in_single():
    states, table, targets = example()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = cross_entropy(states.bfloat16(), table, targets)
    expected = functional.cross_entropy(states.bfloat16().float() @ table.T, targets)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_sampled_cross_entropy_over_every_item_is_the_full_one():
    states, table, targets = example()
    everything = Negatives(torch.arange(1, N), torch.zeros(N - 1))  # each item once, as expected
    loss = sampled_cross_entropy(states, table[targets], table[1:], targets, everything)
    expected = functional.cross_entropy(states @ table[1:].T, targets - 1)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for got, want in zip(gradients(loss, states, table), gradients(expected, states, table), strict=True):
        assert torch.allclose(got, want, atol=1e-5)


@pytest.mark.parametrize("popular", [0.0, 0.5, 1.0])
def test_draws_come_as_often_as_they_are_expected_to(popular):
    torch.manual_seed(0)
    history = torch.tensor([1] * 6 + [2] * 3 + [3])
    sampler = NegativeSampler(history, 6, 40_000, popular)
    drawn = sampler.draw()
    counts = torch.bincount(drawn.items, minlength=6)
    share = popular * torch.tensor([0, 0.6, 0.3, 0.1, 0, 0]) + (1 - popular) * torch.tensor([0, 1, 1, 1, 1, 1]) / 5
    assert counts[0] == 0
    assert torch.allclose(counts / 40_000, share, atol=0.01)
    assert torch.allclose(drawn.log_expected, (40_000 * share).log()[drawn.items].float(), atol=1e-5)


@pytest.mark.parametrize("popular", [0.0, 0.5])
def test_the_correction_makes_the_partition_sum_unbiased(popular):
    torch.manual_seed(0)
    states, table, targets = (tensor.detach() for tensor in example(0.7))
    history = torch.cat([torch.arange(1, N), torch.arange(1, 6).repeat(40)])
    sampler = NegativeSampler(history, N, 40, popular)
    estimates, naive = [], []
    for _ in range(4000):
        drawn = sampler.draw()
        inputs = states, table[targets], table[drawn.items], targets
        positive = (states * table[targets]).sum(1)
        for negatives, kept in ((drawn, estimates), (Negatives(drawn.items, torch.zeros(40)), naive)):
            # One state at a time, the loss is log(sum) minus the positive's score.
            losses_ = [
                sampled_cross_entropy(*(x[k : k + 1] if x is not inputs[2] else x for x in inputs), negatives)
                for k in range(2)
            ]
            kept.append((torch.stack(losses_) + positive[:2]).exp())
    full = (states[:2] @ table[1:].T).exp().sum(1)
    assert torch.allclose(torch.stack(estimates).mean(0), full, rtol=0.03)
    assert not torch.allclose(torch.stack(naive).mean(0), full, rtol=0.1)


def test_more_negatives_come_closer_to_the_full_loss():
    torch.manual_seed(0)
    states, table, targets = example()
    full = functional.cross_entropy(states @ table[1:].T, targets - 1).item()
    distances = []
    for count in (4, 64, 4096):
        sampler = NegativeSampler(torch.arange(1, N), N, count, 0.5)
        distance = 0.0
        for _ in range(30):
            drawn = sampler.draw()
            loss = sampled_cross_entropy(states, table[targets], table[drawn.items], targets, drawn)
            distance += abs(loss.item() - full) / 30
        distances.append(distance)
    assert distances[0] > 2 * distances[1] > 4 * distances[2]
    assert distances[2] < 0.05


def test_pairwise_is_the_mean_over_pairs_of_different_items():
    states, table, targets = example()
    items = torch.tensor([3, int(targets[0]), 9])
    loss = pairwise(states, table[targets], table[items], targets, Negatives(items, torch.zeros(3)))
    terms = [
        math.log1p(math.exp(-(states[k] @ (table[target] - table[item])).item()))
        for k, target in enumerate(targets.tolist())
        for item in items.tolist()
        if item != target
    ]
    assert len(terms) < 3 * T
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)


@pytest.mark.parametrize("loss", [sampled_cross_entropy, pairwise])
def test_a_batch_whose_only_negative_is_its_target_teaches_nothing(loss):
    states, table, _ = example()
    targets, negatives = torch.tensor([5]), Negatives(torch.tensor([5]), torch.zeros(1))
    value = loss(states[:1], table[targets], table[targets], targets, negatives)
    assert value.item() == pytest.approx(0.0, abs=1e-6)
    assert torch.isfinite(torch.autograd.grad(value, [table])[0]).all()
