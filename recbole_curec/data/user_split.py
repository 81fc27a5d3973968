"""The split of users into training and held-out ones, shared by reward model, judge and RL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recbole_curec.data.history import TrainHistory

_FILE = "users.json"


@dataclass(frozen=True)
class UserSplit:
    """Users that reward model, judge and RL are trained on, and users held out of all three.

    Attributes:
        trained: Users whose interactions train the reward model and the judge, and whose prompts are used in RL.
        probe: Held-out users, on whom the reward model and the judge are validated and RL is measured.
    """

    trained: NDArray[np.int64]
    probe: NDArray[np.int64]

    @classmethod
    def draw(cls, history: TrainHistory, holdout: float, rng: np.random.Generator) -> UserSplit:
        """Split the users at random; a single user is in both groups.

        Args:
            history: Training interactions.
            holdout: Share of the users that are held out.
            rng: Source of the choice.
        """
        users = rng.permutation(np.unique(history.users))
        count = max(1, int(holdout * len(users)))
        probe, rest = np.sort(users[:count]), np.sort(users[count:])
        return cls(rest if len(rest) else probe, probe)

    def save(self, folder: Path) -> None:
        """Write ``users.json``."""
        plain = {"trained": self.trained.tolist(), "probe": self.probe.tolist()}
        (folder / _FILE).write_text(json.dumps(plain), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> UserSplit:
        """Inverse of :meth:`save`."""
        plain = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(**{name: np.array(users, dtype=np.int64) for name, users in plain.items()})
