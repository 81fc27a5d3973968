import random

import numpy as np
import torch

from recbole_curec.model.random_states import RandomStream, random_states_restored


def draws():
    return random.random(), np.random.random(), torch.rand(1).item()  # noqa: NPY002 - what RecBole draws from


def seed(number):
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - as above
    torch.manual_seed(number)


def test_a_stream_goes_on_and_leaves_the_global_states_alone():
    seed(5)
    alone = [draws(), draws()]
    seed(1)
    expected = [draws(), draws()]
    stream = RandomStream(lambda: seed(5))
    seed(1)
    found, own = [], []
    for _ in range(2):
        found.append(draws())
        with stream.drawing():
            own.append(draws())
    assert found == expected
    assert own == alone


def test_states_are_restored_after_an_error():
    seed(1)
    expected = draws()
    seed(1)
    try:
        with random_states_restored():
            draws()
            raise KeyError
    except KeyError:
        assert draws() == expected
