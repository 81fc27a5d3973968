"""The settings of ``rank``: whether and how the recommender's candidates are put into another order."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import field_validator

from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.settings.statements import MOST_IN_QUERY


class RankSettings(SettingsGroup):
    """After stage 7, rank: the first candidates of the recommender in another order (LightGBM's lambdarank)."""

    section: ClassVar[str] = "rank"
    use: Literal["off", "auto", "on"] = setting(
        "off",
        "Whether candidates are ranked again: 'auto' only if the mean NDCG@10 on validation rises. It trains the "
        "recommender twice more.",
        alias="rank_use",
    )
    candidates: int = setting(
        100, "Best items of a user that are ranked again.", alias="rank_candidates", ge=2, le=MOST_IN_QUERY
    )
    features: list[str] | None = setting(
        None,
        "Families of features: base_score, similar, attribute, popularity, text, or 'my_package.module:Class'; all of "
        "ours that the data allow.",
        alias="rank_features",
    )
    positions: int = setting(
        3,
        "Last training interactions of each user that it learns from, at most.",
        alias="rank_positions",
        ge=1,
    )
    most_users: int = setting(
        20_000, "Most users that it learns from; drawn at random.", alias="rank_most_users", advanced=True, ge=20
    )
    holdout: float = setting(
        0.2,
        "Share of these users whose queries end the training of the ranker.",
        alias="rank_holdout",
        advanced=True,
        gt=0,
        lt=1,
    )
    rounds: int = setting(300, "Trees at most.", alias="rank_rounds", advanced=True, ge=1)
    patience: int = setting(
        30, "Trees without a better NDCG@10 on the held-out queries.", alias="rank_patience", advanced=True, ge=1
    )
    leaves: int = setting(15, "Leaves per tree.", alias="rank_leaves", advanced=True, ge=2)
    learning_rate: float = setting(0.05, "Shrinkage of a tree.", alias="rank_learning_rate", advanced=True, gt=0)

    @field_validator("use", mode="before")
    @classmethod
    def _yaml_word(cls, use: Any) -> Any:
        # YAML reads the words on and off as true and false.
        return {True: "on", False: "off"}[use] if isinstance(use, bool) else use

    @field_validator("features")
    @classmethod
    def _each_once(cls, names: list[str] | None) -> list[str] | None:
        if names is not None and (not names or len(set(names)) != len(names)):
            raise ValueError("it must name at least one family, each once")
        return names

    @property
    def is_used(self) -> bool:
        """Whether a ranker is trained."""
        return self.use != "off"
