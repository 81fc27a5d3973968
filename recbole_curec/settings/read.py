"""The settings of RecCoT's stage ``read``: which reviews are read, and into how many folds they are split."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.settings.group import SettingsGroup, setting


class ReadSettings(SettingsGroup):
    """RecCoT's stage read: the reviews of the training split."""

    section: ClassVar[str] = "read"
    summary_field: str | None = setting(
        None,
        "Column with the headline of a review, which is put before it; 'summary' where there is one.",
        alias="summary_field",
    )
    folds: int = setting(
        2,
        "Folds of the training reviews: what is written about a review, and its vector, come from models that were "
        "trained on the other folds. 1 trains on all of them, a leak that is there to be compared with.",
        alias="review_folds",
        ge=1,
        le=20,
    )
