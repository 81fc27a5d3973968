"""The settings of the stage ``statements``: the pool of other users' sentences, and the ranker that chooses."""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator

from recbole_curec.settings.group import SettingsGroup, setting

# LightGBM's lambdarank takes no longer query.
MOST_IN_QUERY = 10_000


class StatementSettings(SettingsGroup):
    """After stage 1, statements: sentences of other users' earlier reviews, chosen for a user; off by default.

    The stage runs where collect.evidence_statements or encode.statements asks for it.
    """

    section: ClassVar[str] = "statements"
    candidates: int = setting(
        200,
        "Statements about an item to choose from, the latest before the interaction.",
        ge=2,
        le=MOST_IN_QUERY,
        alias="statement_pool",
    )
    per_interaction: int = setting(
        3,
        "Statements chosen for a training interaction, of different reviews, that become vectors.",
        ge=1,
        alias="statements_per_interaction",
    )
    grades: list[float] = setting(
        [0.15, 0.25, 0.4],
        "Cosine of a statement with the nearest one of the user's own review of the item from which its label is 1, 2 "
        "and 3; below the first it is 0.",
        advanced=True,
        alias="statement_grades",
    )
    queries: int = setting(
        10_000,
        "Most training interactions the ranker of a fold learns from.",
        advanced=True,
        ge=1,
        alias="statement_queries",
    )
    trees: int = setting(150, "Trees of the ranker.", advanced=True, ge=1, alias="statement_trees")
    leaves: int = setting(15, "Leaves of a tree.", advanced=True, ge=2, alias="statement_leaves")
    learning_rate: float = setting(
        0.05, "Learning rate of the ranker.", advanced=True, gt=0, alias="statement_learning_rate"
    )

    @field_validator("grades")
    @classmethod
    def _grades_rise(cls, grades: list[float]) -> list[float]:
        if len(grades) != 3 or not 0 < grades[0] < grades[1] < grades[2] <= 1:
            raise ValueError("three rising cosines above 0 and up to 1 are needed, such as [0.15, 0.25, 0.4]")
        return grades
