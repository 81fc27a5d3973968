"""Chance that nobody can repeat without the salt of a study, which is in its key and on no sheet."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass

import numpy as np

_BYTES = 16


def new_salt() -> str:
    """A secret for one study, in hexadecimal digits."""
    return secrets.token_hex(_BYTES)


@dataclass(frozen=True)
class Salted:
    """Names and generators of a study; without the salt a right guess of the seed looks like a wrong one.

    Attributes:
        salt: The secret, in hexadecimal digits.
        seed: The public seed of the draw.
    """

    salt: str
    seed: int

    def name(self, *use: str | int) -> str:
        """Sixteen hexadecimal digits for a use, of which no generator's state can be worked out."""
        return self._digest("name", *use)[:8].hex()

    def generator(self, *use: str | int) -> np.random.Generator:
        """A generator for a use of its own."""
        return np.random.default_rng(int.from_bytes(self._digest("generator", *use)))

    def _digest(self, *use: str | int) -> bytes:
        return hmac.digest(bytes.fromhex(self.salt), json.dumps([self.seed, *use]).encode(), "sha256")
