"""Standard scores: by hand, of users without a preference, and from the moments of item vectors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recbole_curec.model.standard_scores import ItemMoments, standard_scores


def test_every_user_has_mean_zero_and_deviation_one_over_the_items() -> None:
    scores = torch.tensor([[-torch.inf, 1.0, 2.0, 6.0], [9.0, -10.0, 0.0, 20.0]])
    found = standard_scores(scores)
    deviation = np.sqrt((4 + 1 + 9) / 3)  # of the population; the mean is 3
    assert found[0, 1:].tolist() == pytest.approx([-2 / deviation, -1 / deviation, 3 / deviation])
    assert found[0, 0] == -torch.inf
    assert found[:, 1:].mean(dim=1).tolist() == pytest.approx([0, 0], abs=1e-6)
    assert found[:, 1:].std(dim=1, correction=0).tolist() == pytest.approx([1, 1])


def test_equal_scores_say_nothing_and_missing_numbers_stay() -> None:
    found = standard_scores(torch.tensor([[-torch.inf, 0.1, 0.1, 0.1], [0.0, 1.0, torch.nan, 2.0]]))
    assert found[0, 1:].tolist() == [0, 0, 0]
    assert found[1, 1:].isnan().all()  # the evaluation tells of them


def test_by_hand_without_the_padding_item() -> None:
    scores = torch.tensor([[100.0, 1.0, 3.0, 5.0], [-7.0, -2.0, -2.0, 4.0]])
    # First user: mean 3, variance (4 + 0 + 4) / 3; second: mean 0, variance (4 + 4 + 16) / 3.
    expected = torch.tensor([[-2.0, 0.0, 2.0], [-2.0, -2.0, 4.0]]) / torch.tensor([[8 / 3], [8.0]]).sqrt()
    assert torch.allclose(standard_scores(scores)[:, 1:], expected)


@pytest.mark.parametrize("noise", [0.0, 1e-7])
def test_equal_scores_are_zero_not_magnified_rounding(noise: float) -> None:
    scores = 3.0 + noise * torch.tensor([[0.0, 1.0, -1.0, 1.0]])
    assert torch.equal(standard_scores(scores)[:, 1:], torch.zeros(1, 3))


def test_moments_give_the_scores_that_all_items_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recbole_curec.model.standard_scores._ROWS_AT_ONCE", 7)
    generator = torch.Generator().manual_seed(3)
    items = torch.randn(40, 6, generator=generator) * torch.arange(1, 7) + 2  # far from centred and from isotropic
    items[0] = 50
    users = torch.cat([torch.randn(5, 6, generator=generator), torch.zeros(1, 6)])
    moments = ItemMoments.of(items)
    assert torch.allclose(moments.covariance, torch.cov(items[1:].T, correction=0).double(), rtol=1e-4)
    found = moments.standardised(users) @ (items - moments.mean.float()).T
    assert torch.allclose(found[:, 1:], standard_scores(users @ items.T)[:, 1:], atol=1e-5)
    assert torch.equal(found[5], torch.zeros(40))
