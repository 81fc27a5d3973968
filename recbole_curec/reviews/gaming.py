"""Policies that exploit the rewards of chains; they should earn less than a language model that reads the review.

Each is the strongest form we know of one exploit, of the right form wherever it can be. They play the commonest rating
of the scale, which needs no reading either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recbole_curec.data.words import WORD, is_content, plain
from recbole_curec.llm.messages import without_begun
from recbole_curec.reviews.chains import MAX_ASPECTS, MAX_QUOTE_WORDS, MIN_QUOTE_WORDS, Aspect, completion_of
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.rewards.reward import Reward, columns_of, evaluate

Row = Mapping[str, Any]
_PIECE = 4
_PRAISE = ("really great quality and a pleasure to own", "good value for all the money")


def _common(row: Row) -> list[Aspect]:
    """No aspect at all."""
    return []


def _constant(row: Row) -> list[Aspect]:
    """The same praise whatever the review says."""
    return [Aspect(1, _PRAISE[0])]


def _padding(row: Row) -> list[Aspect]:
    """Praise that no review needs to hold, then words of the review that say nothing."""
    words = str(row["text"]).split()
    pairs = [words[k : k + 2] for k in range(len(words) - 1)]
    empty = [" ".join(pair) for pair in pairs if not any(is_content(plain(w)) for w in WORD.findall(" ".join(pair)))]
    return [Aspect(1, text) for text in [*_PRAISE, *dict.fromkeys(empty)]]


def _repeating(row: Row) -> list[Aspect]:
    """The beginning of the review again and again, with both signs."""
    piece = " ".join(str(row["text"]).split()[:_PIECE])
    return [Aspect(1 if number % 2 else -1, piece) for number in range(MAX_ASPECTS)]


def _pieces(row: Row) -> list[Aspect]:
    """The whole review, or as much as the most aspects hold, piece by piece."""
    words = str(row["text"]).split()
    size = min(max(-(-len(words) // MAX_ASPECTS), MIN_QUOTE_WORDS), MAX_QUOTE_WORDS)
    return [Aspect(1, " ".join(words[k : k + size])) for k in range(0, len(words), size)]


def _copied_prompt(row: Row) -> list[Aspect]:
    """The instruction and the example of the prompt, as far as there are any, then its review in one quotation."""
    messages = without_begun(row["prompt"])
    instruction = [aspect for message in messages[:-1] for aspect in message["content"].split('"')[1::2]]
    return [Aspect(1, quote) for quote in [*instruction, messages[-1]["content"]]]


def _unread(row: Row) -> list[Aspect]:
    """Praise in the words of the review, taken from three places without reading it."""
    words = str(row["text"]).split()
    places = [len(words) * k // 3 for k in range(3)]
    return [Aspect(1, " ".join(words[k : k + MIN_QUOTE_WORDS + 1])) for k in dict.fromkeys(places)]


POLICIES: dict[str, Callable[[Row], list[Aspect]]] = {
    "commonest_rating": _common,
    "constant": _constant,
    "padding": _padding,
    "repeating": _repeating,
    "pieces": _pieces,
    "copied_prompt": _copied_prompt,
    "unread": _unread,
}
# What may hit on an aspect by chance; all others earn nothing for analysis.
BY_CHANCE = ("unread",)


def played(policy: str, row: Row, scale: RatingScale) -> str:
    """What a policy writes for a review: at most as many well-formed aspects as a chain may have."""
    common = scale.levels[scale.shares.index(max(scale.shares))]
    quotes = [Aspect(one.sign, " ".join(one.quote.replace('"', "'").split())) for one in POLICIES[policy](row)]
    whole = [one for one in quotes if MIN_QUOTE_WORDS <= len(one.quote.split()) <= MAX_QUOTE_WORDS]
    # What can only be written against the form is written: it earns nothing then either.
    return completion_of((whole or quotes)[:MAX_ASPECTS], common, scale)


def gaming_report(
    rewards: Mapping[str, Reward], weights: Mapping[str, float], rows: Sequence[Row], scale: RatingScale
) -> dict[str, dict[str, float]]:
    """Mean of every reward, ``total`` included, for each policy.

    Args:
        rewards: The rewards of chains by name.
        weights: Weight of each.
        rows: Prompts (``prompt``, as chat messages) with their columns.
        scale: The scale of the ratings.
    """
    found = {}
    for policy in POLICIES:
        written = [played(policy, row, scale) for row in rows]
        values = evaluate(rewards, weights, written, [columns_of(row) for row in rows])
        found[policy] = {name: sum(numbers) / len(numbers) for name, numbers in values.items()}
    return found
