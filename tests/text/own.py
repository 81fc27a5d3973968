"""A text encoder of a user's own, as a config file names it: 'tests.text.own:Letters'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.text.encoder import EncoderRequest, TextEncoder


class LettersSettings(SettingsGroup):
    """What a letter is worth."""

    section: ClassVar[str] = "letters"
    worth: float = setting(1.0, "Weight of every letter.", gt=0)


class Letters(TextEncoder):
    """Counts the letters of a text."""

    name: ClassVar[str] = "letters"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (LettersSettings,)

    def __init__(self, worth: float) -> None:
        self.worth = worth

    @classmethod
    def prepare(cls, request: EncoderRequest) -> Letters:
        return cls(request.settings.of(LettersSettings).worth)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = [Counter(text.lower()) for text in texts]
        return np.array([[self.worth * count[letter] for letter in ascii_lowercase] for count in counts], np.float32)
