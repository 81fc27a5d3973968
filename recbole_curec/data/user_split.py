"""One split of users for everything that is trained or measured with rewards, drawn once and passed on."""

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
    """Who teaches the reward model, who teaches its judge, and whom neither of them nor RL has seen.

    The reward model guides RL and the judge only watches, so they learn from different halves of the users: a policy
    that exploits what one of them happened to learn does not please the other. Both are validated, and RL is measured,
    on users that none of the three has seen. RL trains on prompts of all others.

    Attributes:
        reward: Users the reward model is trained on.
        judge: Users the judge is trained on.
        probe: Users that are held out of reward model, judge and RL.
    """

    reward: NDArray[np.int64]
    judge: NDArray[np.int64]
    probe: NDArray[np.int64]

    @classmethod
    def draw(cls, history: TrainHistory, holdout: float, rng: np.random.Generator) -> UserSplit:
        """Split the users at random.

        With one user all three groups are that user, with two or three the groups are as far apart as they can be.

        Args:
            history: Training interactions.
            holdout: Share of the users that are held out.
            rng: Source of the choice.
        """
        users = rng.permutation(np.unique(history.users))
        count = max(1, int(holdout * len(users)))
        probe, rest = users[:count], users[count:]
        if not len(rest):
            return cls(probe, probe, probe)
        half = (len(rest) + 1) // 2
        judge = rest[half:] if len(rest) > 1 else rest
        return cls(np.sort(rest[:half]), np.sort(judge), np.sort(probe))

    @property
    def trained(self) -> NDArray[np.int64]:
        """Users of the reward model and of the judge."""
        return np.union1d(self.reward, self.judge)

    def save(self, folder: Path) -> None:
        """Write ``users.json``."""
        plain = {name: getattr(self, name).tolist() for name in ("reward", "judge", "probe")}
        (folder / _FILE).write_text(json.dumps(plain), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> UserSplit:
        """Inverse of :meth:`save`."""
        plain = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(**{name: np.array(users, dtype=np.int64) for name, users in plain.items()})
