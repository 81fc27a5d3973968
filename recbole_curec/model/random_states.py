"""The global random states of Python, numpy and torch: kept, restored, and exchanged for a stream of one's own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


@contextmanager
def random_states_restored() -> Iterator[None]:
    """Restore the global random states on exit."""
    before = _states()
    try:
        yield
    finally:
        _restore(before)


class RandomStream:
    """Random states beside the global ones, for a part whose draws must not depend on those of other parts.

    Args:
        seed: Sets the global states at the first draw; called once.
    """

    def __init__(self, seed: Callable[[], Any]) -> None:
        self._seed = seed
        self._own: tuple[Any, ...] | None = None

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Everything within this context draws from the stream, which goes on where it stopped."""
        with random_states_restored():
            if self._own is None:
                self._seed()
            else:
                _restore(self._own)
            try:
                yield
            finally:
                self._own = _states()


def _states() -> tuple[Any, ...]:
    legacy = np.random.get_state()  # noqa: NPY002 - RecBole uses the legacy generator
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return random.getstate(), legacy, torch.get_rng_state(), devices


def _restore(states: tuple[Any, ...]) -> None:
    python, legacy, own, devices = states
    random.setstate(python)
    np.random.set_state(legacy)  # noqa: NPY002 - as above
    torch.set_rng_state(own)
    if devices:
        torch.cuda.set_rng_state_all(devices)
