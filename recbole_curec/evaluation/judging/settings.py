"""Settings of ``curec judge``; the server is that of the section ``openai``."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.settings.group import SettingsGroup, setting

MODEL_SETTING = "judge.model"


class JudgeSettings(SettingsGroup):
    """Who judges, and what."""

    section: ClassVar[str] = "judge"
    model: str | None = setting(None, "Model of the server that judges; no default.", alias="judge.model")
    writers: str | None = setting(
        None,
        "Models that wrote the explanations, separated by commas; the judge must be of another family.",
        alias="judge.writers",
    )
    pairs: int = setting(200, "Pairs that are judged, drawn at random.", alias="judge.pairs", ge=1)
    planted: int = setting(
        40,
        "Comparisons with a planted worse side: half about the wrong item, half generic.",
        alias="judge.planted",
        ge=2,
    )
    length_factor: float = setting(
        1.5,
        "Pairs in which one explanation has more than so many times the other's words are set aside.",
        alias="judge.length_factor",
        ge=1,
    )
    max_tokens: int = setting(512, "Longest answer of the judge, thinking included.", alias="judge.max_tokens", ge=1)
    seed: int = setting(0, "Seed of the draw.", alias="judge.seed", ge=0)
