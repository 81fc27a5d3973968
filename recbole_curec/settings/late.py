"""The settings of ``recommend.fusion: late``: which towers there are, and how their scores are summed."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from recbole_curec.settings.group import SettingsGroup, setting

LATE = "late"  # the value of recommend.fusion
NO_FUSION = "none"


class LateSettings(SettingsGroup):
    """Stage 7, recommend, with ``fusion: late``: several towers of one backbone, without shared weights."""

    section: ClassVar[str] = "late"
    towers: list[str] = setting(
        [NO_FUSION, "gate"],
        "The fusion of every tower, two or more: none (ids alone), init, gate, concat, frozen or "
        "'my_package.module:Class'; one that is named twice gets other initial weights.",
        alias="late_towers",
        words=[NO_FUSION],
    )
    weights: Literal["equal", "validation"] = setting(
        "equal",
        "How the standardised scores are weighted: equally, or by the best of a coarse grid on the validation split.",
        alias="late_weights",
    )
    cosine: bool = setting(
        False,
        "Towers with features score by cosine times a learned scale instead of by dot product; at all positions only.",
        alias="late_cosine",
        advanced=True,
    )

    @model_validator(mode="after")
    def _several_towers(self) -> LateSettings:
        if len(self.towers) < 2:
            raise ValueError(
                f"late.towers {self.towers} needs at least two towers: add one, or set recommend.fusion to the only one"
            )
        return self
