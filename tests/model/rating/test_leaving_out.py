"""The change of a prediction without each past review, by hand and for the whole model."""

from __future__ import annotations

import numpy as np
import torch
from recbole.data.interaction import Interaction

from recbole_curec.model.rating.leaving_out import leave_one_out
from recbole_curec.model.rating.reccot import ITEM_REVIEWS, USER_REVIEWS


class Sum:
    """Adds a number for every review, and ten more where the first two of the user's are there together."""

    values = torch.tensor([0.0, 1.0, 2.0, -3.0, 0.5])

    def rate(self, interaction):
        mine, its = interaction[USER_REVIEWS], interaction[ITEM_REVIEWS]
        together = ((mine == 1).any(dim=1) & (mine == 2).any(dim=1)) * 10
        return self.values[mine].sum(dim=1) - self.values[its].sum(dim=1) + together


def test_by_hand():
    batch = Interaction({USER_REVIEWS: torch.tensor([[1, 2], [3, 0]]), ITEM_REVIEWS: torch.tensor([[3, 4], [0, 0]])})
    found = leave_one_out(Sum(), batch)
    assert found.rating.tolist() == [15.5, -3.0]
    assert found.user.tolist() == [[11.0, 12.0], [-3.0, 0.0]]
    assert found.item.tolist() == [[3.0, -0.5], [0.0, 0.0]]
    assert batch[USER_REVIEWS].tolist() == [[1, 2], [3, 0]], "the batch is left as it was"


def test_of_the_model(splits, model_of):
    config, datasets = splits()
    model, batch = model_of(config, datasets[0]), datasets[2][np.arange(len(datasets[2]))]
    found = leave_one_out(model, batch)
    assert torch.allclose(found.rating, model.rate(batch), atol=1e-5)
    assert not (batch[USER_REVIEWS] > 0).all(), "some lists are shorter than others"
    for name, changes in ((USER_REVIEWS, found.user), (ITEM_REVIEWS, found.item)):
        present = batch[name] > 0
        assert not changes[~present].any()
        assert (changes[present].abs() > 1e-6).all()
        row, place = present.nonzero()[-1].tolist()
        fewer = batch[name].clone()
        fewer[row, place] = 0
        again = model.rate(Interaction({**batch.interaction, name: fewer}))
        assert torch.allclose(found.rating[row] - again[row], changes[row, place], atol=1e-5)
