"""Rewards of a user's own, as a config file names them: 'tests.rewards.own:Brevity'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from recbole_curec.reasons.parsing import words_of
from recbole_curec.rewards.reward import Reward, RewardRequest, parsed
from recbole_curec.settings.group import SettingsGroup, setting


class BrevitySettings(SettingsGroup):
    """How short is short."""

    section: ClassVar[str] = "brevity"
    words: int = setting(10, "Words that cost nothing.", ge=1)


class Brevity(Reward):
    """Every word beyond a length costs a tenth."""

    name: ClassVar[str] = "brevity"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (BrevitySettings,)

    def __init__(self, words: int) -> None:
        self.words = words

    @classmethod
    def prepare(cls, request: RewardRequest) -> Brevity:
        return cls(request.settings.of(BrevitySettings).words)

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        return [-max(len(words_of(reason.text)) - self.words, 0) / 10 for reason in parsed(completions)]


class _Constant(Reward):
    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        return [1.0] * len(completions)


class Nameless(_Constant):
    """Cannot be logged."""


class OwnFormat(_Constant):
    """Takes the name of a reward that is always measured."""

    name: ClassVar[str] = "format"


class OwnTotal(_Constant):
    """Takes the name of the sum of all."""

    name: ClassVar[str] = "total"
