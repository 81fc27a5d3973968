"""An engine of a user's own, as a config file names it: 'tests.llm.engines.own:Echo'."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import ClassVar

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.engines.engine import Engine, EngineRequest, seed_number
from recbole_curec.llm.messages import Message
from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.settings.settings import Settings

_WORDS = ("well", "much", "truly", "really", "gladly", "surely", "warmly", "simply")


class EchoSettings(SettingsGroup):
    """How an echo sounds."""

    section: ClassVar[str] = "echo"
    word: str = setting("enjoy", "Verb of every sentence.")


class Echo(Engine):
    """Names the target of a prompt without any model."""

    name: ClassVar[str] = "echo"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (EchoSettings,)

    def __init__(self, word: str) -> None:
        self.word = word

    @classmethod
    def check(cls, settings: Settings) -> None:
        """One word."""
        if " " in settings.of(EchoSettings).word:
            raise ConfigurationError("echo.word holds a space: give one word.")

    @classmethod
    def open(cls, request: EngineRequest) -> Echo:
        assert (request.weights / "config.json").is_file()
        return cls(request.settings.of(EchoSettings).word)

    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        written = []
        for number, prompt in enumerate(prompts):
            rng = random.Random(seed_number(seed, number))
            target = prompt[-1]["content"].rsplit('"', 2)[-2]
            how = " and ".join(rng.choices(_WORDS, k=3)) if temperature else _WORDS[0]
            written.append(f'<think> "{target}"</think> You may {how} {self.word} "{target}", it is popular.')
        return written
