"""Settings of a user's own: of a reward and of a stage after stage 6, and groups that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.rewards.reward import Reward
from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.settings.sections import CollectSettings

HOUSE, REPORT = "tests.settings.own:HouseReward", "tests.settings.own:STAGE"


class HouseSettings(SettingsGroup):
    """House style."""

    section: ClassVar[str] = "house"
    epochs: int = setting(3, "Named like a setting of RecBole.", ge=1)
    fusion: Literal["plain", "rich"] = setting("plain", "Named like a setting of ours.")
    loud: bool = setting(False, "Changes nothing.", changes_result=False)
    rooms: int = 4  # a field as pydantic has it


class _Silent(Reward):
    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float]:
        return [0.0] * len(completions)


class HouseReward(_Silent):
    """A reward with settings."""

    name: ClassVar[str] = "house"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (HouseSettings,)


class ReportSettings(SettingsGroup):
    """A report."""

    section: ClassVar[str] = "report"
    pages: int = setting(2, "Length.", ge=1)


def _run(job: Job) -> StageResult:
    return StageResult("")


STAGE = Stage(name="report", run=_run, settings=(ReportSettings, CollectSettings), inputs=("correct",))


class TakenSettings(SettingsGroup):
    """Takes a section of ours."""

    section: ClassVar[str] = "align"
    pages: int = setting(2, "Length.")


class TakesASection(_Silent):
    name: ClassVar[str] = "takes_a_section"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (TakenSettings,)


class OtherHouseSettings(SettingsGroup):
    """Takes the section of another one of the user's own."""

    section: ClassVar[str] = "house"


class TakesAHouse(_Silent):
    name: ClassVar[str] = "takes_a_house"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (OtherHouseSettings,)


class NowhereSettings(SettingsGroup):
    """Has no section."""


class HasNoSection(_Silent):
    name: ClassVar[str] = "has_no_section"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (NowhereSettings,)
