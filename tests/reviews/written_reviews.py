"""Reviews whose rating and item follow from words in them."""

from __future__ import annotations

import numpy as np

from recbole_curec.reviews.table import ReviewTable
from recbole_curec.settings.embed import EmbedSettings

OF_RATING = {1.0: "awful broken", 3.0: "average usable", 5.0: "wonderful sturdy"}
FILLER = ["the", "of", "and", "it", "this", "was", "with", "for", "my", "a", "when", "after"]
QUICK = EmbedSettings(
    hidden_size=32, layers=1, vocab_size=400, dim=16, max_tokens=32, epochs=6, batch_size=32, learning_rate=5e-3
)


def written_reviews(n_users: int = 40, per_user: int = 10, n_items: int = 20, seed: int = 0) -> ReviewTable:
    """Every review names its item's word and says in two words how it is rated; the rest is filler."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        for item in sorted(rng.choice(n_items, per_user, replace=False)):
            rating = float(rng.choice([1.0, 3.0, 5.0], p=[0.2, 0.2, 0.6]))
            words = [*rng.choice(FILLER, 6), f"gadget{chr(97 + item) * 3}", *OF_RATING[rating].split()]
            rows.append((f"u{user:02}", f"i{item:02}", rating, " ".join(rng.permutation(words))))
    users, items, ratings, texts = zip(*rows, strict=True)
    return ReviewTable(
        users=np.array(users),
        items=np.array(items),
        ratings=np.array(ratings),
        texts=np.array(texts, dtype=object),
        folds=rng.integers(0, 2, len(rows)),
    )


def chains_of(table: ReviewTable) -> list[str]:
    """A chain per review that quotes the words about its rating."""
    signs = {1.0: "-", 3.0: "+", 5.0: "+"}
    return [f'{signs[rating]} "{OF_RATING[rating]}"' for rating in table.ratings]
