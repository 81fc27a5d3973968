"""Prompts for chains of reasoning about one review, as chat messages.

A user message holds only data: the review, on one line. Neither the rating nor a user or item is in it. The system
message instructs a pretrained model; the tiny model's template leaves it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from recbole_curec.data.cleaning import one_line
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN, Message
from recbole_curec.reviews.chains import MAX_QUOTE_WORDS, MIN_QUOTE_WORDS, NO_ASPECT
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.sections import LanguageModelSettings

REVIEW = "Review: "
# What an empty review is shown as, and what stands for the middle of a long one.
_NOTHING, _GAP = "none", "..."


def shown_text(text: str, words: int) -> str:
    """A review as prompts show it: on one line, and a long one as its beginning and its end, where verdicts stand.

    Args:
        text: The review.
        words: Most words of it.
    """
    parts = one_line(text).split()
    if len(parts) > words:
        end = words // 2
        parts = [*parts[: words - end], _GAP, *parts[len(parts) - end :]]
    return " ".join(parts)


def chain_prompt(text: str, words: int, scale: RatingScale, *, begins_thinking: bool = False) -> list[Message]:
    """Prompt for the chain of a review.

    Args:
        text: The review.
        words: Most words of it that are shown.
        scale: Names the lowest and the highest rating.
        begins_thinking: Whether the prompt begins the answer with the think tag, so that a language model cannot leave
            it out.
    """
    messages: list[Message] = [
        {"role": "system", "content": instruction(scale)},
        {"role": "user", "content": f"{REVIEW}{shown_text(text, words) or _NOTHING}"},
    ]
    return [*messages, {"role": "assistant", "content": THINK_OPEN}] if begins_thinking else messages


@dataclass(frozen=True)
class ChainPrompts:
    """The prompts of a run: what its settings say of them, for one rating scale.

    Attributes:
        words: Most words of a review that are shown.
        begins_thinking: Whether prompts begin the answer, as they do for pretrained models.
        scale: Names the lowest and the highest rating.
    """

    words: int
    begins_thinking: bool
    scale: RatingScale

    @classmethod
    def of(cls, settings: SettingsReader, scale: RatingScale) -> ChainPrompts:
        """The prompts of a run."""
        return cls(settings.of(ChainSettings).review_words, settings.of(LanguageModelSettings).is_pretrained, scale)

    def about(self, text: str) -> list[Message]:
        """Prompt for the chain of a review (:func:`chain_prompt`)."""
        return chain_prompt(text, self.words, self.scale, begins_thinking=self.begins_thinking)

    def shown(self, text: str) -> str:
        """The review as its prompt shows it."""
        return shown_text(text, self.words)


def instruction(scale: RatingScale) -> str:
    """The system message: what a chain is, with an example on this scale."""
    lowest, highest = scale.text(scale.lowest), scale.text(scale.highest)
    example = scale.text(scale.nearest(scale.lowest + 0.75 * (scale.highest - scale.lowest)))
    return (
        f"You read a review and say which rating its author gave, from {lowest} to {highest}. First write "
        f"{THINK_OPEN}, then up to four aspects that decide the rating, the strongest first, separated by "
        f"semicolons: + for praise or - for blame and {MIN_QUOTE_WORDS} to {MAX_QUOTE_WORDS} words of the review in "
        f"double quotes, word for word; {NO_ASPECT} if there is no such aspect. "
        f"Then write {THINK_CLOSE} and the rating, and nothing behind it.\n"
        "For example, if the review is: Great sound for the money, and it is easy to tune. Sadly the cable is too "
        "short.\n"
        f'{THINK_OPEN} + "Great sound for the money"; + "easy to tune"; - "the cable is too short"{THINK_CLOSE} '
        f"Rating: {example}"
    )
