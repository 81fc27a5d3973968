"""``teacher: reviews``: the ``evidence`` teacher with quotations from the user's earlier reviews."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.extensions import TEACHERS
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.group import SettingsGroup, setting


class ReviewsTeacherSettings(SettingsGroup):
    """``teacher: reviews``."""

    section: ClassVar[str] = "reviews"
    # The reviews themselves are part of the data.
    field: str | None = setting(
        None,
        "Column of review text for 'reviews'; the first that looks like it.",
        alias="review_field",
        changes_result=False,
    )


@TEACHERS.register
class ReviewsTeacher(EvidenceTeacher):
    """Quotes the user's own earlier reviews where they are relevant to the target."""

    name: ClassVar[str] = "reviews"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (ReviewsTeacherSettings,)
    reads_reviews: ClassVar[bool] = True
