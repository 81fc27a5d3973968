import pytest
import torch
from torch import nn

from recbole_curec.model.dropout import QuickDropout, quicken


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(997, 1001), (1_000_003,)])
def test_rate_and_scale(rate, shape):
    torch.manual_seed(0)
    values = torch.full(shape, 3.0, requires_grad=True)
    out = QuickDropout(rate)(values)
    assert (out == 0).float().mean().item() == pytest.approx(rate, abs=0.002)
    assert out.mean().item() == pytest.approx(3.0, rel=0.01)
    assert torch.allclose(out[out != 0], torch.tensor(3.0 / (1 - rate)), rtol=1e-3)
    out.sum().backward()
    assert torch.equal(values.grad * 3.0, out)


def test_neighbours_and_steps_are_independent():
    torch.manual_seed(0)
    layer, ones = QuickDropout(0.5), torch.ones(400_000)
    kept, again = ((layer(ones) > 0).float() for _ in range(2))
    for other in (again, *(kept.roll(step) for step in (1, 2, 3, 4, 8))):
        assert torch.corrcoef(torch.stack([kept, other]))[0, 1].abs() < 0.01


def test_the_seed_decides():
    layer, ones = QuickDropout(0.5), torch.ones(100)
    draws = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(layer(ones))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_all_or_nothing(rate):
    assert torch.equal(QuickDropout(rate)(torch.ones(5)), torch.ones(5) * (1 - rate))


def test_evaluation_drops_nothing():
    assert torch.equal(QuickDropout(0.5).eval()(torch.ones(5)), torch.ones(5))


def test_every_layer_is_replaced_with_its_rate():
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.3), nn.Sequential(nn.Dropout(0.7), nn.Dropout1d(0.4)))
    quicken(model)
    assert [type(model[1]), type(model[2][0]), type(model[2][1])] == [QuickDropout, QuickDropout, nn.Dropout1d]
    assert (model[1].p, model[2][0].p) == (0.3, 0.7)
