"""Tells of the training reviews that vectors were made of, in a run that writes no reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recbole_curec.data.collected import Collected
from recbole_curec.explanations.explained import VectorReviews
from recbole_curec.ranking.reranker import Moved
from recbole_curec.serving.quoted_reviews import QuotedReviews
from recbole_curec.serving.told import Teller, Told

# Reviews that are told of an item and of a user: the latest.
_MOST = 5


class ReviewTeller(Teller):
    """The reviews behind the vectors of the item and of the user; the user's own of the item is left out.

    Which of them moves a score, and by how much, is not said: a vector is a mean over all of them.

    Args:
        collected: The items that can be told of, and the training history.
        reviews: The training reviews of the run.
    """

    def __init__(self, collected: Collected, reviews: QuotedReviews) -> None:
        self.collected, self._reviews = collected, reviews

    def tell(
        self,
        pairs: Sequence[tuple[str, str]],
        histories: Mapping[str, Sequence[str]],
        moves: Mapping[str, Mapping[str, Moved]],
    ) -> list[Told]:
        """The reviews of every pair; see :meth:`recbole_curec.serving.told.Teller.tell`."""
        return [Told(reviews=self._of(user, item)) for user, item in pairs]

    def _of(self, user: str, item: str) -> VectorReviews:
        found = self._reviews
        about, by = (
            [number for number in numbers if found.pair(number) != (user, item)]
            for numbers in (found.about_item(item), found.by_user(user))
        )
        return VectorReviews(
            item=[found.of(number) for number in about[:_MOST]],
            user=[found.of(number) for number in by[:_MOST]],
            n_item=len(about),
            n_user=len(by),
        )
