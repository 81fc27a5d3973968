from __future__ import annotations

import numpy as np
import pytest

from recbole_curec.rewards.model.validate import calibration_error


def test_calibration_error_by_hand() -> None:
    labels = np.array([1.0, 0.0, 1.0, 1.0])
    probabilities = np.array([0.05, 0.0, 0.5, 1.0])
    # Bin [0, .5): two rows, half positive, mean .025; bin [.5, 1]: two rows, all positive, mean .75.
    assert calibration_error(labels, probabilities, 2) == pytest.approx(0.5 * 0.475 + 0.5 * 0.25)


def test_calibrated_probabilities_have_no_error_and_certain_mistakes_all() -> None:
    labels = np.array([1.0, 0.0, 1.0, 0.0])
    assert calibration_error(labels, np.full(4, 0.5), 10) == 0.0
    assert calibration_error(labels, 1 - labels, 10) == 1.0


def test_bins_are_closed_on_the_left() -> None:
    # .1 belongs to the second bin of ten, so it does not cancel with .05 in the first.
    labels, probabilities = np.array([0.0, 1.0]), np.array([0.05, 0.1])
    assert calibration_error(labels, probabilities, 10) == pytest.approx(0.5 * 0.05 + 0.5 * 0.9)
    assert calibration_error(labels, probabilities, 5) == pytest.approx(0.5 - 0.075)
