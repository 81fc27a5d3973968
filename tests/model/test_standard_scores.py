from __future__ import annotations

import numpy as np
import pytest
import torch

from recbole_curec.model.standard_scores import standardised


def test_every_user_has_mean_zero_and_deviation_one_over_the_items() -> None:
    scores = torch.tensor([[-torch.inf, 1.0, 2.0, 6.0], [9.0, -10.0, 0.0, 20.0]])
    found = standardised(scores)
    deviation = np.sqrt((4 + 1 + 9) / 3)  # of the population; the mean is 3
    assert found[0, 1:].tolist() == pytest.approx([-2 / deviation, -1 / deviation, 3 / deviation])
    assert found[0, 0] == -torch.inf
    assert found[:, 1:].mean(dim=1).tolist() == pytest.approx([0, 0], abs=1e-6)
    assert found[:, 1:].std(dim=1, correction=0).tolist() == pytest.approx([1, 1])


def test_equal_scores_say_nothing_and_missing_numbers_stay() -> None:
    found = standardised(torch.tensor([[-torch.inf, 0.1, 0.1, 0.1], [0.0, 1.0, torch.nan, 2.0]]))
    assert found[0, 1:].tolist() == [0, 0, 0]
    assert found[1, 1:].isnan().all()  # the evaluation tells of them
