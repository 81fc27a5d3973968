"""The sentences of training reviews that controls take their explanations from."""

from __future__ import annotations

from collections.abc import Sequence

from tqdm import tqdm

from recbole_curec.errors import DataError
from recbole_curec.evaluation.controls.typical import TypicalSentences
from recbole_curec.evaluation.sentences import clean_sentences

# Reasons have 25 words on average; a longer sentence would be typical of more for its length alone.
_MOST_WORDS = 25


class SentencePool:
    """Sentences of training reviews by item, none of which states a score or is longer than reasons usually are.

    Args:
        reviews: User, item and text of every training review.

    Raises:
        DataError: No review has a sentence.
    """

    def __init__(self, reviews: Sequence[tuple[str, str, str]]) -> None:
        sentences: list[str] = []
        self._by_item: dict[str, list[tuple[int, str]]] = {}
        for user, item, text in tqdm(reviews, desc="sentences of reviews", leave=False, disable=None):
            for sentence in clean_sentences(text, _MOST_WORDS):
                self._by_item.setdefault(item, []).append((len(sentences), user))
                sentences.append(sentence)
        if not sentences:
            raise DataError(
                "No training review has a sentence, so no control can be taken from them: leave out constant, popular "
                "and oracle, or give data with reviews."
            )
        self.typical = TypicalSentences(sentences)

    def by_others(self, user: str, item: str) -> list[int]:
        """Places of the sentences about an item that other users wrote."""
        return [place for place, writer in self._by_item.get(item, ()) if writer != user]

    def candidates(self, user: str, item: str) -> list[str]:
        """The sentences about an item that other users wrote."""
        return [self.typical.sentences[place] for place in self.by_others(user, item)]
