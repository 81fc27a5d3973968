"""The settings of RecCoT's rating model."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from recbole_curec.settings.group import SettingsGroup, setting


class RatingSettings(SettingsGroup):
    """The rating model of RecCoT: what it reads of past reviews, and its size."""

    section: ClassVar[str] = "reccot"
    use: Literal["reviews", "masked", "ids"] = setting(
        "reviews",
        "What predicts a rating: past reviews; the same with every review's vector replaced by zeros (masked), so that "
        "ratings and ids are left; or ids alone, without past reviews.",
        alias="rating_use",
    )
    review_history: int = setting(10, "Most past reviews of the user, and of the item, that are read.", ge=1)
    shuffled: bool = setting(
        False,
        "Give every review the vector of another review of the same item: a control for what reviews say.",
        alias="rating_shuffled",
        advanced=True,
    )
    hidden_size: int = setting(32, "Width of the rating model.", alias="rating_hidden_size", advanced=True, ge=4)
    layers: int = setting(1, "Transformer layers over the past reviews.", alias="rating_layers", advanced=True, ge=1)
    heads: int = setting(2, "Attention heads of the rating model.", alias="rating_heads", advanced=True, ge=1)
    dropout: float = setting(0.3, "Dropout of the rating model.", alias="rating_dropout", advanced=True, ge=0, lt=1)
    contrast: float = setting(
        0.0,
        "Weight of the InfoNCE loss between what past reviews say of a user or an item and the id's vector.",
        alias="rating_contrast",
        advanced=True,
        ge=0,
    )
    rarity: float = setting(
        0.0,
        "How much rare ratings weigh in the loss: one over the root of a rating's share, to this power. It lowers the "
        "error of rare ratings and raises that of common ones.",
        alias="rating_rarity",
        ge=0,
        le=2,
    )
    bias_l2: float | None = setting(
        None,
        "Ridge penalty of the biases of users and items, in ratings; the best of a grid by leave-one-out error on the "
        "training ratings.",
        alias="rating_bias_l2",
        advanced=True,
        gt=0,
    )

    @model_validator(mode="after")
    def _heads_divide_the_width(self) -> RatingSettings:
        if self.hidden_size % self.heads:
            raise ValueError(
                f"reccot.hidden_size: {self.hidden_size} cannot be shared by reccot.heads: {self.heads}: give a "
                "multiple of it"
            )
        return self

    @property
    def reads_reviews(self) -> bool:
        """Whether past reviews are read, be it masked."""
        return self.use != "ids"
